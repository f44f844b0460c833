import ContractAutoscaler

/// The open step: what must hold of every autoscaler.
public struct AutoscalerTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any AutoscalerContract {
        RemoteAutoscaler(asking: asker)
    }

    /// Tries an autoscaler; `expect` throws where it is wrong.
    public func test(_ part: any AutoscalerContract) throws {
        // step 17.8 begin
        try formula(part)
        try unknown(part)
        try behaviour(part)
        try memory(part)
        // step 17.8 end
    }

    private func formula(_ part: any AutoscalerContract) throws {
        try expect(wish(part, [90, 90, 90]) == 6, "90 % against 50 % of 3 pods asks for 6")
        try expect(wish(part, [62, 62]) == 3, "2.48 pods are 3 pods")
        var even = metric(Array(repeating: 290, count: 7))
        even.target = 70
        try expect(part.recommend(even, current: 7).replicas == 29, "7 times 290 is 29 times 70")
        try expect(
            wish(part, Array(repeating: 55, count: 10)) == 10, "10 % is within the tolerance")
        try expect(wish(part, Array(repeating: 56, count: 10)) == 12, "12 % is not")
        var uneven = metric([90, 10])
        uneven.pods[1].request = 400
        try expect(
            part.recommend(uneven, current: 2).utilization == 20, "100 of 500 are 20 %")
        try expect(part.choose(among: [3, 7, nil], current: 5) == 7, "the highest wish wins")
        try expect(part.choose(among: [3, nil], current: 5) == nil, "with one unknown, none falls")
    }

    private func unknown(_ part: any AutoscalerContract) throws {
        try expect(wish(part, [80, 80, nil]) == 3, "a pod without metrics is idle when growing")
        try expect(wish(part, [10, nil]) == 2, "and busy when shrinking")
        try expect(wish(part, [90, nil, nil]) == 3, "a guess does not turn growing into shrinking")
        try expect(wish(part, [80, 80, 300], starting: 2) == 3, "a start-up is no load")
    }

    private func behaviour(_ part: any AutoscalerContract) throws {
        var view = view(current: 5)
        try expect(part.bounded(60, view: view) == 50, "never above maxReplicas")
        try expect(part.bounded(0, view: view) == 1, "never below minReplicas")
        view.changes = [Past(3, at: 990)]
        try expect(part.limit(20, view: view) == 6, "what was added in the period counts")
        view.down.policies = [
            .init(.pods, 1, periodSeconds: 60), .init(.pods, 2, periodSeconds: 60),
        ]
        view.changes = []
        try expect(part.limit(1, view: view) == 3, "Max allows the most change downwards")
        view.recommendations = [Past(4, at: 720), Past(3, at: 900)]
        try expect(part.stabilise(2, view: view) == 4, "falls to the highest of its window")
        view.recommendations = [Past(9, at: 900)]
        try expect(part.stabilise(4, view: view) == 5, "the past raises nothing")
    }

    private func memory(_ part: any AutoscalerContract) throws {
        var view = view(current: 4)
        view.metrics = [metric([10, 10, 10, 10])]
        view.recommendations = [Past(8, at: 600), Past(4, at: 750)]
        let plan = try part.plan(view)
        try expect(plan.replicas == 4, "the window holds it")
        try expect(
            plan.recommendations == [Past(4, at: 750), Past(1, at: 1000)],
            "what was recommended is remembered, and what is older than the windows is not")
        view.up.windowSeconds = 600
        try expect(part.plan(view).recommendations.count == 3, "the longer window counts")
    }

    private func view(current: Int) -> AutoscalerView {
        AutoscalerView(maxReplicas: 50, current: current, metrics: [], now: 1000)
    }

    /// A target of 50 percent for pods that use so many of their 100 millicores; nil: not known.
    /// - Parameter starting: the place of a pod that is not ready.
    private func metric(_ usage: [Int?], starting: Int? = nil) -> MetricFacts {
        let pods = usage.enumerated().map { place, usage in
            PodSample(name: "p\(place)", ready: place != starting, usage: usage, request: 100)
        }
        return MetricFacts(resource: "cpu", kind: .utilization, target: 50, pods: pods)
    }

    /// How many pods such a metric asks for.
    private func wish(
        _ part: any AutoscalerContract, _ usage: [Int?], starting: Int? = nil
    ) throws -> Int {
        try part.recommend(metric(usage, starting: starting), current: usage.count).replicas
    }
}
