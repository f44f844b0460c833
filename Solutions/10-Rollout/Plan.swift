import ContractRollout

extension Rollout {
    /// The new set, and the old ones from the oldest to the youngest.
    func sides(of view: DeploymentView) throws -> (new: RevisionFacts?, old: [RevisionFacts]) {
        let name = try newReplicaSet(view.deployment, among: view.sets)
        let old = view.sets.filter { $0.name != name && !$0.terminating }
        return (
            view.sets.first { $0.name == name },
            old.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
        )
    }

    /// The bounds; a Recreate rollout allows no surge, and says nothing about unavailable.
    func allowedBounds(_ deployment: DeploymentFacts) throws -> RolloutBounds {
        if deployment.strategy == .recreate { return RolloutBounds(surge: 0, unavailable: 0) }
        return try bounds(
            replicas: deployment.replicas, maxSurge: deployment.maxSurge,
            maxUnavailable: deployment.maxUnavailable)
    }

    /// Create or resize, renumber, clean up, and say how it stands.
    public func plan(_ view: DeploymentView) throws -> RolloutPlan {
        let deployment = view.deployment
        let sides = try sides(of: view)
        var plan = RolloutPlan()
        try move(view, sides.new, sides.old, &plan)
        if sides.new != nil || plan.create != nil {
            let revision = try revision(deployment, among: view.sets)
            plan.revision = revision
            if let new = sides.new, new.revision != revision {
                plan.renumber = .init(new.name, revision: revision)
            }
        }
        plan.status = numbers(sides.new, sides.old)
        let complete = plan.status.isComplete(deployment.replicas) && sides.new != nil
        if complete || deployment.paused {
            plan.delete = surplus(sides.old, limit: deployment.revisionHistoryLimit)
        }
        try describe(view, sides.new, complete: complete, &plan)
        return plan
    }

    /// The one thing that changes pods in this look: `plan.resize` or `plan.create`.
    ///
    /// Where a set in use was last sized for another number than is wanted now, all sets are scaled
    /// (`proportion`), paused or not. A paused Deployment does nothing else. `Recreate` first takes
    /// all pods of the old sets away, then waits while `oldPodsAlive`. Where the present template
    /// has no set yet, it is created (`creation`); where it has one, it rolls (`roll`).
    private func move(
        _ view: DeploymentView, _ new: RevisionFacts?, _ old: [RevisionFacts],
        _ plan: inout RolloutPlan
    ) throws {
        // step 10.5 begin
        let deployment = view.deployment
        let wasWanted = (old + (new.map { [$0] } ?? [])).filter { $0.replicas > 0 }.compactMap(
            \.desired)
        if wasWanted.contains(where: { $0 != deployment.replicas }) {
            plan.resize = try proportion(view)
        } else if deployment.paused {
            return
        } else if deployment.strategy == .recreate, old.contains(where: { $0.replicas > 0 }) {
            plan.resize = old.filter { $0.replicas > 0 }.map {
                Resize($0.name, from: $0.replicas, to: 0)
            }
        } else if deployment.strategy == .recreate, view.oldPodsAlive > 0 {
            return
        } else if new == nil {
            plan.create = try creation(view, old)
        } else {
            plan.resize = try roll(view)
        }
        // step 10.5 end
    }

    private func creation(
        _ view: DeploymentView, _ old: [RevisionFacts]
    ) throws -> RolloutPlan.Creation {
        let deployment = view.deployment
        let room =
            deployment.replicas + (try allowedBounds(deployment).surge)
            - old.map(\.replicas).reduce(0, +)
        return .init(
            name: "\(deployment.name)-\(deployment.templateHash)",
            templateHash: deployment.templateHash,
            replicas: max(0, min(deployment.replicas, room)),
            revision: try revision(deployment, among: view.sets))
    }

    private func numbers(_ new: RevisionFacts?, _ old: [RevisionFacts]) -> DeploymentNumbers {
        let all = old + (new.map { [$0] } ?? [])
        func sum(_ field: KeyPath<RevisionFacts, Int>) -> Int {
            all.map { $0[keyPath: field] }.reduce(0, +)
        }
        return DeploymentNumbers(
            replicas: sum(\.pods), updated: new?.pods ?? 0, ready: sum(\.ready),
            available: sum(\.available), unavailable: max(0, sum(\.replicas) - sum(\.available)))
    }

    /// Old, empty sets beyond the limit, the lowest revision first.
    private func surplus(_ old: [RevisionFacts], limit: Int) -> [String] {
        let byAge = old.sorted { ($0.revision, $0.created) < ($1.revision, $1.created) }
        let candidates = byAge.prefix(max(0, old.count - limit))
        return candidates.filter { $0.replicas == 0 && $0.pods == 0 }.map(\.name)
    }
}

extension DeploymentNumbers {
    /// All pods are of the new set, as many as wanted, and available.
    func isComplete(_ replicas: Int) -> Bool {
        updated == replicas && self.replicas == replicas && available >= replicas
    }
}
