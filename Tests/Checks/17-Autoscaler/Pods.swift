import ContractAutoscaler
import Grading

/// Pods that request 100 millicores each, with a usage each; nil: no measurement.
func pods(_ usage: [Int?], starting: [Int] = []) -> [PodSample] {
    let running = usage.enumerated().map {
        PodSample(name: "web-\($0.offset)", usage: $0.element, request: 100)
    }
    let unready = starting.enumerated().map {
        PodSample(name: "new-\($0.offset)", ready: false, usage: $0.element, request: 100)
    }
    return running + unready
}

/// A cpu metric with a target in percent of the requests.
func cpu(_ pods: [PodSample], target: Int = 50) -> MetricFacts {
    MetricFacts(resource: "cpu", kind: .utilization, target: target, pods: pods)
}

/// One question about what a metric asks for, and the right answer.
struct WishCase {
    var claim: String
    var metric: MetricFacts
    var current: Int
    var wanted: Int
    var idea: String

    init(
        _ claim: String, _ metric: MetricFacts, current: Int, wanted: Int, idea: String
    ) {
        (self.claim, self.metric, self.current) = (claim, metric, current)
        (self.wanted, self.idea) = (wanted, idea)
    }

    func check(_ part: RemoteAutoscaler) throws {
        let seen = try part.recommend(metric, current: current).replicas
        try expect(seen, is: wanted, "\(claim): \(scene)", idea: idea)
    }

    /// `3 pods now, target 50 %, usage 90 90 none of 100`
    private var scene: String {
        let unit = metric.kind == .utilization ? " %" : " a pod"
        let each = metric.pods.map { pod in
            (pod.usage.map(String.init) ?? "unknown") + (pod.ready ? "" : " (not ready)")
        }
        return "\(metric.resource), \(current) wanted now, target \(metric.target)\(unit), "
            + "usage \(each.joined(separator: ", ")), requests of 100"
    }
}
