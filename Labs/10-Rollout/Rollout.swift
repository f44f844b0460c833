import Contracts

/// Lab 10: a Deployment moves from one ReplicaSet to the next, a few pods at a time.
public struct Rollout: RolloutPart {
    public init() {}

    /// FNV-1a, written with Kubernetes' letters.
    public func templateHash(_ template: String, collisionCount: Int?) throws -> String {
        // step 10.1 begin
        throw Unfinished("10.1")
        // step 10.1 end
    }

    /// Surge is rounded up and unavailable down, so that rounding is never paid for with
    /// availability.
    public func bounds(
        replicas: Int, maxSurge: Bound, maxUnavailable: Bound
    ) throws -> RolloutBounds {
        // step 10.2 begin
        throw Unfinished("10.2")
        // step 10.2 end
    }

    /// The set whose template is the present one.
    public func newReplicaSet(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts]
    ) throws -> String? {
        // step 10.3 begin
        throw Unfinished("10.3")
        // step 10.3 end
    }

    /// Growing first, then the old pods that nobody misses, then the old pods that can be spared.
    public func roll(_ view: DeploymentView) throws -> [Resize] {
        let sides = try sides(of: view)
        guard let new = sides.new else { return [] }
        let allowed = try allowedBounds(view.deployment)
        if let grown = try grow(new, sides.old, view.deployment, allowed) { return [grown] }
        return try shrink(sides.old, beside: new, view.deployment, allowed)
    }

    private func grow(
        _ new: RevisionFacts, _ old: [RevisionFacts], _ deployment: DeploymentFacts,
        _ allowed: RolloutBounds
    ) throws -> Resize? {
        // step 10.4 begin
        throw Unfinished("10.4")
        // step 10.4 end
    }

    private func shrink(
        _ old: [RevisionFacts], beside new: RevisionFacts, _ deployment: DeploymentFacts,
        _ allowed: RolloutBounds
    ) throws -> [Resize] {
        // step 10.5 begin
        throw Unfinished("10.5")
        // step 10.5 end
    }

    /// Takes `count` pods away, from each set in turn as many as `most` allows.
    private func take(
        _ count: Int, from sets: [RevisionFacts], most: (RevisionFacts) -> Int
    ) -> [Resize] {
        var left = count
        var resizes: [Resize] = []
        for set in sets {
            let taken = min(left, most(set))
            guard taken > 0 else { continue }
            resizes.append(Resize(set.name, from: set.replicas, to: set.replicas - taken))
            left -= taken
        }
        return resizes
    }
}

extension RevisionFacts {
    /// Available pods that a set of this size will keep: right after it shrank, its status still
    /// counts the others.
    var sureAvailable: Int { min(available, replicas) }
}
