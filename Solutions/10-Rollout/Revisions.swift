import ContractRollout

extension Rollout {
    /// The number that the new set (`newReplicaSet` says which) has to have: higher than that of
    /// every other set, and never lower than what it has already. A set that comes back gets a new
    /// number; its old one is gone from the history.
    public func revision(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> Int {
        // step 10.4 begin
        let name = try newReplicaSet(deployment, among: sets)
        let highest = sets.filter { $0.name != name }.map(\.revision).max() ?? 0
        let present = sets.filter { $0.name == name }.map(\.revision)
        return present.reduce(highest + 1, max)
        // step 10.4 end
    }

    /// The set of that revision; for 0 the one that has the highest revision of all but the new
    /// one. A set without a revision (0) is no target.
    public func undoTarget(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts], to target: Int
    ) throws -> String? {
        // step 10.4 begin
        let name = try newReplicaSet(deployment, among: sets)
        if target > 0 { return sets.first { $0.revision == target }?.name }
        return sets.filter { $0.name != name && $0.revision > 0 }.max { $0.revision < $1.revision }?
            .name
        // step 10.4 end
    }
}
