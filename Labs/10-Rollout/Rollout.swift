import ContractRollout

/// Lab 10: a Deployment moves from one ReplicaSet to the next, a few pods at a time.
///
/// Here: which set is the new one, and how far a rollout may go. `Roll.swift` goes there one look
/// at a time, `Revisions.swift` knows the way back, `Plan.swift` puts a whole look together, and
/// `Progress.swift` says how it stands. `Proportion.swift` is given.
public struct Rollout: RolloutPart {
    public init() {}

    /// The same text and collision count give the same name, on every machine and in every run; the
    /// formula is Kubernetes' own, and stands in the contract with a worked example.
    public func templateHash(_ template: String, collisionCount: Int?) throws -> String {
        // step 10.1 begin
        throw Unfinished("10.1")
        // step 10.1 end
    }

    /// The set that has the present template's hash, however old it is and whatever its revision;
    /// of several the one that was there first. A set that is being deleted is none.
    public func newReplicaSet(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts]
    ) throws -> String? {
        // step 10.1 begin
        throw Unfinished("10.1")
        // step 10.1 end
    }

    /// Surge is rounded up and unavailable down, so that rounding is never paid for with
    /// availability; and there is always one pod's room in which to move.
    public func bounds(
        replicas: Int, maxSurge: Bound, maxUnavailable: Bound
    ) throws -> RolloutBounds {
        // step 10.2 begin
        throw Unfinished("10.2")
        // step 10.2 end
    }
}
