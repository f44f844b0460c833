import Contracts

/// Lab 17: how many pods the load asks for.
public struct Autoscaler: AutoscalerPart {
    public init() {}

    /// Usage against target, with care about what is not known.
    public func recommend(_ metric: MetricFacts, current: Int) throws -> Recommendation {
        let pods = metric.pods.filter { !$0.gone }
        let unready = pods.filter { metric.resource == "cpu" && !$0.ready }
        let known = pods.filter { metric.resource != "cpu" || $0.ready }
        let measured = known.filter { $0.usage != nil }
        let missing = known.filter { $0.usage == nil }
        let load = try Load(of: measured, metric)
        func answer(_ replicas: Int) -> Recommendation {
            Recommendation(
                replicas: replicas, utilization: metric.kind == .utilization ? load.value : nil,
                averageValue: load.average)
        }
        if missing.isEmpty, unready.isEmpty || !load.isAbove {
            return answer(try wanted(load, current))
        }
        return answer(try wanted(load, current, measured, missing, unready, metric))
    }

    /// All is known.
    private func wanted(_ load: Load, _ current: Int) throws -> Int {
        // step 17.2 begin
        throw Unfinished("17.2")
        // step 17.2 end
    }

    /// Some pods say nothing, or nothing that counts.
    private func wanted(
        _ load: Load, _ current: Int, _ measured: [PodSample], _ missing: [PodSample],
        _ unready: [PodSample], _ metric: MetricFacts
    ) throws -> Int {
        // step 17.3 begin
        throw Unfinished("17.3")
        // step 17.3 end
    }

    private func assumed(_ pod: PodSample, usage: Int) -> PodSample {
        var pod = pod
        pod.usage = usage
        return pod
    }

    /// A pod that is taken to use what it should, so that its silence shrinks nothing.
    private func assumed(_ pod: PodSample, atTarget metric: MetricFacts) -> PodSample {
        switch metric.kind {
        case .utilization: assumed(pod, usage: (pod.request ?? 0) * max(100, metric.target) / 100)
        case .averageValue: assumed(pod, usage: metric.target)
        }
    }
}

/// What some pods use, beside what they should. Whole numbers throughout, so that 1.1 × 10 is 11.
struct Load {
    /// Percent of the requests, or the mean usage: what stands against `target`.
    let value: Int
    let target: Int
    let average: Int
    let count: Int

    init(of pods: [PodSample], _ metric: MetricFacts) throws {
        guard !pods.isEmpty else {
            throw NoMetrics("no metrics known for \(metric.resource) of any ready pod")
        }
        let usage = pods.compactMap(\.usage).reduce(0, +)
        (count, target, average) = (pods.count, max(1, metric.target), usage / pods.count)
        guard metric.kind == .utilization else {
            value = average
            return
        }
        if let pod = pods.first(where: { $0.request == nil }) {
            throw NoMetrics("missing request for \(metric.resource) in pod \(pod.name)")
        }
        // step 17.1 begin
        throw Unfinished("17.1")
        // step 17.1 end
    }

    var isAbove: Bool { value > target }
    var isBelow: Bool { value < target }
    /// |value / target - 1| is at most 10 %.
    var isWithinTolerance: Bool { abs(value - target) * 100 <= target * autoscalerTolerancePercent }
    /// ceil(value / target × count).
    var replicas: Int { (value * count + target - 1) / target }
}
