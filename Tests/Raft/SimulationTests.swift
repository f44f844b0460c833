import Contracts
import RaftSimulation
import Simulation
import SolutionRaft
import Testing

@Suite struct RaftSimulationTests {
    static func plan(members: Int) -> RaftCluster.Plan {
        var plan = RaftCluster.Plan()
        plan.members = members
        plan.faults.lossPercent = 5
        plan.faults.duplicationPercent = 5
        plan.faults.stragglePercent = 5
        return plan
    }

    /// Runs a seed; what fails says its seed and what happened.
    static func run(
        seed: UInt64, plan: RaftCluster.Plan, rules: any RaftContract = Raft()
    ) throws -> RaftCluster.Summary {
        var cluster = try RaftCluster(seed: seed, plan: plan, rules: rules)
        do { try cluster.run() } catch {
            Issue.record("seed \(seed): \(error)\n\(cluster.timeline)")
        }
        return cluster.summary
    }

    @Test(arguments: 0..<20)
    func `three members keep every promise under loss, crashes, torn writes and partitions`(
        block: UInt64
    ) throws {
        for seed in block * 10..<block * 10 + 10 {
            let summary = try Self.run(seed: seed, plan: Self.plan(members: 3))
            #expect(summary.terms > 0 && summary.committed > 3, "seed \(seed): \(summary)")
        }
    }

    @Test(arguments: 1000..<1040 as Range<UInt64>)
    func `five members keep every promise too`(seed: UInt64) throws {
        let summary = try Self.run(seed: seed, plan: Self.plan(members: 5))
        #expect(summary.terms > 0 && summary.committed > 3, "seed \(seed): \(summary)")
    }

    @Test func `in quiet weather one leader serves from the first election on`() throws {
        var plan = RaftCluster.Plan()
        plan.troubleEvery = 0
        let summary = try Self.run(seed: 7, plan: plan)
        #expect(summary.terms == 1)
        #expect(summary.answered > 200)
    }

    @Test func `the same seed runs the same way twice`() throws {
        var first = try RaftCluster(seed: 42, plan: Self.plan(members: 3), rules: Raft())
        var second = try RaftCluster(seed: 42, plan: Self.plan(members: 3), rules: Raft())
        try first.run()
        try second.run()
        #expect(first.timeline.description == second.timeline.description)
        #expect(first.timeline.description.contains("leads term"))
    }
}

@Suite struct LinearizabilityTests {
    private func write(_ value: Int, _ called: Int, _ returned: Int?) -> RegisterOperation {
        .init(kind: .write(value), called: called, returned: returned)
    }
    private func read(_ value: Int, _ called: Int, _ returned: Int?) -> RegisterOperation {
        .init(kind: .read(value), called: called, returned: returned)
    }

    @Test func `a read that goes back in time is found`() {
        #expect(!isLinearizable([write(1, 0, 10), write(2, 20, 30), read(1, 40, 50)]))
        #expect(!isLinearizable([write(1, 0, 10), read(0, 20, 30)]))
        #expect(!isLinearizable([write(1, 0, 100), read(1, 10, 20), read(0, 30, 40)]))
    }

    @Test func `operations that overlap may take effect in either order`() {
        #expect(isLinearizable([write(1, 0, 100), write(2, 0, 100), read(1, 110, 120)]))
        #expect(isLinearizable([write(1, 0, 100), read(0, 10, 20), read(1, 30, 40)]))
    }

    @Test func `a write without an answer may have happened or not`() {
        #expect(isLinearizable([write(1, 0, nil), read(0, 10, 20)]))
        #expect(isLinearizable([write(1, 0, nil), read(1, 10, 20)]))
        #expect(!isLinearizable([write(1, 0, nil), read(1, 10, 20), read(0, 30, 40)]))
    }
}

@Suite struct MistakeTests {
    /// The first seed that shows a mistake; nil where none of them does.
    private func firstSeedThatShows(_ mistake: BrokenRaft.Mistake, in seeds: Range<UInt64>) throws -> UInt64? {
        var plan = RaftSimulationTests.plan(members: 3)
        plan.diskDelay = 1...30
        plan.troubleEvery = 300
        for seed in seeds {
            var cluster = try RaftCluster(seed: seed, plan: plan, rules: BrokenRaft(mistake))
            do { try cluster.run() } catch { return seed }
        }
        return nil
    }

    @Test(arguments: [
        BrokenRaft.Mistake.votesTwice, .votesForStaleLogs, .answersBeforeDisk, .readsWithoutProof,
        .appendsWithoutLooking,
    ])
    func `a broken rule is found out`(mistake: BrokenRaft.Mistake) throws {
        #expect(try firstSeedThatShows(mistake, in: 0..<300) != nil)
    }
}
