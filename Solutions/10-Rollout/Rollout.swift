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
        var hash: UInt32 = 2_166_136_261
        func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        for byte in template.utf8 { mix(byte) }
        if let collisionCount {
            for shift in [0, 8, 16, 24] { mix(UInt8(truncatingIfNeeded: collisionCount >> shift)) }
        }
        let letters = TemplateHash.letters
        return String("\(hash)".utf8.map { letters[Int($0) % letters.count] })
        // step 10.1 end
    }

    /// The set that has the present template's hash, however old it is and whatever its revision;
    /// of several the one that was there first. A set that is being deleted is none.
    public func newReplicaSet(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts]
    ) throws -> String? {
        // step 10.1 begin
        let same = sets.filter { $0.templateHash == deployment.templateHash && !$0.terminating }
        return same.min { ($0.created, $0.name) < ($1.created, $1.name) }?.name
        // step 10.1 end
    }

    /// Surge is rounded up and unavailable down, so that rounding is never paid for with
    /// availability; and there is always one pod's room in which to move.
    public func bounds(
        replicas: Int, maxSurge: Bound, maxUnavailable: Bound
    ) throws -> RolloutBounds {
        // step 10.2 begin
        func pods(_ bound: Bound, roundedUpBy extra: Int) -> Int {
            switch bound {
            case .pods(let number): number
            case .percent(let percent): (replicas * percent + extra) / 100
            }
        }
        let surge = pods(maxSurge, roundedUpBy: 99)
        let unavailable = pods(maxUnavailable, roundedUpBy: 0)
        return RolloutBounds(
            surge: surge, unavailable: surge == 0 && unavailable == 0 ? 1 : unavailable)
        // step 10.2 end
    }
}
