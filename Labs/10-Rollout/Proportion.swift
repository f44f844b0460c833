import ContractRollout

extension Rollout {
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
        let surge = try allowedBounds(deployment).surge
        let most = deployment.replicas == 0 ? 0 : deployment.replicas + surge
        let total = active.map(\.replicas).reduce(0, +)
        // The biggest first, so that what rounding leaves over is least felt; of equals the newer
        // grows and the older shrinks.
        let newestFirst = most > total
        let order = active.sorted {
            if $0.replicas != $1.replicas { return $0.replicas > $1.replicas }
            return newestFirst ? $0.created > $1.created : $0.created < $1.created
        }
        var left = most - total
        var sizes: [Int] = []
        for set in order {
            let share = try wantedSize(set, deployment, most) - set.replicas
            let change = newestFirst ? max(0, min(share, left)) : min(0, max(share, left))
            sizes.append(set.replicas + change)
            left -= change
        }
        sizes[0] = max(0, sizes[0] + left)
        return zip(order, sizes).map { Resize($0.name, from: $0.replicas, to: $1) }
    }

    /// The set's size scaled from the total that was allowed when it was last resized to the total
    /// allowed now, rounded half up.
    private func wantedSize(
        _ set: RevisionFacts, _ deployment: DeploymentFacts, _ most: Int
    ) throws -> Int {
        var before = deployment
        before.replicas = set.desired ?? deployment.replicas
        let mostBefore = max(1, before.replicas + (try allowedBounds(before).surge))
        // In twice the width, for the product of two numbers of pods need not fit.
        let scaled =
            (2 * Int128(set.replicas) * Int128(most) + Int128(mostBefore))
            / (2 * Int128(mostBefore))
        return Int(min(scaled, Int128(most)))
    }
}
