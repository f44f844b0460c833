import Contracts

extension Rollout {
    /// One more than any other set has; never less than the set has already.
    public func revision(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> Int {
        // step 10.6 begin
        throw Unfinished("10.6")
        // step 10.6 end
    }

    /// The set of that revision; for 0 the latest but the present one.
    public func undoTarget(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts], to target: Int
    ) throws -> String? {
        // step 10.6 begin
        throw Unfinished("10.6")
        // step 10.6 end
    }

    /// Every set keeps its share of the new number.
    public func proportion(_ view: DeploymentView) throws -> [Resize] {
        let deployment = view.deployment
        let sides = try sides(of: view)
        let all = sides.old + (sides.new.map { [$0] } ?? [])
        let active = all.filter { $0.replicas > 0 }
        if active.count <= 1 {
            guard let only = active.first ?? sides.new ?? all.last else { return [] }
            return [Resize(only.name, from: only.replicas, to: deployment.replicas)]
        }
        return try share(active, deployment)
    }

    private func share(_ active: [RevisionFacts], _ deployment: DeploymentFacts) throws -> [Resize]
    {
        // step 10.7 begin
        throw Unfinished("10.7")
        // step 10.7 end
    }

    /// The set's size scaled from the total that was allowed when it was last resized to the total
    /// allowed now, rounded half up.
    private func wantedSize(
        _ set: RevisionFacts, _ deployment: DeploymentFacts, _ most: Int
    ) throws -> Int {
        var before = deployment
        before.replicas = set.desired ?? deployment.replicas
        let mostBefore = max(1, before.replicas + (try allowedBounds(before).surge))
        return (2 * set.replicas * most + mostBefore) / (2 * mostBefore)
    }
}
