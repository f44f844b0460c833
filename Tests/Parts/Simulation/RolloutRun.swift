import Contracts

/// One simulated life of a Deployment, decided by a seed.
struct RolloutRun {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let seed: Int
    var dice: Dice
    var world = World()
    var history: [World]
    var sets: SetController
    var deployment: DeploymentController
    /// Templates whose pods never get ready.
    var brokenTemplates: Set<String> = []
    /// The wanted number was available once: from then on the promise holds.
    var reachedBound = false
    /// What was decided for an earlier number may be carried out until then.
    var promiseFrom = 0
    /// The wanted number was changed and not reached yet: until then the total may be what it was.
    var isScaling = false
    /// Seconds at which a pod was lost that no controller had ended.
    var losses: [Int] = []
    let log: Log

    final class Log { var lines: [String] = [] }

    init(seed: Int, selectors: any SelectorsContract, rollout: any RolloutContract) {
        self.seed = seed
        dice = Dice(seed: seed)
        let surge = dice.number(0...2)
        let facts = DeploymentFacts(
            name: "web", replicas: dice.number(1...8),
            maxSurge: dice.chance(50) ? .pods(surge) : .percent(25),
            maxUnavailable: dice.chance(50) ? .pods(dice.number(0...2)) : .percent(25),
            templateHash: "v1", revisionHistoryLimit: dice.number(0...3),
            progressDeadlineSeconds: 60)
        let lag = dice.number(0...4)
        sets = SetController(part: selectors, lagMax: lag)
        deployment = DeploymentController(
            part: rollout, facts: facts, minReadySeconds: dice.number(0...3), lagMax: lag)
        history = [world]
        log = Log()
    }

    var bounds: RolloutBounds {
        get throws {
            try deployment.part.bounds(
                replicas: deployment.facts.replicas, maxSurge: deployment.facts.maxSurge,
                maxUnavailable: deployment.facts.maxUnavailable)
        }
    }

    /// One second: the nodes, then whichever controllers get their turn, then the promises are
    /// checked.
    mutating func second() throws {
        world.tick()
        let broken = brokenTemplates
        if dice.chance(80) {
            try sets.look(&world, history, &dice) { hash, dice in
                broken.contains(hash) ? nil : dice.number(1...6)
            }
        }
        if dice.chance(80) { try deployment.look(&world, history, &dice) }
        history.append(world)
        log.lines.append(line)
        try checkPromises()
    }

    private var line: String {
        let numbers = world.sets.values.sorted { $0.facts.name < $1.facts.name }.map {
            "\($0.hash): wants \($0.facts.replicas) has \(world.active($0.facts.name)) available \($0.status.available)"
        }
        return "\(world.now - 1_000_000) s  want \(deployment.facts.templateHash)  "
            + numbers.joined(separator: " | ")
    }

    private mutating func checkPromises() throws {
        let facts = deployment.facts
        let bounds = try self.bounds
        let available = world.available(minReadySeconds: deployment.minReadySeconds)
        if available >= facts.replicas, world.now >= promiseFrom { reachedBound = true }
        let recent = losses.filter { $0 > world.now - 30 }.count
        if reachedBound, available + recent < facts.replicas - bounds.unavailable {
            throw broken(
                "\(available) available of \(facts.replicas), at least \(facts.replicas - bounds.unavailable) promised"
            )
        }
        let wanted = world.sets.values.map(\.facts.replicas).reduce(0, +)
        if wanted <= facts.replicas + bounds.surge { isScaling = false }
        if !isScaling, wanted > facts.replicas + bounds.surge {
            throw broken(
                "\(wanted) pods wanted in all, at most \(facts.replicas + bounds.surge) promised")
        }
        for set in world.sets.values {
            let highest =
                history.suffix(sets.cache.lagMax + 2).compactMap {
                    $0.sets[set.facts.name]?.facts.replicas
                }.max() ?? 0
            if world.active(set.facts.name)
                > max(highest, history[history.count - 2].active(set.facts.name))
            {
                throw broken(
                    "\(set.facts.name) has \(world.active(set.facts.name)) pods, wanted \(highest)")
            }
        }
    }

    func broken(_ what: String) -> Broken {
        Broken(
            description: "seed \(seed), second \(world.now - 1_000_000): \(what)\n"
                + log.lines.suffix(25).joined(separator: "\n"))
    }

    /// All pods are of the present template, as many as wanted, all available, and old sets are
    /// empty.
    var isDone: Bool {
        world.sets.values.allSatisfy { set in
            let wanted = set.hash == deployment.facts.templateHash ? deployment.facts.replicas : 0
            return set.facts.replicas == wanted && world.active(set.facts.name) == wanted
        }
            && world.available(minReadySeconds: deployment.minReadySeconds)
                == deployment.facts.replicas
    }

    /// Runs until all is as wanted, then a minute more, in which nothing may be written.
    mutating func settle(within seconds: Int = 300) throws {
        var left = seconds
        while !isDone {
            guard left > 0 else { throw broken("not done after \(seconds) quiet seconds") }
            try second()
            left -= 1
        }
        for _ in 0..<10 { try second() }
        let before = sets.writes + deployment.writes
        for _ in 0..<60 { try second() }
        if sets.writes + deployment.writes != before || !isDone {
            throw broken("done, and yet \(sets.writes + deployment.writes - before) more writes")
        }
    }
}
