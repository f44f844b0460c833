import ContractRollout
import ContractSelectors
import Simulation

/// The Deployment controller around part 10.
public struct DeploymentController: Sendable {
    var cache: Cache
    /// What the user wants and what the status says.
    public internal(set) var facts: DeploymentFacts {
        didSet { if facts != oldValue { attention.retry() } }
    }
    let part: any RolloutContract
    let minReadySeconds: Int
    /// ReplicaSets created and resized.
    public private(set) var writes = 0
    /// What the annotation of the Deployment says.
    public private(set) var revision: Int?
    /// What the API server answered to the controller's own writes: it never decides on the state
    /// before them.
    private var learned: [String: World.Set] = [:]
    private var attention = Attention()

    init(part: any RolloutContract, facts: DeploymentFacts, minReadySeconds: Int, lagMax: Int) {
        (self.part, self.facts, self.minReadySeconds) = (part, facts, minReadySeconds)
        cache = Cache(lagMax: lagMax)
    }

    /// What a Deployment is told of the sets that there are.
    public static func revisions(_ world: World) -> [RevisionFacts] {
        world.sortedSets.map { set in
            RevisionFacts(
                name: set.facts.name, templateHash: set.hash, revision: set.revision,
                desired: set.desired, replicas: set.facts.replicas, pods: set.status.replicas,
                ready: set.status.ready, available: set.status.available,
                observed: set.observed == set.generation, created: set.created)
        }
    }

    /// One turn: the cache moves on; where something changed, or a time came, the part is asked and
    /// its plan carried out.
    mutating func look(_ stage: inout Stage) throws {
        _ = cache.advance(to: stage.history.count - 1, &stage.dice)
        var seen = stage.history[cache.seen]
        let changes = seen.changes
        guard attention.calls(changes, now: stage.world.now) || stage.dice.chance(percent: 5)
        else { return }
        for (name, set) in learned where set.version >= seen.sets[name]?.version ?? 0 {
            seen.sets[name] = set
        }
        let view = DeploymentView(
            deployment: facts, sets: Self.revisions(seen), oldPodsAlive: oldPodsAlive(seen),
            now: stage.world.now)
        let plan = try part.plan(view)
        attention.looked(changes, againAt: plan.againInSeconds.map { $0 + stage.world.now })
        carryOut(plan, seen, &stage)
    }

    /// Pods of other templates that still exist; asked for only where the strategy waits for them.
    private func oldPodsAlive(_ seen: World) -> Int {
        if facts.strategy != .recreate { return 0 }
        return seen.pods.values.count {
            $0.facts.labels["pod-template-hash"] != facts.templateHash
        }
    }

    private mutating func carryOut(_ plan: RolloutPlan, _ seen: World, _ stage: inout Stage) {
        if let create = plan.create, stage.world.sets[create.name] == nil { add(create, &stage) }
        for resize in plan.resize {
            // A write made from a stale copy is refused by the API server (409), and made again
            // later.
            guard let set = stage.world.sets[resize.name],
                set.version == seen.sets[resize.name]?.version
            else { return attention.retry() }
            self.resize(set, to: resize.to, &stage)
        }
        if let renumber = plan.renumber {
            stage.note(renumber.name, "is revision \(renumber.revision) now")
            stage.world.sets[renumber.name]?.revision = renumber.revision
            learned[renumber.name]?.revision = renumber.revision
        }
        for name in plan.delete where stage.world.active(name) == 0 {
            (stage.world.sets[name], learned[name]) = (nil, nil)
        }
        if let revision = plan.revision { self.revision = revision }
        if let reason = plan.progressing?.reason, reason != facts.progressing?.reason {
            stage.note("deployment", reason)
        }
        var told = facts
        (told.status, told.progressing) = (plan.status, plan.progressing)
        told.available = plan.available
        facts = told
    }

    private mutating func resize(_ old: World.Set, to size: Int, _ stage: inout Stage) {
        var set = old
        if set.facts.replicas != size {
            writes += 1
            stage.note("deployment", "\(set.hash) \(set.facts.replicas) → \(size)")
        }
        (set.facts.replicas, set.desired) = (size, facts.replicas)
        set.generation += 1
        set.version += 1
        (stage.world.sets[set.facts.name], learned[set.facts.name]) = (set, set)
    }

    private mutating func add(_ create: RolloutPlan.Creation, _ stage: inout Stage) {
        writes += 1
        stage.note("deployment", "creates \(create.name) with \(create.replicas)")
        let labels = ["app": "web", "pod-template-hash": create.templateHash]
        let set = World.Set(
            facts: ReplicaSetFacts(
                name: create.name, uid: "uid-of-\(create.name)-\(stage.world.now)",
                selector: Selector(matchLabels: labels), templateLabels: labels,
                replicas: create.replicas, minReadySeconds: minReadySeconds),
            hash: create.templateHash, revision: create.revision, desired: facts.replicas,
            created: stage.world.now)
        (stage.world.sets[create.name], learned[create.name]) = (set, set)
    }
}
