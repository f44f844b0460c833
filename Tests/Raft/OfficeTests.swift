import ContractRaft
import RaftSimulation
import SolutionRaft
import Testing

/// PreVote and CheckQuorum (Ongaro's thesis, 9.6 and 6.2): a lonely member disturbs nobody, a lonely leader resigns.
@Suite struct OfficeTests {
    /// A cluster in quiet weather that has a leader, and the leader.
    private func cluster(
        members: Int, seed: UInt64, rules: any RaftContract = Raft()
    ) throws -> (RaftCluster, leader: MemberID) {
        var plan = RaftCluster.Plan.script
        plan.members = members
        var cluster = try RaftCluster(seed: seed, plan: plan, rules: rules)
        let isLed = try cluster.run(atMost: 5000) { $0.leader != nil }
        try #require(isLed)
        try cluster.run(for: 200)
        return (cluster, try #require(cluster.leader))
    }

    /// How many terms a member brings about that is cut off again and again.
    private func termsDriven(by rules: any RaftContract, seed: UInt64) throws -> Int {
        var (cluster, leader) = try cluster(members: 3, seed: seed, rules: rules)
        let term = cluster.member(leader)!.term
        let flapping = leader % 3 + 1
        let others = (1...3).filter { $0 != flapping }
        for _ in 0..<20 {
            cluster.part([flapping], others)
            try cluster.run(for: 400)
            cluster.heal()
            try cluster.run(for: 300)
        }
        return (1...3).map { cluster.member($0)!.term }.max()! - term
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a member that comes and goes drives no terms up and deposes no leader`(seed: UInt64) throws {
        #expect(try termsDriven(by: Raft(), seed: seed) == 0)
    }

    @Test func `it would, if the others forgot that their leader lives`() throws {
        let driven = try (0..<10 as Range<UInt64>).map {
            try termsDriven(by: BrokenRaft(.forgetsTheLeader), seed: $0)
        }
        #expect(driven.contains { $0 > 0 })
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a member cut off for a minute comes back in the term in which it left`(seed: UInt64) throws {
        var (cluster, leader) = try cluster(members: 5, seed: seed)
        let term = cluster.member(leader)!.term
        let away = leader % 5 + 1
        cluster.part([away], (1...5).filter { $0 != away })
        try cluster.run(for: 60_000)
        #expect(cluster.member(away)!.term == term)
        cluster.heal()
        try cluster.run(for: 1000)
        #expect(cluster.leader == leader && cluster.member(leader)!.term == term)
        #expect(cluster.member(away)!.leader == leader)
    }

    /// Two of five keep the old leader: whether it still leads a second later.
    private func leadsOnWithoutMajority(_ rules: any RaftContract, seed: UInt64) throws -> Bool {
        var (cluster, leader) = try cluster(members: 5, seed: seed, rules: rules)
        let companion = leader % 5 + 1
        let others = (1...5).filter { $0 != leader && $0 != companion }
        cluster.part([leader, companion], others)
        try cluster.run(for: 1000)
        let leadsOn = cluster.member(leader)!.isLeader
        // Three of five are enough to go on, and what they write stands when the network heals.
        try cluster.run(for: 1000)
        let next = try #require(others.first { cluster.member($0)!.isLeader })
        let value = try cluster.write(through: next)
        try cluster.run(for: 500)
        cluster.heal()
        try cluster.run(for: 1000)
        #expect((1...5).map { cluster.value(at: $0) } == Array(repeating: value, count: 5))
        return leadsOn
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a leader on the smaller side steps down, and the larger side goes on`(seed: UInt64) throws {
        #expect(try !leadsOnWithoutMajority(Raft(), seed: seed))
    }

    @Test func `it would lead on for ever, if it did not count who answers`() throws {
        #expect(try leadsOnWithoutMajority(BrokenRaft(.neverStepsDown), seed: 1))
    }

    @Test func `split into two, two and one, nobody leads until the network heals`() throws {
        for seed in 0..<10 as Range<UInt64> {
            var (cluster, leader) = try cluster(members: 5, seed: seed)
            let term = cluster.member(leader)!.term
            cluster.part([1, 2], [3, 4], [5])
            try cluster.run(for: 2000)
            #expect(cluster.leader == nil, "seed \(seed)")
            #expect((1...5).allSatisfy { cluster.member($0)!.term == term }, "seed \(seed)")
            cluster.heal()
            try cluster.run(for: 2000)
            #expect(cluster.leader != nil, "seed \(seed)")
        }
    }
}
