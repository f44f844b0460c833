import ContractSelectors
import Objects

// From Kubernetes' objects to what part 09 knows of them.

extension Selector {
    /// - Throws: `InvalidSelector` for an operator that Kubernetes does not have.
    public init(_ selector: LabelSelector) throws {
        self.init(
            matchLabels: selector.matchLabels ?? [:],
            matchExpressions: try (selector.matchExpressions ?? []).map { requirement in
                guard let known = Operator(rawValue: requirement.operator) else {
                    throw InvalidSelector(description: "no operator \"\(requirement.operator)\"")
                }
                return Requirement(requirement.key, known, requirement.values ?? [])
            })
    }
}

public struct InvalidSelector: Error, CustomStringConvertible {
    public let description: String
}

extension PodFacts {
    public init(_ pod: Pod) {
        let ready = pod.status?.condition("Ready").flatMap { $0.isTrue ? $0 : nil }
        let cost = pod.metadata.annotations?["controller.kubernetes.io/pod-deletion-cost"]
        self.init(
            name: pod.metadata.name, uid: pod.metadata.uid ?? "",
            labels: pod.metadata.labels ?? [:],
            controllerUID: pod.metadata.controller?.uid,
            phase: Phase(rawValue: pod.status?.phase ?? "Pending") ?? .unknown,
            terminating: pod.isTerminating, node: pod.spec.nodeName,
            readySince: ready.map { $0.lastTransitionTime?.seconds ?? 0 },
            deletionCost: cost.flatMap { Int($0) } ?? 0,
            restarts: pod.status?.containerStatuses?.map(\.restartCount).max() ?? 0,
            created: pod.metadata.creationTimestamp?.seconds ?? 0)
    }
}

extension ReplicaSetFacts {
    /// - Throws: `InvalidSelector`.
    public init(_ set: ReplicaSet) throws {
        self.init(
            name: set.metadata.name, uid: set.metadata.uid ?? "",
            selector: try Selector(set.spec.selector),
            templateLabels: set.spec.template?.metadata?.labels ?? [:],
            replicas: set.spec.replicas ?? 1,
            minReadySeconds: set.spec.minReadySeconds ?? 0,
            terminating: set.metadata.deletionTimestamp != nil)
    }
}

/// Node name to the number of pods there that can do work and belong to `set` or a set of the same owner:
/// where many of a kind share a node, one of them can go first.
public func podsOnNode(of set: ReplicaSet, among sets: [ReplicaSet], pods: [Pod]) -> [String: Int] {
    let owner = set.metadata.controller?.uid
    let siblings = sets.filter { $0.metadata.controller?.uid == owner && owner != nil }
    let uids = Set((siblings + [set]).compactMap(\.metadata.uid))
    var counts: [String: Int] = [:]
    for pod in pods where !pod.isTerminating && !pod.isFinished {
        guard let node = pod.spec.nodeName, let owner = pod.metadata.controller?.uid,
            uids.contains(owner)
        else { continue }
        counts[node, default: 0] += 1
    }
    return counts
}
