import ContractRollout

extension Rollout {
    /// Growing first, then the old pods that nobody misses, then the old pods that can be spared.
    public func roll(_ view: DeploymentView) throws -> [Resize] {
        let sides = try sides(of: view)
        guard let new = sides.new else { return [] }
        let allowed = try allowedBounds(view.deployment)
        if let grown = try grow(new, sides.old, view.deployment, allowed) { return [grown] }
        return try shrink(sides.old, beside: new, view.deployment, allowed)
    }

    /// The new set gets as many pods as are missing, as long as all sets together want no more than
    /// replicas + surge; where it has more than are wanted, it loses those. Nil where it has its
    /// size.
    private func grow(
        _ new: RevisionFacts, _ old: [RevisionFacts], _ deployment: DeploymentFacts,
        _ allowed: RolloutBounds
    ) throws -> Resize? {
        // step 10.2 begin
        let total = old.map(\.replicas).reduce(new.replicas, +)
        let room = max(0, deployment.replicas + allowed.surge - total)
        let size = min(deployment.replicas, new.replicas + room)
        return size == new.replicas ? nil : Resize(new.name, from: new.replicas, to: size)
        // step 10.2 end
    }

    /// What the old sets (the oldest first) lose in this look. Available pods, of whatever set,
    /// never get fewer than replicas - unavailable, also if those that are about to be available
    /// never are. Within that, old pods that are not available go first. While some set's numbers
    /// are older than its size, nothing goes. `take`, below, shares a number out among sets.
    private func shrink(
        _ old: [RevisionFacts], beside new: RevisionFacts, _ deployment: DeploymentFacts,
        _ allowed: RolloutBounds
    ) throws -> [Resize] {
        // step 10.3 begin
        let all = old + [new]
        // A number that is older than its set's size may count pods that are going already.
        if all.contains(where: { !$0.observed }) { return [] }
        let needed = deployment.replicas - allowed.unavailable
        // New pods that are not available yet hold the place of the old ones that work.
        let spare = all.map(\.replicas).reduce(0, +) - needed - (new.replicas - new.sureAvailable)
        let broken = take(spare, from: old) { $0.replicas - $0.sureAvailable }
        if !broken.isEmpty { return broken }
        let available = all.map(\.sureAvailable).reduce(0, +)
        return take(available - needed, from: old) { $0.replicas }
        // step 10.3 end
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
