import Contracts

/// A controller's cache: it sees the world as it was some seconds ago, and never goes back.
struct Cache {
    private(set) var seen = 0
    let lagMax: Int

    /// Moves on to a moment between what was seen and now; every moment between is passed through.
    mutating func advance(to latest: Int, _ dice: inout Dice) -> ClosedRange<Int> {
        let from = seen
        let target = latest - dice.number(0...lagMax)
        seen = max(seen, min(latest, target))
        return from...seen
    }
}

/// The ReplicaSet controller around part 09, as the real one is written: expectations first, then
/// writes.
struct SetController {
    var cache: Cache
    var expectations: [String: Expectations] = [:]
    let part: any SelectorsContract
    private(set) var writes = 0

    init(part: any SelectorsContract, lagMax: Int) {
        (self.part, cache) = (part, Cache(lagMax: lagMax))
    }

    mutating func look(
        _ world: inout World, _ history: [World], _ dice: inout Dice,
        readyAfter: (String, inout Dice) -> Int?
    ) throws {
        let range = cache.advance(to: history.count - 1, &dice)
        for moment in range.dropFirst() { try observe(history[moment - 1], history[moment]) }
        let view = history[cache.seen]
        for set in view.sets.values.sorted(by: { $0.facts.name < $1.facts.name }) {
            try reconcile(set, view, &world, &dice, readyAfter)
        }
    }

    private mutating func observe(_ before: World, _ after: World) throws {
        for (name, pod) in after.pods {
            let old = before.pods[name]
            if old == nil { try take(.init(.created, uid: pod.facts.uid), pod.set) }
            if pod.facts.terminating, old?.facts.terminating != true {
                try take(.init(.deleted, uid: pod.facts.uid), pod.set)
            }
        }
        for (name, pod) in before.pods where after.pods[name] == nil {
            try take(.init(.deleted, uid: pod.facts.uid), pod.set)
        }
    }

    private mutating func take(_ event: PodEvent, _ set: String) throws {
        expectations[set] = try part.observe(expectations[set] ?? Expectations(), event)
    }

    private mutating func reconcile(
        _ set: World.Set, _ view: World, _ world: inout World, _ dice: inout Dice,
        _ readyAfter: (String, inout Dice) -> Int?
    ) throws {
        let name = set.facts.name
        let facts = view.pods.values.map(\.facts).sorted { $0.name < $1.name }
        let plan = try part.plan(
            ReplicaSetView(
                set: set.facts, pods: facts, expectations: expectations[name] ?? Expectations(),
                now: world.now))
        expectations[name] = plan.expectations
        for _ in 0..<plan.create {
            let delay = readyAfter(set.hash, &dice)
            world.createPod(
                of: set, birth: try part.newPod(set.facts), readyAt: delay.map { world.now + $0 })
        }
        for pod in plan.delete { world.deletePod(pod, after: dice.number(1...4)) }
        writes += plan.create + plan.delete.count
        guard let now = world.sets[name], now.version == set.version else { return }
        if now.status != plan.status || now.observed != set.generation {
            world.sets[name]?.status = plan.status
            world.sets[name]?.observed = set.generation
            world.sets[name]?.version += 1
        }
    }
}

/// The Deployment controller around part 10.
struct DeploymentController {
    var cache: Cache
    var facts: DeploymentFacts
    let part: any RolloutContract
    private(set) var writes = 0
    /// What the API server answered to the controller's own writes: it never decides on the state
    /// before them.
    private var learned: [String: World.Set] = [:]
    /// What the annotation of the Deployment says.
    private(set) var revision: Int?
    let minReadySeconds: Int

    init(part: any RolloutContract, facts: DeploymentFacts, minReadySeconds: Int, lagMax: Int) {
        (self.part, self.facts, self.minReadySeconds) = (part, facts, minReadySeconds)
        cache = Cache(lagMax: lagMax)
    }

    static func revisions(_ world: World) -> [RevisionFacts] {
        world.sets.values.map { set in
            RevisionFacts(
                name: set.facts.name, templateHash: set.hash, revision: set.revision,
                desired: set.desired,
                replicas: set.facts.replicas, pods: set.status.replicas, ready: set.status.ready,
                available: set.status.available, observed: set.observed == set.generation,
                created: set.created)
        }.sorted { $0.name < $1.name }
    }

    mutating func look(_ world: inout World, _ history: [World], _ dice: inout Dice) throws {
        _ = cache.advance(to: history.count - 1, &dice)
        var seen = history[cache.seen]
        for (name, set) in learned where set.version >= seen.sets[name]?.version ?? 0 {
            seen.sets[name] = set
        }
        let plan = try part.plan(
            DeploymentView(deployment: facts, sets: Self.revisions(seen), now: world.now))
        if let create = plan.create, world.sets[create.name] == nil { add(create, to: &world) }
        for resize in plan.resize {
            // A write made from a stale copy is refused by the API server (409), and made again
            // after the next look.
            guard world.sets[resize.name]?.version == seen.sets[resize.name]?.version else {
                return
            }
            if world.sets[resize.name]?.facts.replicas != resize.to { writes += 1 }
            world.sets[resize.name]?.facts.replicas = resize.to
            world.sets[resize.name]?.desired = facts.replicas
            world.sets[resize.name]?.generation += 1
            world.sets[resize.name]?.version += 1
            learned[resize.name] = world.sets[resize.name]
        }
        if let renumber = plan.renumber { world.sets[renumber.name]?.revision = renumber.revision }
        for name in plan.delete where world.active(name) == 0 {
            (world.sets[name], learned[name]) = (nil, nil)
        }
        if let revision = plan.revision { self.revision = revision }
        (facts.status, facts.progressing, facts.available) = (
            plan.status, plan.progressing, plan.available
        )
    }

    private mutating func add(_ create: RolloutPlan.Creation, to world: inout World) {
        writes += 1
        let labels = ["app": "web", "pod-template-hash": create.templateHash]
        world.sets[create.name] = World.Set(
            facts: ReplicaSetFacts(
                name: create.name, uid: "uid-of-\(create.name)-\(world.now)",
                selector: Selector(matchLabels: labels), templateLabels: labels,
                replicas: create.replicas, minReadySeconds: minReadySeconds),
            hash: create.templateHash, revision: create.revision, desired: facts.replicas,
            created: world.now)
        learned[create.name] = world.sets[create.name]
    }
}
