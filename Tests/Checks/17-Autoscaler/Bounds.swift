import ContractAutoscaler
import Grading

/// 17.2: never below minReplicas, never above maxReplicas.
let boundsHold = Check("17.2") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    for (low, high) in [(2, 5), (1, 1), (3, 100)] {
        let view = AutoscalerView(
            minReplicas: low, maxReplicas: high, current: low, metrics: [], now: 1000)
        for wanted in [0, 1, low, low + 1, high, high + 1, 1000] {
            let seen = try part.bounded(wanted, view: view)
            let asked = "\(wanted) wanted, between \(low) and \(high)"
            try require(
                seen <= high, "never above maxReplicas: \(asked)", seen: "\(seen)",
                idea: "maxReplicas is what the owner is ready to pay, whatever the load.")
            try require(
                seen >= low, "never below minReplicas: \(asked)", seen: "\(seen)",
                idea: "minReplicas is what the owner wants to have when nobody asks for anything.")
            if (low...high).contains(wanted) {
                try expect(
                    seen, is: wanted, "inside the bounds nothing is changed: \(asked)",
                    idea: "The bounds cut off what is outside them, and do nothing else.")
            } else {
                try expect(
                    seen, is: wanted > high ? high : low,
                    "what is outside comes to the nearest bound: \(asked)",
                    idea: "Too many: as many as may be. Too few: as few as may be.")
            }
        }
    }
}
