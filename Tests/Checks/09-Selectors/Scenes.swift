import ContractSelectors
import Grading
import WorkloadSimulation

/// `lab try 09 [relabel|adopt|scale|lose] [--seed N] [--lag SECONDS]`: one scene in a simulated
/// cluster, told line by line, and the pods at its end.
func playScene(_ part: PartProgram, _ arguments: [String]) throws {
    var (scene, seed, lag) = ("relabel", 1, 0)
    var rest = arguments[...]
    while let word = rest.popFirst() {
        switch word {
        case "relabel", "adopt", "scale", "lose": scene = word
        case "--seed": seed = rest.popFirst().flatMap(Int.init) ?? seed
        case "--lag": lag = min(10, max(0, rest.popFirst().flatMap(Int.init) ?? lag))
        default:
            throw Failed(
                "lab try 09 [relabel|adopt|scale|lose] [--seed N] [--lag SECONDS]", idea: "")
        }
    }
    var run = SetRun(
        seed: seed, replicas: 3, lagMax: lag, selectors: RemoteSelectors(asking: part))
    do {
        try run.settle(quietSeconds: 5)
        switch scene {
        case "adopt":
            run.addStranger()
        case "scale":
            run.scale(to: 5)
            try run.settle(quietSeconds: 5)
            run.scale(to: 2)
        case "lose":
            run.stage.lose(run.owned[0])
        default:
            run.relabel(run.owned[0])
        }
        try run.settle(quietSeconds: 5)
        print(run.timeline)
    } catch let broken as BrokenPromise {
        print(broken.timeline)
    }
    print("\n" + table(run))
}

/// The pods as `kubectl get pods -L app` would show them, and who owns each.
private func table(_ run: SetRun) -> String {
    let rows = run.world.pods.values.map(\.facts).sorted { $0.name < $1.name }.map { pod in
        let state = pod.terminating ? "Terminating" : pod.phase.rawValue
        let owner = pod.controllerUID == run.set.facts.uid ? SetRun.name : "nobody"
        return [pod.name, state, pod.labels["app"] ?? "", pod.node ?? "", owner]
    }
    let all = [["NAME", "STATUS", "APP", "NODE", "OWNER"]] + rows
    let widths = (0..<5).map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
        zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            .joined(separator: "   ")
    }.joined(separator: "\n")
}
