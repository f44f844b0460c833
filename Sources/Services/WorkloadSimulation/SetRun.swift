import ContractSelectors
import Simulation

/// One simulated life of a single ReplicaSet around part 09, decided by a seed: pods come late,
/// fail, are deleted and relabelled by users, strangers appear, and the cache is behind.
///
///     var run = SetRun(seed: 7, replicas: 4, lagMax: 3, selectors: part)
///     try run.settle()
///     run.stage.loseOne()
///     try run.settle()            // throws BrokenPromise, which has the timeline
public struct SetRun: Sendable {
    public static let name = "web-5d8f"
    /// The labels of the set's template; its selector wants both.
    public static let labels = ["app": "web", "pod-template-hash": "5d8f"]

    public var stage: Stage
    public private(set) var sets: SetController

    public init(
        seed: Int, replicas: Int, minReadySeconds: Int = 0, lagMax: Int = 0,
        idleLookPercent: Int = 5, selectors: any SelectorsContract
    ) {
        stage = Stage(seed: seed, lanes: ["5d8f"])
        stage.world.sets[Self.name] = World.Set(
            facts: ReplicaSetFacts(
                name: Self.name, uid: "uid-of-\(Self.name)",
                selector: Selector(matchLabels: Self.labels), templateLabels: Self.labels,
                replicas: replicas, minReadySeconds: minReadySeconds),
            hash: "5d8f")
        sets = SetController(
            part: selectors, lagMax: lagMax, knowsNodes: true, idleLookPercent: idleLookPercent)
    }

    public var world: World { stage.world }
    public var set: World.Set { world.sets[Self.name]! }
    public var timeline: Timeline { stage.timeline }

    // MARK: What users do

    public mutating func scale(to replicas: Int) {
        stage.note(nil, "scale to \(replicas)")
        stage.world.sets[Self.name]?.facts.replicas = replicas
        stage.world.sets[Self.name]?.generation += 1
        stage.world.sets[Self.name]?.version += 1
    }

    /// A pod with the set's labels and without an owner: the set should adopt it.
    @discardableResult
    public mutating func addStranger() -> String {
        let name = stage.world.createPod(
            prefix: "stranger-", labels: Self.labels, owner: nil, readyAfter: 1)
        stage.note(nil, "\(name) appears, with the set's labels and no owner")
        return name
    }

    /// A pod loses the label that the selector asks for: the set should let it go.
    public mutating func relabel(_ pod: String) {
        stage.note(nil, "\(pod) is relabelled")
        stage.world.relabelPod(pod, ["app": "debug"])
    }

    /// Pods that the set owns and that count, sorted.
    public var owned: [String] {
        world.activePods.filter { world.pods[$0]?.facts.controllerUID == set.facts.uid }
    }

    // MARK: Time

    /// One second: the nodes, then the controller where it gets its turn, then the promise is
    /// checked.
    public mutating func second() throws {
        stage.world.tick()
        if stage.dice.chance(percent: 80) { try sets.look(&stage) }
        stage.close()
        try checkSize()
    }

    public mutating func seconds(_ count: Int) throws { for _ in 0..<count { try second() } }

    /// Runs until the set has the pods it should have, then on for a while, in which nothing may be
    /// written.
    public mutating func settle(within limit: Int = 120, quietSeconds: Int = 30) throws {
        var left = limit
        while !isDone {
            guard left > 0 else {
                throw stage.broken(
                    .done, expected: "\(set.facts.replicas) pods of its own",
                    seen: "\(owned.count) after \(limit) quiet seconds")
            }
            try second()
            left -= 1
        }
        try seconds(10)
        let before = sets.writes
        try seconds(quietSeconds)
        if sets.writes != before || !isDone {
            throw stage.broken(
                .quiet, expected: "nothing more to do once all is as wanted",
                seen: "\(sets.writes - before) more writes")
        }
    }

    /// As many counting pods as wanted, all with the set's labels, no orphan left with them, and a
    /// status that says so.
    public var isDone: Bool {
        let active = world.activePods.compactMap { world.pods[$0]?.facts }
        let fits = active.filter { pod in
            Self.labels.allSatisfy { pod.labels[$0.key] == $0.value }
        }
        let mine = Set(owned)
        return fits.allSatisfy { mine.contains($0.name) } && mine.count == fits.count
            && mine.count == set.facts.replicas && set.status.replicas == mine.count
    }

    /// Creating never takes the set beyond what it was told lately; adopted strangers may.
    private mutating func checkSize() throws {
        if !stage.isChanged { return }
        let recent = stage.history.suffix(sets.cache.lagMax + 2)
        let told = recent.compactMap { $0.sets[Self.name]?.facts.replicas }.max() ?? 0
        let before = stage.history[stage.history.count - 2]
        let made = owned.filter { before.pods[$0] == nil }
        if !made.isEmpty, owned.count > told {
            throw stage.broken(
                .notTooManyPods, expected: "at most \(told) pods, since it creates some",
                seen: "\(owned.count), \(made.count) of them new")
        }
    }
}
