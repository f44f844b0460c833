import Contracts

/// The open step: what must hold of every autoscaler.
public struct AutoscalerTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any AutoscalerContract {
        RemoteAutoscaler(asking: asker)
    }

    /// Tries an autoscaler; `expect` throws where it is wrong.
    public func test(_ part: any AutoscalerContract) throws {
        // step 17.8 begin
        try expect(wish(part, [90, 90, 90]) == 6, "90 % against 50 % of 3 pods asks for 6")
        try expect(wish(part, [56, 56]) == 3, "2.24 pods are 3 pods")
        try expect(wish(part, [55, 55]) == 2, "10 % too much changes nothing")
        try expect(wish(part, [90, 90, nil]) == 4, "a pod without metrics is idle when growing")
        try expect(wish(part, [10, nil]) == 2, "and busy when shrinking")
        try expect(part.choose(among: [3, 7, nil], current: 5) == 7, "the highest wish wins")
        try expect(part.choose(among: [3, nil], current: 5) == nil, "with one unknown, none falls")
        var view = AutoscalerView(maxReplicas: 50, current: 5, metrics: [], now: 1000)
        try expect(part.bounded(60, view: view) == 50, "never above maxReplicas")
        try expect(part.limit(20, view: view) == 10, "at most double, or 4 more, in 15 s")
        view.changes = [Past(3, at: 990)]
        try expect(part.limit(20, view: view) == 6, "what was added in the period counts")
        view.recommendations = [Past(4, at: 650), Past(4, at: 720), Past(3, at: 900)]
        try expect(part.stabilise(2, view: view) == 4, "falls to the highest of its window")
        // step 17.8 end
    }

    /// What pods that use so many of their 100 millicores ask for, at a target of 50 percent.
    func wish(_ part: any AutoscalerContract, _ usage: [Int?]) throws -> Int {
        let pods = usage.enumerated().map {
            PodSample(name: "p\($0.offset)", usage: $0.element, request: 100)
        }
        let metric = MetricFacts(resource: "cpu", kind: .utilization, target: 50, pods: pods)
        return try part.recommend(metric, current: usage.count).replicas
    }
}
