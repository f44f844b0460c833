import ContractRollout
import ContractSelectors
import Simulation

/// How a simulated Deployment is made, and how bad its world is.
public struct RolloutSetup: Sendable {
    public var facts: DeploymentFacts
    public var minReadySeconds = 0
    /// How far behind the caches may be, in seconds.
    public var lagMax = 0
    /// In how many of 100 seconds a controller gets its turn.
    public var turnPercent = 80
    /// How long pods take to get ready, in seconds.
    public var startSeconds = 1...6

    public init(facts: DeploymentFacts) { self.facts = facts }

    /// All that can be drawn by lot, drawn.
    /// - Parameter size: the most replicas.
    public static func drawn(seed: Int, size: Int) -> RolloutSetup {
        var dice = Dice(seed: UInt64(bitPattern: Int64(seed)) ^ 0x5E70)
        func bound(_ dice: inout Dice) -> Bound {
            dice.chance(percent: 50) ? .pods(dice.roll(0...2)) : .percent(25)
        }
        var setup = RolloutSetup(
            facts: DeploymentFacts(
                name: "web", replicas: dice.roll(1...max(1, size)), maxSurge: bound(&dice),
                maxUnavailable: bound(&dice), templateHash: "v1",
                revisionHistoryLimit: dice.roll(0...3), progressDeadlineSeconds: 60))
        setup.minReadySeconds = dice.roll(0...3)
        setup.lagMax = dice.roll(0...4)
        return setup
    }
}

/// One simulated life of a Deployment, decided by a seed: second by second, with the promises
/// checked after each.
///
///     var run = RolloutRun(seed: 7, RolloutSetup.drawn(seed: 7, size: 5), rollout: part)
///     try run.settle()            // the first template is there
///     run.change(template: "v2")
///     try run.settle()            // throws BrokenPromise, which has the timeline
public struct RolloutRun: Sendable {
    public var stage: Stage
    public private(set) var sets: SetController
    public private(set) var deployment: DeploymentController
    private let turnPercent: Int
    /// What was wanted was available once: from then on the promise holds.
    private var reachedBound = false
    /// What was decided for an earlier number may be carried out until then.
    private var promiseFrom = 0
    /// The wanted number was changed and not reached yet: until then the total may be what it was.
    private var isScaling = false

    public init(
        seed: Int, _ setup: RolloutSetup, rollout: any RolloutContract,
        selectors: any SelectorsContract = PlainSets()
    ) {
        stage = Stage(seed: seed, lanes: ["deployment"])
        stage.startSeconds = setup.startSeconds
        turnPercent = setup.turnPercent
        sets = SetController(part: selectors, lagMax: setup.lagMax, knowsNodes: false)
        deployment = DeploymentController(
            part: rollout, facts: setup.facts, minReadySeconds: setup.minReadySeconds,
            lagMax: setup.lagMax)
    }

    public var world: World { stage.world }
    public var facts: DeploymentFacts { deployment.facts }
    public var timeline: Timeline { stage.timeline }
    /// Pods that may be trusted to answer.
    public var available: Int {
        world.available(minReadySeconds: deployment.minReadySeconds)
    }

    // MARK: What users do

    public mutating func change(template: String) {
        stage.note(nil, "the template is \(template) from now on")
        deployment.facts.templateHash = template
    }

    public mutating func pause(_ paused: Bool) {
        stage.note(nil, paused ? "rollout pause" : "rollout resume")
        deployment.facts.paused = paused
    }

    /// From here on the promises are about another number; they hold again once it has been
    /// reached.
    public mutating func scale(to replicas: Int) {
        stage.note(nil, "scale to \(replicas)")
        deployment.facts.replicas = replicas
        (reachedBound, promiseFrom, isScaling) = (false, world.now + 15, true)
    }

    // MARK: Time

    /// One second: the nodes, then whichever controllers get their turn, then the promises are
    /// checked.
    public mutating func second() throws {
        stage.world.tick()
        if stage.dice.chance(percent: turnPercent) { try sets.look(&stage) }
        if stage.dice.chance(percent: turnPercent) { try deployment.look(&stage) }
        stage.close()
        try checkPromises()
    }

    public mutating func seconds(_ count: Int) throws { for _ in 0..<count { try second() } }

    /// Runs until all is as wanted, then on for a while, in which nothing may be written.
    /// - Throws: `BrokenPromise`, and what the parts throw.
    public mutating func settle(within limit: Int = 300, quietSeconds: Int = 40) throws {
        var left = limit
        while !isDone {
            guard left > 0 else {
                throw stage.broken(
                    .done, expected: "\(facts.replicas) available pods of \(facts.templateHash)",
                    seen: "not so after \(limit) quiet seconds")
            }
            try second()
            left -= 1
        }
        try seconds(5)
        let before = sets.writes + deployment.writes
        try seconds(quietSeconds)
        let more = sets.writes + deployment.writes - before
        if more > 0 || !isDone {
            throw stage.broken(
                .quiet, expected: "nothing more to do once all is as wanted",
                seen: "\(more) more writes")
        }
    }

    /// All pods are of the present template, as many as wanted, all available, and old sets are
    /// empty.
    public var isDone: Bool {
        let sizesFit = world.sets.values.allSatisfy { set in
            let wanted = set.hash == facts.templateHash ? facts.replicas : 0
            return set.facts.replicas == wanted && world.active(set.facts.name) == wanted
        }
        return sizesFit && available == facts.replicas
    }

    // MARK: Promises

    /// What maxSurge and maxUnavailable promise, whatever the part under test makes of them.
    private var bounds: RolloutBounds {
        func pods(_ bound: Bound, _ rule: FloatingPointRoundingRule) -> Int {
            switch bound {
            case .pods(let count): count
            case .percent(let share): Int((Double(facts.replicas * share) / 100).rounded(rule))
            }
        }
        let (surge, down) = (pods(facts.maxSurge, .up), pods(facts.maxUnavailable, .down))
        return RolloutBounds(surge: surge, unavailable: surge + down == 0 ? 1 : down)
    }

    private mutating func checkPromises() throws {
        let available = self.available
        if available >= facts.replicas, world.now >= promiseFrom { reachedBound = true }
        if facts.strategy == .rollingUpdate {
            try checkAvailable(available)
            try checkWanted()
        }
        try stage.checkSizes(lagMax: sets.cache.lagMax)
    }

    private mutating func checkAvailable(_ available: Int) throws {
        let needed = facts.replicas - bounds.unavailable
        if reachedBound, available + stage.lossesWithin(30) < needed {
            throw stage.broken(
                .enoughAvailable,
                expected: "at least \(needed) available (\(facts.replicas) replicas, "
                    + "maxUnavailable \(facts.maxUnavailable))",
                seen: "\(available)")
        }
    }

    private mutating func checkWanted() throws {
        let wanted = world.sets.values.map(\.facts.replicas).reduce(0, +)
        let most = facts.replicas + bounds.surge
        if wanted <= most { isScaling = false }
        if !isScaling, wanted > most {
            throw stage.broken(
                .notTooManyWanted,
                expected: "at most \(most) pods wanted in all (\(facts.replicas) replicas, "
                    + "maxSurge \(facts.maxSurge))",
                seen: "\(wanted)")
        }
    }
}
