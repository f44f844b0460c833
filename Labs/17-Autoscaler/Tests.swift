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
        throw Unfinished("17.8")
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
