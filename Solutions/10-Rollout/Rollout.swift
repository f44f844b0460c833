import Contracts

/// Lab 10: a Deployment moves from one ReplicaSet to the next, a few pods at a time.
public struct Rollout: RolloutPart {
    public init() {}

    /// FNV-1a, written with Kubernetes' letters.
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

    /// Surge is rounded up and unavailable down, so that rounding is never paid for with
    /// availability.
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

    /// The set whose template is the present one.
    public func newReplicaSet(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts]
    ) throws -> String? {
        // step 10.3 begin
        let same = sets.filter { $0.templateHash == deployment.templateHash && !$0.terminating }
        return same.min { ($0.created, $0.name) < ($1.created, $1.name) }?.name
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
        let total = old.map(\.replicas).reduce(new.replicas, +)
        let room = max(0, deployment.replicas + allowed.surge - total)
        let size = min(deployment.replicas, new.replicas + room)
        return size == new.replicas ? nil : Resize(new.name, from: new.replicas, to: size)
        // step 10.4 end
    }

    private func shrink(
        _ old: [RevisionFacts], beside new: RevisionFacts, _ deployment: DeploymentFacts,
        _ allowed: RolloutBounds
    ) throws -> [Resize] {
        // step 10.5 begin
        let all = old + [new]
        // A number that is older than its set's size may count pods that are going already.
        if all.contains(where: { !$0.observed }) { return [] }
        let needed = deployment.replicas - allowed.unavailable
        // New pods that are not available yet hold the place of the old ones that work.
        let spare = all.map(\.replicas).reduce(0, +) - needed - (new.replicas - new.sureAvailable)
        let broken = take(spare, from: old) { $0.replicas - $0.sureAvailable }
        if !broken.isEmpty { return broken }
        let available = all.map(\.sureAvailable).reduce(0, +)
        return take(min(spare, available - needed), from: old) { $0.replicas }
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
