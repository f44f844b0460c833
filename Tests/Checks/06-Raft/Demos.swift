import ContractRaft
import Grading
import RaftSimulation

private let usage = """
    lab try 06 split-vote        two candidates at once, four members
    lab try 06 partition         five members, cut in two and healed
    lab try 06 figure-8          the paper's figure 8, from (c) on
    lab try 06 figure-8 counted  the same, if old entries were committed by counting
    lab try 06 storm [SEED]      two seconds of bad weather
    """

/// `lab try 06 …`: a run with the part's rules alone, and its timeline.
@Sendable func tryRaft(_ part: PartProgram, _ arguments: [String]) throws {
    let seed = arguments.count > 1 ? UInt64(arguments[1]) : nil
    switch arguments.first {
    case "split-vote": try show(splitVotePlan, part, seed: seed ?? 84) { try $0.run(for: 600) }
    case "partition": try show(partitionPlan, part, script: playPartition)
    case "figure-8":
        let counted = arguments.count > 1 && arguments[1] == "counted"
        try show(figureEightPlan, part, counted: counted, script: playFigureEight)
    case "storm": try show(.badWeather, part, seed: seed ?? 1) { try $0.run(for: 2000) }
    default: print(usage)
    }
}

private func show(
    _ plan: RaftCluster.Plan, _ part: PartProgram, seed: UInt64 = 1, counted: Bool = false,
    script: (inout RaftCluster) throws -> Void
) throws {
    let remote = RemoteRaft(asking: part)
    let rules: any RaftContract =
        counted
        ? MixedRules(Set(Rule.allCases).subtracting([.commit]), of: remote, countsOldTerms: true)
        : MixedRules(Set(Rule.allCases), of: remote)
    var cluster = try RaftCluster(seed: seed, plan: plan, rules: rules)
    var end = ""
    do {
        try script(&cluster)
        try cluster.finish()
        let summary = cluster.summary
        end =
            "terms with a leader: \(summary.terms), entries committed: \(summary.committed), "
            + "clients answered: \(summary.answered); every promise kept"
    } catch let violation as Violation { end = "BROKEN \(violation)" }
    print(cluster.timeline)
    print("\n\(end)")
}

/// S1 and S2 stand at once, and each has one vote of the others.
private var splitVotePlan: RaftCluster.Plan {
    var plan = RaftCluster.Plan.script
    plan.members = 4
    plan.timeouts = [1: 150...190, 2: 150...190, 3: 500...600, 4: 500...600]
    plan.faults.delay = 1...4
    return plan
}

private var partitionPlan: RaftCluster.Plan {
    var plan = RaftCluster.Plan.script
    plan.members = 5
    plan.timeouts[1] = 100...110
    for id in 2...5 { plan.timeouts[id] = 200...300 }
    return plan
}

private func playPartition(_ cluster: inout RaftCluster) throws {
    _ = try cluster.run(atMost: 500) { $0.leader == 1 }
    try cluster.run(for: 20)
    cluster.part([1, 2], [3, 4, 5])
    for _ in 0..<2 { try cluster.write(through: 1) }
    _ = try cluster.run(atMost: 3000) { $0.leader.map { $0 > 2 } ?? false }
    try cluster.write(through: cluster.leader ?? 3)
    try cluster.run(for: 20)
    cluster.heal()
    try cluster.run(for: 200)
}

private func playFigureEight(_ cluster: inout RaftCluster) throws {
    cluster.lose("entries of term 4") { $0.carries(term: 4) }
    _ = try cluster.run(atMost: 500) { $0.leader == 1 }
    try cluster.run(for: 60)
    for id in 1...3 { cluster.crash(id) }
    cluster.heal()
    for id in 2...5 { try cluster.start(id) }
    _ = try cluster.run(atMost: 2000) { $0.leader == 5 }
    try cluster.run(for: 60)
    try cluster.start(1)
    try cluster.run(for: 100)
}

extension RaftCluster.Plan {
    /// Loss, late messages, crashes, torn writes and partitions.
    static var badWeather: RaftCluster.Plan {
        var plan = RaftCluster.Plan()
        plan.faults.lossPercent = 5
        plan.faults.duplicationPercent = 5
        plan.faults.stragglePercent = 5
        plan.troubleEvery = 250
        plan.diskDelay = 1...20
        plan.isDetailed = true
        return plan
    }
}
