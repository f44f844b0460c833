import ContractRollout
import Grading
import WorkloadSimulation

/// `lab try 10 [replicas [maxSurge [maxUnavailable [broken]]]]`: the part rolls v1 to v2, and each
/// second in which something changed is a row of a table.
func tryRollout(_ program: PartProgram, _ arguments: [String]) throws {
    let wish = try RolloutWish(arguments)
    let part = RemoteRollout(asking: program)
    let allowed = try part.bounds(
        replicas: wish.facts.replicas, maxSurge: wish.facts.maxSurge,
        maxUnavailable: wish.facts.maxUnavailable)
    print(
        "\(wish.facts.replicas) replicas, maxSurge \(wish.facts.maxSurge), "
            + "maxUnavailable \(wish.facts.maxUnavailable): at most "
            + "\(wish.facts.replicas + allowed.surge) pods in all, at least "
            + "\(wish.facts.replicas - allowed.unavailable) available")
    var setup = RolloutSetup(facts: wish.facts)
    (setup.startSeconds, setup.turnPercent) = (2...2, 100)
    var run = RolloutRun(seed: 1, setup, rollout: part)
    if wish.isBroken { run.stage.brokenTemplates = ["v2"] }
    do { try roll(&run) } catch let broken as BrokenPromise {
        throw Failed(
            "a promise broke: expected \(broken.expected); seen \(broken.seen)", idea: "")
    }
}

private func roll(_ run: inout RolloutRun) throws {
    try run.settle(quietSeconds: 5)
    let start = run.world.now
    run.change(template: "v2")
    print("second  v1 wants  has   v2 wants  has   available  what is said")
    var (last, still) = ("", 0)
    while still < 45, run.world.now - start < 600 {
        let row = row(run)
        if row != last { print(padded("\(run.world.now - start)", 6) + row) }
        (last, still) = (row, row == last ? still + 1 : 0)
        try run.second()
    }
}

private func row(_ run: RolloutRun) -> String {
    func set(_ hash: String) -> World.Set? { run.world.sets.values.first { $0.hash == hash } }
    func numbers(_ hash: String) -> String {
        guard let set = set(hash) else { return padded("-", 10) + padded("-", 5) }
        return padded("\(set.facts.replicas)", 10)
            + padded("\(run.world.active(set.facts.name))", 5)
    }
    return numbers("v1") + " " + numbers("v2") + padded("\(run.available)", 12) + "  "
        + (run.facts.progressing?.reason ?? "")
}

private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

/// What is to be tried.
private struct RolloutWish {
    var facts: DeploymentFacts
    let isBroken: Bool

    init(_ arguments: [String]) throws {
        let usage =
            "usage: lab try 10 [REPLICAS [MAXSURGE [MAXUNAVAILABLE [broken]]]], "
            + "for example: lab try 10 4 25% 0"
        func bound(_ place: Int, _ otherwise: Bound) throws -> Bound {
            guard arguments.count > place else { return otherwise }
            guard let bound = Bound(arguments[place]) else {
                throw Failed(
                    "\"\(arguments[place])\" is no number and no percentage. \(usage)", idea: "")
            }
            return bound
        }
        guard case .pods(let replicas) = try bound(0, .pods(3)), (0...100).contains(replicas),
            arguments.count < 4 || arguments[3] == "broken", arguments.count < 5
        else { throw Failed(usage, idea: "") }
        isBroken = arguments.count > 3
        facts = DeploymentFacts(
            name: "web", replicas: replicas, maxSurge: try bound(1, .pods(1)),
            maxUnavailable: try bound(2, .pods(0)), templateHash: "v1", progressDeadlineSeconds: 30)
    }
}
