import ContractAutoscaler

/// What some pods use, beside what they should. Whole numbers throughout: 1.1 is no binary fraction,
/// and `ceil` makes a whole pod of the smallest error.
struct Load {
    /// Percent of the requests, or the mean usage: what stands against `target`.
    let value: Int
    let target: Int
    /// Millicores or bytes a pod.
    let average: Int
    let count: Int

    /// - Parameter pods: each with a usage.
    init(of pods: [PodSample], _ metric: MetricFacts) throws {
        guard !pods.isEmpty else {
            throw NoMetrics("no metrics known for \(metric.resource) of any ready pod")
        }
        (count, target) = (pods.count, max(1, metric.target))
        average = pods.compactMap(\.usage).reduce(0, +) / pods.count
        guard metric.kind == .utilization else {
            value = average
            return
        }
        if let pod = pods.first(where: { $0.request ?? 0 < 1 }) {
            throw NoMetrics("missing request for \(metric.resource) in pod \(pod.name)")
        }
        value = try Load.percent(of: pods)
    }

    var isAbove: Bool { value > target }
    var isBelow: Bool { value < target }

    /// What all these pods use, in percent of what all of them request; each has both.
    private static func percent(of pods: [PodSample]) throws -> Int {
        // step 17.1 begin
        let usage = pods.compactMap(\.usage).reduce(0, +)
        let requests = pods.compactMap(\.request).reduce(0, +)
        return usage * 100 / requests
        // step 17.1 end
    }

    /// Whether the value is so near the target that nothing moves: at most
    /// `autoscalerTolerancePercent` of the target away from it, on either side.
    func isWithinTolerance() throws -> Bool {
        // step 17.1 begin
        abs(value - target) * 100 <= target * autoscalerTolerancePercent
        // step 17.1 end
    }

    /// How many pods, in place of `count`, would bring the value to the target: the fewest with
    /// which it is not above.
    func replicas() throws -> Int {
        // step 17.1 begin
        (value * count + target - 1) / target
        // step 17.1 end
    }
}
