import Consensus
import ContractRaft
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
    func `five members keep every promise too, on two or three sides of a split network`(seed: UInt64) throws {
        let summary = try Self.run(seed: seed, plan: Self.plan(members: 5))
        #expect(summary.terms > 0 && summary.committed > 3, "seed \(seed): \(summary)")
    }

    /// A crash leaves any beginning of what the disk was writing. On slow disks there is always something.
    @Test func `writes that crashes tear on slow disks cost nobody what was acknowledged`() throws {
        var plan = Self.plan(members: 3)
        (plan.diskDelay, plan.troubleEvery) = (5...40, 250)
        let summaries = try (2000..<2030 as Range<UInt64>).map { try Self.run(seed: $0, plan: plan) }
        #expect(summaries.map(\.torn).reduce(0, +) > 20)
        #expect(summaries.allSatisfy { $0.committed > 3 })
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

@Suite struct FigureEightTests {
    /// From the paper's figure 8 (c) on: S1 leads again and puts its entry of term 2 on a majority, then crashes.
    private func play(_ rules: any RaftContract) throws -> RaftCluster {
        var plan = RaftCluster.Plan.script
        plan.members = 5
        plan.appendEntriesMax = 1
        plan.restored = [
            1: .init(term: 3, entryTerms: [1, 2]), 2: .init(term: 3, entryTerms: [1, 2]),
            3: .init(term: 3, votedFor: 5, entryTerms: [1]),
            4: .init(term: 3, votedFor: 5, entryTerms: [1]),
            5: .init(term: 3, votedFor: 5, entryTerms: [1, 3]),
        ]
        plan.down = [4, 5]
        plan.timeouts = [1: 100...110, 5: 100...110]
        for id in 2...4 { plan.timeouts[id] = 3000...3010 }
        var cluster = try RaftCluster(seed: 1, plan: plan, rules: rules)
        cluster.lose("entries of term 4") {
            if case .append(let append) = $0.body { return append.entries.contains { $0.term == 4 } }
            return false
        }
        try cluster.run(for: 200)
        for id in 1...3 { cluster.crash(id) }
        cluster.heal()
        for id in 2...5 { try cluster.start(id) }
        try cluster.run(for: 600)
        return cluster
    }

    @Test func `the rule lets S5 replace an entry of term 2 that a majority has`() throws {
        let cluster = try play(Raft())
        #expect(cluster.leader == 5)
        #expect(cluster.logTerms(of: 3) == [1, 3, 5])
    }

    @Test func `counting entries of old terms loses a committed one, which no random seed shows`() {
        #expect(throws: Violation.self) { try play(BrokenRaft(.commitsOldTermsByCounting)) }
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
        BrokenRaft.Mistake.votesTwice, .votesForStaleLogs, .readsWithoutProof, .truncatesNothing,
        .appendsWithoutLooking,
    ])
    func `a broken rule is found out`(mistake: BrokenRaft.Mistake) throws {
        #expect(try firstSeedThatShows(mistake, in: 0..<300) != nil)
    }

    /// What a crash tears is what had not been acknowledged, where the rules are right: then nobody misses it.
    @Test func `who answers before the disk has it is found out by crashes that lose and tear writes`() throws {
        #expect(try firstSeedThatShows(.answersBeforeDisk, in: 0..<300) != nil)
    }

    @Test func `logs that differ are found out before anybody applies what they hold`() throws {
        let found = try (0..<100 as Range<UInt64>).contains { seed in
            var cluster = try RaftCluster(
                seed: seed, plan: RaftSimulationTests.plan(members: 3),
                rules: BrokenRaft(.appendsWithoutLooking))
            do { try cluster.run() } catch let violation as Violation {
                return violation.what.contains("another log after one of term")
            }
            return false
        }
        #expect(found)
    }
}
