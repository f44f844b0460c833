import ContractSelectors

extension Selectors {
    /// One thing that was expected has been seen.
    public func observe(_ expectations: Expectations, _ event: PodEvent) throws -> Expectations {
        // step 09.7 begin
        var rest = expectations
        switch event.kind {
        case .created: rest.creations = max(0, rest.creations - 1)
        case .deleted: rest.deletions.removeAll { $0 == event.uid }
        }
        return rest
        // step 09.7 end
    }

    /// Claim, count, and create or delete the difference.
    public func plan(_ view: ReplicaSetView) throws -> ReplicaSetPlan {
        let set = view.set
        let claim = try claim(set, pods: view.pods)
        let names = Set(claim.mine + claim.adopt)
        let mine = try view.pods.filter { try names.contains($0.name) && counts($0) }
        var plan = ReplicaSetPlan(
            adopt: claim.adopt, release: claim.release, expectations: view.expectations)
        try fill(&plan, view, mine)
        let staying = mine.filter { !plan.expectations.deletions.contains($0.uid) }
        (plan.status, plan.againInSeconds) = try numbers(set, staying, now: view.now)
        return plan
    }

    /// What is created or deleted, and what is expected after it; nothing while the numbers can't be
    /// trusted, and for a set that is going itself.
    /// - Parameter mine: the pods that count, the adopted among them.
    private func fill(
        _ plan: inout ReplicaSetPlan, _ view: ReplicaSetView, _ mine: [PodFacts]
    ) throws {
        // step 09.6 begin
        let set = view.set
        if set.terminating || isWaiting(view.expectations, now: view.now) { return }
        let missing = set.replicas - mine.count
        if missing > 0 {
            plan.create = min(missing, ReplicaSetPlan.burst)
        } else {
            let order = try deletionOrder(mine, podsOnNode: view.podsOnNode)
            plan.delete = Array(order.prefix(min(-missing, ReplicaSetPlan.burst)))
        }
        let deleted = plan.delete.compactMap { name in mine.first { $0.name == name }?.uid }
        plan.expectations = Expectations(
            creations: plan.create, deletions: deleted, since: view.now)
        // step 09.6 end
    }

    /// Something was asked for that the cache doesn't show yet, and not too long ago.
    private func isWaiting(_ expectations: Expectations, now: Int) -> Bool {
        (expectations.creations > 0 || !expectations.deletions.isEmpty)
            && now - expectations.since < Expectations.patienceSeconds
    }

    /// The status, and when the next pod that is ready becomes available.
    private func numbers(
        _ set: ReplicaSetFacts, _ mine: [PodFacts], now: Int
    ) throws -> (ReplicaSetNumbers, againInSeconds: Int?) {
        let template = Selector(matchLabels: set.templateLabels)
        let readySince = mine.compactMap(\.readySince)
        let waits = readySince.map { $0 + set.minReadySeconds - now }
        let numbers = ReplicaSetNumbers(
            replicas: mine.count,
            fullyLabeled: try mine.filter { try matches(template, labels: $0.labels) }.count,
            ready: readySince.count,
            available: waits.filter { $0 <= 0 }.count)
        return (numbers, waits.filter { $0 > 0 }.min())
    }
}
