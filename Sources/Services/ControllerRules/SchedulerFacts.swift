import ContractScheduler
import Objects

// From Kubernetes' objects to what part 11 knows of them.

/// Resource name to amount: cpu in millicores, the others in their units.
public func amounts(_ quantities: [String: Quantity]?) -> [String: Int] {
    var amounts: [String: Int] = [:]
    for (name, quantity) in quantities ?? [:] {
        amounts[name] = name == "cpu" ? quantity.thousandths : quantity.units
    }
    return amounts
}

/// What a pod asks for: the sum of its containers', or its most demanding init container's, whichever is more.
///
/// Containers 100m and 200m, init container 250m: 300m. A limit without a request is a request.
public func podRequests(_ spec: PodSpec) -> [String: Int] {
    func requests(of container: Container) -> [String: Int] {
        amounts(container.resources?.limits).merging(amounts(container.resources?.requests)) { $1 }
    }
    var sum: [String: Int] = [:]
    for container in spec.containers {
        sum.merge(requests(of: container), uniquingKeysWith: +)
    }
    for container in spec.initContainers ?? [] {
        sum.merge(requests(of: container), uniquingKeysWith: max)
    }
    return sum
}

extension PodRequest {
    public init(_ pod: Pod) {
        self.init(
            namespace: pod.metadata.namespace ?? "", name: pod.metadata.name,
            requests: podRequests(pod.spec), nodeSelector: pod.spec.nodeSelector ?? [:],
            tolerations: (pod.spec.tolerations ?? []).map {
                TolerationFacts(
                    key: $0.key ?? "", exists: $0.operator == "Exists", value: $0.value ?? "",
                    effect: $0.effect ?? "")
            })
    }
}

extension NodeFacts {
    /// - Parameters:
    ///   - pods: those on the node that have not ended, placed a moment ago or long since.
    ///   - owner: the UID of the controller of the pod to be placed.
    public init(_ node: Node, pods: [Pod], owner: String?) {
        var requested: [String: Int] = [:]
        for pod in pods { requested.merge(podRequests(pod.spec), uniquingKeysWith: +) }
        var allocatable = amounts(node.status?.allocatable ?? node.status?.capacity)
        let podsMax = allocatable.removeValue(forKey: "pods")
        self.init(
            name: node.metadata.name, labels: node.metadata.labels ?? [:],
            taints: (node.spec?.taints ?? []).map {
                TaintFacts(key: $0.key, value: $0.value ?? "", effect: $0.effect)
            },
            unschedulable: node.spec?.unschedulable ?? false, ready: node.isReady,
            allocatable: allocatable, requested: requested, pods: pods.count,
            podsMax: podsMax ?? 110,
            siblings: owner == nil ? 0 : pods.count { $0.metadata.controller?.uid == owner })
    }
}

/// The nodes as the next pod's decision sees them.
/// - Parameter assumed: pod UID to node name, for placements that the cache does not show yet.
public func nodeFacts(
    _ nodes: [Node], pods: [Pod], assumed: [String: String], for pod: Pod
) -> [NodeFacts] {
    var onNode: [String: [Pod]] = [:]
    for other in pods where !other.isFinished {
        guard let name = other.spec.nodeName ?? assumed[other.metadata.uid ?? ""] else { continue }
        onNode[name, default: []].append(other)
    }
    return nodes.map {
        NodeFacts($0, pods: onNode[$0.metadata.name] ?? [], owner: pod.metadata.controller?.uid)
    }
}

extension Pod {
    /// It wants a node, and from us.
    public var waitsForNode: Bool {
        (spec.nodeName ?? "").isEmpty && !isTerminating && !isFinished
            && (spec.schedulerName ?? "default-scheduler") == "default-scheduler"
    }
}

extension Node {
    /// A change from `old` that may let a pod in that was kept out; heartbeats are none.
    public func maySuitMore(than old: Node) -> Bool {
        spec != old.spec || metadata.labels != old.metadata.labels || isReady != old.isReady
            || status?.allocatable != old.status?.allocatable
    }
}
