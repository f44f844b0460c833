import ContractSelectors

/// The ReplicaSet controller that stands under a simulated Deployment: right, and as plain as can
/// be. It knows its pods by their owner alone, which is enough in a world without strangers; lab 09
/// is about the rest.
public struct PlainSets: SelectorsContract {
    public init() {}

    public func matches(_ selector: Selector, labels: [String: String]) -> Bool {
        selector.matchLabels.allSatisfy { labels[$0.key] == $0.value }
    }
    public func counts(_ pod: PodFacts) -> Bool { pod.isActive }

    public func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) -> Claim {
        Claim(mine: pods.filter { $0.controllerUID == set.uid && counts($0) }.map(\.name))
    }

    /// Who is not ready goes first, then who has been ready for the shortest time.
    public func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) -> [String] {
        pods.sorted { one, other in
            (one.readySince ?? .max, one.name) > (other.readySince ?? .max, other.name)
        }.map(\.name)
    }

    public func newPod(_ set: ReplicaSetFacts) -> PodBirth {
        PodBirth(
            generateName: set.name + "-", labels: set.templateLabels,
            owner: .init(
                apiVersion: "apps/v1", kind: "ReplicaSet", name: set.name, uid: set.uid,
                controller: true, blockOwnerDeletion: true))
    }

    public func observe(_ expectations: Expectations, _ event: PodEvent) -> Expectations {
        var left = expectations
        if event.kind == .created { left.creations = max(0, left.creations - 1) }
        if event.kind == .deleted { left.deletions.removeAll { $0 == event.uid } }
        return left
    }

    public func plan(_ view: ReplicaSetView) -> ReplicaSetPlan {
        let mine = view.pods.filter { $0.controllerUID == view.set.uid && counts($0) }
        var plan = ReplicaSetPlan(expectations: view.expectations)
        if view.expectations.creations == 0, view.expectations.deletions.isEmpty {
            plan.create = max(0, view.set.replicas - mine.count)
            let order = deletionOrder(mine, podsOnNode: [:])
            plan.delete = Array(order.prefix(max(0, mine.count - view.set.replicas)))
            let going = mine.filter { plan.delete.contains($0.name) }.map(\.uid)
            plan.expectations = Expectations(
                creations: plan.create, deletions: going, since: view.now)
        }
        let staying = mine.filter { !plan.expectations.deletions.contains($0.uid) }
        let availableAt = staying.compactMap(\.readySince).map { $0 + view.set.minReadySeconds }
        plan.status = ReplicaSetNumbers(
            replicas: staying.count, fullyLabeled: staying.count, ready: availableAt.count,
            available: availableAt.filter { $0 <= view.now }.count)
        plan.againInSeconds = availableAt.filter { $0 > view.now }.min().map { $0 - view.now }
        return plan
    }
}
