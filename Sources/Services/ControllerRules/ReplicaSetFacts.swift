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
            deletionCost: cost.flatMap { Int32($0) }.map { Int($0) } ?? 0,
            restarts: bounded(pod.status?.containerStatuses?.map(\.restartCount).max() ?? 0),
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
            replicas: count(set.spec.replicas ?? 1),
            minReadySeconds: count(set.spec.minReadySeconds ?? 0),
            terminating: set.metadata.deletionTimestamp != nil)
    }
}

/// Node name to the number of pods there that can do work: where many of a kind share a node, one of them can go
/// first.
/// - Parameter pods: those of a set and of the sets of the same owner.
public func podsOnNode(_ pods: [Pod]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for pod in pods where !pod.isTerminating && !pod.isFinished {
        if let node = pod.spec.nodeName { counts[node, default: 0] += 1 }
    }
    return counts
}
