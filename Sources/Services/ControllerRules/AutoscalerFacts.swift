import ContractAutoscaler
import JSON
import Objects

// From Kubernetes' objects to what part 17 knows of them, and back to the status.

extension ContractAutoscaler.ScalingRules {
    /// - Parameter defaults: for what the object leaves open.
    public init(_ rules: Objects.ScalingRules?, defaults: ContractAutoscaler.ScalingRules) {
        self = defaults
        guard let rules else { return }
        if let window = rules.stabilizationWindowSeconds { windowSeconds = bounded(window) }
        if let chosen = rules.selectPolicy.flatMap({ Select(rawValue: $0) }) { select = chosen }
        if let given = rules.policies, !given.isEmpty {
            policies = given.compactMap { policy in
                Policy.Kind(rawValue: policy.type).map { kind in
                    let limit = kind == .percent ? PartBounds.percent : PartBounds.count
                    return Policy(
                        kind, bounded(policy.value, limit),
                        periodSeconds: bounded(policy.periodSeconds))
                }
            }
        }
    }
}

/// An amount in the unit that the part counts in: cpu in millicores, the others as they are.
public func amount(_ quantity: Quantity, of resource: String) -> Int {
    bounded(resource == "cpu" ? quantity.thousandths : quantity.units, PartBounds.sample)
}

/// The amount as a quantity again: `90m`, `64Mi`.
public func quantity(_ amount: Int, of resource: String) -> Quantity {
    let thousandths = amount.multipliedReportingOverflow(by: resource == "cpu" ? 1 : 1000)
    return Quantity(thousandths: thousandths.overflow ? Int.max : thousandths.partialValue)
}

extension PodSample {
    /// - Parameter metrics: nil where nothing was measured of the pod.
    public init(_ pod: Pod, metrics: PodMetrics?, resource: String) {
        let usages = metrics?.containers.map { $0.usage[resource] }
        let requests = pod.spec.containers.map { $0.resources?.requests?[resource] }
        func sum(_ quantities: [Quantity?]?) -> Int? {
            guard let quantities, !quantities.isEmpty, !quantities.contains(nil) else { return nil }
            return bounded(
                quantities.reduce(0) { boundedSum($0, amount($1!, of: resource)) },
                PartBounds.sample)
        }
        self.init(
            name: pod.metadata.name, gone: pod.isTerminating || pod.status?.phase == "Failed",
            ready: pod.status?.phase != "Pending" && pod.isReady, usage: sum(usages),
            request: sum(requests))
    }
}

extension MetricFacts {
    /// The kit measures cpu and memory. Any other metric is one of which nothing is known, of no pod: with such a
    /// one among them, an autoscaler may grow and not shrink.
    public init(_ metric: MetricSpec, pods: [Pod], measured: [String: PodMetrics]) {
        guard metric.type == "Resource", let resource = metric.resource,
            let kind = Kind(rawValue: resource.target.type),
            let target = Self.target(resource, kind)
        else {
            self.init(
                resource: metric.resource?.name ?? metric.type, kind: .averageValue, target: 1,
                pods: [])
            return
        }
        self.init(
            resource: resource.name, kind: kind, target: target,
            pods: pods.map {
                PodSample($0, metrics: measured[$0.metadata.name], resource: resource.name)
            })
    }

    private static func target(_ resource: MetricSpec.ResourceMetric, _ kind: Kind) -> Int? {
        switch kind {
        case .utilization:
            resource.target.averageUtilization.map { bounded($0, PartBounds.percent) }
        case .averageValue:
            resource.target.averageValue.map { amount($0, of: resource.name) }
        }
    }
}

/// What an autoscaler remembers from look to look. It is lost with the process, as the real one's is.
public struct AutoscalerMemory: Equatable {
    public var recommendations: [Past] = []
    public var changes: [Past] = []

    public init() {}
}

/// The status after a look.
public func autoscalerStatus(
    _ plan: AutoscalerPlan, view: AutoscalerView, of autoscaler: HorizontalPodAutoscaler,
    rescaled: Bool, now: Timestamp
) -> HorizontalPodAutoscalerStatus {
    var status = HorizontalPodAutoscalerStatus()
    status.observedGeneration = autoscaler.metadata.generation
    status.lastScaleTime = rescaled ? now : autoscaler.status?.lastScaleTime
    status.currentReplicas = view.current
    status.desiredReplicas = plan.replicas
    let metrics = zip(view.metrics, plan.metrics).compactMap { metric, recommendation in
        recommendation.map { currentMetric(metric, $0) }
    }
    status.currentMetrics = metrics.isEmpty ? nil : metrics
    status.conditions = transitions(
        plan.conditions.map {
            Condition(type: $0.type, status: $0.status, reason: $0.reason, message: $0.message)
        }, from: autoscaler.status?.conditions ?? [], now: now)
    return status
}

private func currentMetric(_ metric: MetricFacts, _ recommendation: Recommendation) -> JSON {
    var current: JSON = [
        "averageValue": .string(
            quantity(recommendation.averageValue, of: metric.resource).description)
    ]
    if let utilization = recommendation.utilization {
        current["averageUtilization"] = JSON(utilization)
    }
    return [
        "type": "Resource", "resource": ["name": .string(metric.resource), "current": current],
    ]
}

/// The conditions with the time since when they have been as they are.
public func transitions(_ new: [Condition], from old: [Condition], now: Timestamp) -> [Condition] {
    new.map { condition in
        var condition = condition
        let before = old.first { $0.type == condition.type }
        condition.lastTransitionTime =
            before?.status == condition.status ? before?.lastTransitionTime ?? now : now
        return condition
    }
}

/// Where the target's scale is: `/apis/apps/v1/namespaces/default/deployments/web/scale`.
public func scalePath(_ target: CrossVersionObjectReference, namespace: String?) -> String {
    let parts = (target.apiVersion ?? "apps/v1").split(separator: "/")
    let resource = Resource(
        group: parts.count == 2 ? String(parts[0]) : "", version: String(parts.last ?? "v1"),
        plural: target.kind.lowercased() + "s", kind: target.kind)
    return resource.path(namespace: namespace, name: target.name, subresource: "scale")
}
