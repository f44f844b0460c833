import Contracts

/// Lab 09: a ReplicaSet finds its pods by their labels, and keeps their number.
public struct Selectors: SelectorsPart {
    public init() {}

    /// All requirements hold.
    public func matches(_ selector: Selector, labels: [String: String]) throws -> Bool {
        try has(selector.matchLabels, labels)
            && selector.matchExpressions.allSatisfy { try holds($0, labels) }
    }

    private func has(_ wanted: [String: String], _ labels: [String: String]) throws -> Bool {
        // step 09.1 begin
        throw Unfinished("09.1")
        // step 09.1 end
    }

    private func holds(_ requirement: Selector.Requirement, _ labels: [String: String]) throws
        -> Bool
    {
        // step 09.2 begin
        throw Unfinished("09.2")
        // step 09.2 end
    }

    /// A pod that can still do its work.
    public func counts(_ pod: PodFacts) throws -> Bool {
        // step 09.3 begin
        throw Unfinished("09.3")
        // step 09.3 end
    }

    /// Who belongs to the set, by owner first and labels second.
    public func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) throws -> Claim {
        // step 09.4 begin
        throw Unfinished("09.4")
        // step 09.4 end
    }

    /// The template's labels, and a reference to the owner.
    public func newPod(_ set: ReplicaSetFacts) throws -> PodBirth {
        // step 09.5 begin
        throw Unfinished("09.5")
        // step 09.5 end
    }
}
