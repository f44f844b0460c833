import ContractAutoscaler

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
        let replicas: Int
        if missing.isEmpty, unready.isEmpty || !load.isAbove {
            replicas = try load.isWithinTolerance() ? current : load.replicas()
        } else {
            replicas = try careful(load, current, measured, missing, unready, metric)
        }
        return Recommendation(
            replicas: replicas, utilization: metric.kind == .utilization ? load.value : nil,
            averageValue: load.average)
    }

    /// The number of pods when some say nothing, or nothing that counts.
    ///
    /// The unknown are filled in against the move that `load`, which is of the measured alone, asks for;
    /// and where the move is no longer clear then, nothing changes.
    private func careful(
        _ load: Load, _ current: Int, _ measured: [PodSample], _ missing: [PodSample],
        _ unready: [PodSample], _ metric: MetricFacts
    ) throws -> Int {
        // step 17.3 begin
        var all = measured
        if load.isBelow { all += missing.map { assumed($0, atTarget: metric) } }
        if load.isAbove { all += (missing + unready).map { assumed($0, usage: 0) } }
        let whole = try Load(of: all, metric)
        let wanted = try whole.replicas()
        let turned = load.isBelow && whole.isAbove || load.isAbove && whole.isBelow
        let backwards = whole.isBelow && wanted > current || whole.isAbove && wanted < current
        return try whole.isWithinTolerance() || turned || backwards ? current : wanted
        // step 17.3 end
    }

    /// The pod as if it used so much.
    private func assumed(_ pod: PodSample, usage: Int) -> PodSample {
        var pod = pod
        pod.usage = usage
        return pod
    }

    /// The pod as if it used what it should, so that its silence shrinks nothing.
    private func assumed(_ pod: PodSample, atTarget metric: MetricFacts) -> PodSample {
        switch metric.kind {
        case .utilization: assumed(pod, usage: (pod.request ?? 0) * max(100, metric.target) / 100)
        case .averageValue: assumed(pod, usage: metric.target)
        }
    }
}
