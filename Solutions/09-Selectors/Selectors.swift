import ContractSelectors

/// Lab 09: a ReplicaSet finds its pods by their labels, and keeps their number.
public struct Selectors: SelectorsPart {
    public init() {}

    /// All requirements hold.
    public func matches(_ selector: Selector, labels: [String: String]) throws -> Bool {
        try has(selector.matchLabels, labels)
            && selector.matchExpressions.allSatisfy { try holds($0, labels) }
    }

    /// Whether `labels` has everything of `wanted`; it may have more.
    private func has(_ wanted: [String: String], _ labels: [String: String]) throws -> Bool {
        // step 09.1 begin
        wanted.allSatisfy { key, value in labels[key] == value }
        // step 09.1 end
    }

    /// Whether one requirement holds; the contract's table says when.
    private func holds(
        _ requirement: Selector.Requirement, _ labels: [String: String]
    ) throws -> Bool {
        // step 09.1 begin
        let value = labels[requirement.key]
        switch requirement.operator {
        case .in: return value.map(requirement.values.contains) ?? false
        case .notIn: return !(value.map(requirement.values.contains) ?? false)
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        }
        // step 09.1 end
    }

    /// Whether a pod can still do its work.
    public func counts(_ pod: PodFacts) throws -> Bool {
        // step 09.2 begin
        !pod.terminating && pod.phase != .succeeded && pod.phase != .failed
        // step 09.2 end
    }

    /// The template's labels, and a reference to the owner.
    public func newPod(_ set: ReplicaSetFacts) throws -> PodBirth {
        // step 09.3 begin
        PodBirth(
            generateName: set.name + "-", labels: set.templateLabels,
            owner: .init(
                apiVersion: "apps/v1", kind: "ReplicaSet", name: set.name, uid: set.uid,
                controller: true, blockOwnerDeletion: true))
        // step 09.3 end
    }

    /// Which pods are the set's, which it takes over, and which it lets go.
    public func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) throws -> Claim {
        // step 09.4 begin
        var claim = Claim()
        for pod in pods where try counts(pod) {
            let selected = try matches(set.selector, labels: pod.labels)
            switch (pod.controllerUID, selected) {
            case (set.uid, true): claim.mine.append(pod.name)
            case (set.uid, false) where !set.terminating: claim.release.append(pod.name)
            case (nil, true) where !set.terminating: claim.adopt.append(pod.name)
            default: break
            }
        }
        return claim
        // step 09.4 end
    }
}
