import Consensus
import ContractRaft
import RaftSimulation
import SolutionRaft
import Testing

/// The shell around Raft in whole clusters: who is told what, disks that come back empty, snapshots in pieces.
@Suite struct ShellTests {
    private static func firstViolation(in seeds: Range<UInt64>, plan: RaftCluster.Plan) throws
        -> Violation?
    {
        for seed in seeds {
            var cluster = try RaftCluster(seed: seed, plan: plan, rules: Raft())
            do { try cluster.run() } catch let violation as Violation { return violation }
        }
        return nil
    }

    /// Seeds of `three members keep every promise`, with requests numbered from 1 in each life.
    @Test func `requests that are numbered from 1 again after a restart are found out`() throws {
        var plan = RaftSimulationTests.plan(members: 3)
        (plan.forgetsIncarnations, plan.troubleEvery, plan.clientEvery) = (true, 300, 20)
        let violation = try Self.firstViolation(in: 0..<100, plan: plan)
        #expect(violation?.what.contains("linearizable") == true)
    }

    private static var emptiedDisks: RaftCluster.Plan {
        var plan = RaftSimulationTests.plan(members: 5)
        (plan.emptiesDisks, plan.troubleEvery) = (true, 400)
        return plan
    }

    @Test(arguments: 3000..<3020 as Range<UInt64>)
    func `members whose disks were emptied cost nobody what was acknowledged`(seed: UInt64) throws {
        let summary = try RaftSimulationTests.run(seed: seed, plan: Self.emptiedDisks)
        #expect(summary.committed > 3, "seed \(seed): \(summary)")
    }

    @Test func `they would, if the others let them in under their old names`() throws {
        var plan = Self.emptiedDisks
        plan.admitsAnybody = true
        #expect(try Self.firstViolation(in: 3000..<3100, plan: plan) != nil)
    }

    /// A cluster of three in quiet weather that has a leader, the leader, and a follower.
    private func quietCluster(
        seed: UInt64, _ change: (inout RaftCluster.Plan) -> Void
    ) throws -> (RaftCluster, leader: MemberID, away: MemberID) {
        var plan = RaftCluster.Plan.script
        (plan.appendEntriesMax, plan.isDetailed) = (1, false)
        change(&plan)
        var cluster = try RaftCluster(seed: seed, plan: plan, rules: Raft())
        try #require(try cluster.run(atMost: 5000) { $0.leader != nil })
        try cluster.run(for: 200)
        let leader = try #require(cluster.leader)
        return (cluster, leader, leader % 3 + 1)
    }

    /// More messages than may be in flight go unanswered, and the log is cut behind them.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a member that was away for more than the window comes back after the log was cut`(
        seed: UInt64
    ) throws {
        var (cluster, leader, away) = try quietCluster(seed: seed) { $0.snapshotEvery = 10 }
        cluster.part([away], (1...3).filter { $0 != away })
        var value = 0
        for _ in 0..<200 {
            value = try cluster.write(through: leader)
            try cluster.run(for: 5)
        }
        #expect(cluster.member(leader)!.log.firstIndex > 100)
        cluster.heal()
        let isBack = try cluster.run(atMost: 3000) { $0.value(at: away) == value }
        #expect(isBack, "seed \(seed)\n\(cluster.timeline)")
        // And it counts: the other follower may go.
        cluster.crash((1...3).first { $0 != away && $0 != leader }!)
        value = try cluster.write(through: leader)
        #expect(try cluster.run(atMost: 3000) { $0.value(at: leader) == value }, "seed \(seed)")
        try cluster.finish()
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a snapshot of which pieces get lost arrives all the same, and costs no election`(
        seed: UInt64
    ) throws {
        var (cluster, leader, away) = try quietCluster(seed: seed) { $0.snapshotEvery = 10 }
        let term = cluster.member(leader)!.term
        cluster.part([away], (1...3).filter { $0 != away })
        var value = 0
        for _ in 0..<100 {
            value = try cluster.write(through: leader)
            try cluster.run(for: 5)
        }
        cluster.heal()
        cluster.lose(percent: 20)
        let isBack = try cluster.run(atMost: 20_000) { $0.value(at: away) == value }
        #expect(isBack, "seed \(seed)\n\(cluster.timeline)")
        cluster.lose(percent: 0)
        try cluster.run(for: 500)
        #expect(cluster.timeline.description.contains("installs a snapshot"))
        if cluster.leader == leader { #expect(cluster.member(leader)!.term == term) }
        try cluster.finish()
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a member that crashes while it gets a snapshot, or whose leader does, gets another one`(
        seed: UInt64
    ) throws {
        var (cluster, leader, away) = try quietCluster(seed: seed) {
            ($0.snapshotEvery, $0.faults.delay) = (10, 2...6)
        }
        cluster.part([away], (1...3).filter { $0 != away })
        for _ in 0..<100 {
            try cluster.write(through: leader)
            try cluster.run(for: 10)
        }
        cluster.heal()
        try cluster.run(for: 60 + Int(seed) * 2)
        let victim = seed.isMultiple(of: 2) ? away : leader
        cluster.crash(victim)
        try cluster.run(for: 100)
        try cluster.start(victim)
        let last = cluster.lastValue
        let isBack = try cluster.run(atMost: 20_000) { $0.value(at: away) == last }
        #expect(isBack, "seed \(seed)\n\(cluster.timeline)")
        try cluster.finish()
    }
}
