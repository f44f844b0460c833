import ContractSelectors
import Simulation

/// The ReplicaSet controller around part 09, as the real one is written: expectations first, then
/// writes.
public struct SetController: Sendable {
    var cache: Cache
    private var expectations: [String: Expectations] = [:]
    private var attention: [String: Attention] = [:]
    let part: any SelectorsContract
    /// Whether the part is told how crowded the nodes are. A ReplicaSet takes a pod from a crowded
    /// node sooner than one that has been ready for less time; so a Deployment with
    /// minReadySeconds, which counts on an unavailable pod to go, may lose an available one. The
    /// real ones have this flaw; below a Deployment it is left out.
    private let knowsNodes: Bool
    /// How often it looks in a second without a reason that this world knows: the status of a pod
    /// was written, or something that isn't simulated. That is when a stale cache does harm.
    private let idleLookPercent: Int
    /// Pods created and deleted, adopted and released.
    public private(set) var writes = 0

    init(
        part: any SelectorsContract, lagMax: Int, knowsNodes: Bool, idleLookPercent: Int = 5
    ) {
        (self.part, cache, self.knowsNodes) = (part, Cache(lagMax: lagMax), knowsNodes)
        self.idleLookPercent = idleLookPercent
    }

    /// One turn: the cache moves on, and every set that has a reason to is looked at.
    mutating func look(_ stage: inout Stage) throws {
        let range = cache.advance(to: stage.history.count - 1, &stage.dice)
        for moment in range.dropFirst()
        where stage.history[moment - 1].changes != stage.history[moment].changes {
            try observe(stage.history[moment - 1], stage.history[moment])
        }
        let seen = stage.history[cache.seen]
        for set in seen.sortedSets {
            let attention = attention[set.facts.name] ?? Attention()
            if attention.calls(seen.changes, now: stage.world.now)
                || stage.dice.chance(percent: idleLookPercent)
            {
                try reconcile(set, seen, &stage)
            }
        }
    }

    private mutating func observe(_ before: World, _ after: World) throws {
        for (name, pod) in after.pods.sorted(by: { $0.key < $1.key }) {
            let old = before.pods[name]
            if old == nil { try take(.init(.created, uid: pod.facts.uid), pod, after) }
            if pod.facts.terminating, old?.facts.terminating != true {
                try take(.init(.deleted, uid: pod.facts.uid), pod, after)
            }
        }
        for (name, pod) in before.pods.sorted(by: { $0.key < $1.key }) where after.pods[name] == nil
        {
            try take(.init(.deleted, uid: pod.facts.uid), pod, before)
        }
    }

    /// Only a set that waits for something is told.
    private mutating func take(_ event: PodEvent, _ pod: World.Pod, _ world: World) throws {
        let owner = world.sets.values.first { $0.facts.uid == pod.facts.controllerUID }
        guard let name = owner?.facts.name, let open = expectations[name] else { return }
        guard open.creations > 0 || !open.deletions.isEmpty else { return }
        expectations[name] = try part.observe(open, event)
        attention[name]?.retry()
    }

    private mutating func reconcile(
        _ set: World.Set, _ seen: World, _ stage: inout Stage
    ) throws {
        let name = set.facts.name
        let pods = seen.pods.values.map(\.facts).sorted { $0.name < $1.name }
        let plan = try part.plan(
            ReplicaSetView(
                set: set.facts, pods: pods, podsOnNode: podsOnNode(set, pods),
                expectations: expectations[name] ?? Expectations(), now: stage.world.now))
        attention[name, default: Attention()].looked(
            seen.changes, againAt: plan.againInSeconds.map { $0 + stage.world.now })
        expectations[name] = plan.expectations
        try act(plan, set, seen, &stage)
        guard let now = stage.world.sets[name], now.version == set.version else {
            attention[name]?.retry()
            return
        }
        if now.status != plan.status || now.observed != set.generation {
            stage.world.sets[name]?.status = plan.status
            stage.world.sets[name]?.observed = set.generation
            stage.world.sets[name]?.version += 1
        }
    }

    /// Pods of the same application on each node.
    private func podsOnNode(_ set: World.Set, _ pods: [PodFacts]) -> [String: Int] {
        if !knowsNodes { return [:] }
        let kin = pods.filter {
            $0.isActive && $0.labels["app"] == set.facts.templateLabels["app"]
        }
        return Dictionary(kin.compactMap { $0.node.map { ($0, 1) } }, uniquingKeysWith: +)
    }

    private mutating func act(
        _ plan: ReplicaSetPlan, _ set: World.Set, _ seen: World, _ stage: inout Stage
    ) throws {
        for pod in plan.adopt
        where stage.world.pods[pod].map({ $0.facts.controllerUID == nil }) == true {
            stage.world.ownPod(pod, by: set.facts.uid)
            stage.note(set.hash, "adopts \(pod)")
            writes += 1
        }
        for pod in plan.release
        where stage.world.pods[pod]?.facts.controllerUID == set.facts.uid {
            stage.world.ownPod(pod, by: nil)
            stage.note(set.hash, "releases \(pod)")
            writes += 1
        }
        for _ in 0..<min(plan.create, ReplicaSetPlan.burst) {
            let birth = try part.newPod(set.facts)
            let delay = stage.startSeconds(of: set.hash)
            stage.world.createPod(
                prefix: birth.generateName, labels: birth.labels, owner: birth.owner.uid,
                readyAfter: delay)
        }
        for pod in plan.delete {
            let seconds = stage.dice.roll(1...4)
            if stage.world.pods[pod] == nil { try refuse(pod, set, seen) }
            stage.world.deletePod(pod, after: seconds)
        }
        writes += plan.create + plan.delete.count
        if plan.create > 0 { stage.note(set.hash, "creates \(plan.create)") }
        if !plan.delete.isEmpty {
            stage.note(set.hash, "deletes \(plan.delete.joined(separator: ", "))")
        }
    }

    /// The API server says 404: what it refused counts as observed at once.
    private mutating func refuse(_ pod: String, _ set: World.Set, _ seen: World) throws {
        guard let uid = seen.pods[pod]?.facts.uid, let open = expectations[set.facts.name] else {
            return
        }
        expectations[set.facts.name] = try part.observe(open, .init(.deleted, uid: uid))
    }
}
