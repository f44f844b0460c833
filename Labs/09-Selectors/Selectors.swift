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
        throw Unfinished("09.1")
        // step 09.1 end
    }

    /// Whether one requirement holds; the contract's table says when.
    private func holds(
        _ requirement: Selector.Requirement, _ labels: [String: String]
    ) throws -> Bool {
        // step 09.1 begin
        throw Unfinished("09.1")
        // step 09.1 end
    }

    /// Whether a pod can still do its work.
    public func counts(_ pod: PodFacts) throws -> Bool {
        // step 09.2 begin
        throw Unfinished("09.2")
        // step 09.2 end
    }

    /// The template's labels, and a reference to the owner.
    public func newPod(_ set: ReplicaSetFacts) throws -> PodBirth {
        // step 09.3 begin
        throw Unfinished("09.3")
        // step 09.3 end
    }

    /// Which pods are the set's, which it takes over, and which it lets go.
    public func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) throws -> Claim {
        // step 09.4 begin
        throw Unfinished("09.4")
        // step 09.4 end
    }
}
