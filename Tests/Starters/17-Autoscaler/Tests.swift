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
        throw Unfinished("17.8")
        // step 17.8 end
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
