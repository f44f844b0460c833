import ContractScheduler
import JSON
import Objects

// From Kubernetes' objects to what part 11 knows of them.

/// Resource name to amount: cpu in millicores, the others in their units.
public func amounts(_ quantities: [String: Quantity]?) -> [String: Int] {
    var amounts: [String: Int] = [:]
    for (name, quantity) in quantities ?? [:] {
        let amount = name == "cpu" ? quantity.thousandths : quantity.units
        amounts[name] = bounded(amount, PartBounds.amount)
    }
    return amounts
}

/// What a pod asks for: the sum of its containers', or its most demanding init container's, whichever is more.
///
/// Containers 100m and 200m, init container 250m: 300m. A limit without a request is a request. Init containers
/// that stay (restartPolicy Always) count among the containers.
public func podRequests(_ spec: PodSpec) -> [String: Int] {
    func requests(of container: Container) -> [String: Int] {
        amounts(container.resources?.limits).merging(amounts(container.resources?.requests)) { $1 }
    }
    var sum: [String: Int] = [:]
    for container in spec.containers {
        sum.merge(requests(of: container), uniquingKeysWith: boundedSum)
    }
    for container in spec.initContainers ?? [] {
        sum.merge(requests(of: container), uniquingKeysWith: max)
    }
    return sum
}

extension PodRequest {
    /// - Parameter wishes: see `PodWishes`.
    public init(_ pod: Pod, wishes: PlacementWishes? = nil) {
        self.init(
            namespace: pod.metadata.namespace ?? "", name: pod.metadata.name,
            requests: podRequests(pod.spec), nodeSelector: pod.spec.nodeSelector ?? [:],
            tolerations: (pod.spec.tolerations ?? []).map {
                TolerationFacts(
                    key: $0.key ?? "", exists: $0.operator == "Exists", value: $0.value ?? "",
                    effect: $0.effect ?? "")
            }, wishes: wishes)
    }
}

extension NodeFacts {
    /// The node without anything on it.
    init(_ node: Node) {
        var allocatable = amounts(node.status?.allocatable ?? node.status?.capacity)
        let podsMax = allocatable.removeValue(forKey: "pods")
        self.init(
            name: node.metadata.name, labels: node.metadata.labels ?? [:],
            taints: (node.spec?.taints ?? []).map {
                TaintFacts(key: $0.key, value: $0.value ?? "", effect: $0.effect)
            },
            unschedulable: node.spec?.unschedulable ?? false, ready: node.isReady,
            allocatable: allocatable, podsMax: podsMax ?? 110)
    }
}

extension Pod {
    /// It wants a node, and from us.
    public var waitsForNode: Bool {
        placedOn == nil && !isTerminating && !isFinished
            && (spec.schedulerName ?? "default-scheduler") == "default-scheduler"
    }

    /// The node that it is bound to.
    public var placedOn: String? { spec.nodeName.flatMap { $0.isEmpty ? nil : $0 } }

    /// Somebody holds it back for now.
    public var isGated: Bool { spec.schedulingGates?.isEmpty == false }

    /// A change from `old` after which a node may take it that did not.
    public func maySuitMore(than old: Pod) -> Bool {
        spec != old.spec || metadata.labels != old.metadata.labels
    }
}

extension Node {
    /// A change from `old` that may let a pod in that was kept out; heartbeats are none.
    public func maySuitMore(than old: Node) -> Bool {
        spec != old.spec || metadata.labels != old.metadata.labels || isReady != old.isReady
            || status?.allocatable != old.status?.allocatable
    }
}
