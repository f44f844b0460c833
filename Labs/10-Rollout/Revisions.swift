import ContractRollout

extension Rollout {
    /// The number that the new set (`newReplicaSet` says which) has to have: higher than that of
    /// every other set, and never lower than what it has already. A set that comes back gets a new
    /// number; its old one is gone from the history.
    public func revision(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> Int {
        // step 10.4 begin
        throw Unfinished("10.4")
        // step 10.4 end
    }

    /// The set of that revision; for 0 the one that has the highest revision of all but the new
    /// one. A set without a revision (0) is no target.
    public func undoTarget(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts], to target: Int
    ) throws -> String? {
        // step 10.4 begin
        throw Unfinished("10.4")
        // step 10.4 end
    }
}
