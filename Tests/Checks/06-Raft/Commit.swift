import Consensus
import ContractRaft
import Grading
import RaftSimulation

/// 06.7: how far the log is committed, and figure 8.
let onlyTheOwnTermIsCounted = Check(
    "06.7",
    judging([commitTable], [figureEight, theOwnEntryCarriesTheOld, halfOfFourCommitsNothing])
)

@Sendable private func commitTable(_ bench: Bench) throws {
    let nine = [1, 1, 1, 1, 1, 1, 1, 1, 1]
    let table:
        [(terms: [Int], term: Int, commit: Int, match: [Int], expected: Int, claim: String)] = [
            (nine, 1, 0, [9, 7, 7, 4, 2], 7, "the highest index that a majority has is committed"),
            (nine, 1, 0, [2, 9, 4, 7, 7], 7, "the order of the members does not matter"),
            (nine, 1, 0, [5, 5, 3], 5, "two of three are a majority"),
            (nine, 1, 0, [9, 7, 4, 2], 4, "two of four are no majority"),
            (nine, 1, 0, [9], 9, "a cluster of one is its own majority"),
            (nine, 1, 0, [9, 0, 0], 0, "the leader alone commits nothing"),
            (nine, 1, 0, [3, 9, 9], 9, "the followers' disks count without the leader's own"),
            (nine, 1, 6, [9, 5, 5], 6, "the commit index never goes back"),
            (
                [1, 1, 2, 2], 2, 1, [4, 3, 3], 3,
                "an entry of the leader's own term is committed, and what is before it"
            ),
            (
                [1, 2, 2, 4], 4, 1, [4, 3, 3, 1, 1], 1,
                "an entry of an earlier term is not committed by counting"
            ),
            (
                [1, 2, 3, 3], 4, 1, [4, 4, 4, 1, 1], 1,
                "an entry of the very term before is not committed by counting either"
            ),
            (
                [1, 1, 2, 2, 4], 4, 1, [5, 4, 4, 1, 1], 1,
                "the leader's own entry on its own disk alone commits nothing before it"
            ),
            (
                [1, 2, 2, 4], 4, 1, [4, 4, 4, 1, 1], 4,
                "once an own entry is on a majority, the old ones are committed with it"
            ),
        ]
    for row in table {
        let seen = try rules(bench).commitIndex(
            CommitQuestion(
                log: LogShape(row.terms), currentTerm: row.term, commitIndex: row.commit,
                matchIndices: row.match))
        try expect(
            seen, is: row.expected,
            "\(row.claim): log \(row.terms), term \(row.term), committed \(row.commit), on the "
                + "disks \(row.match)",
            idea: Set(row.terms).count == 1
                ? "Count how many members have an index or more; it takes more than half of all, "
                    + "the leader among them."
                : "Committed means: no later leader can lack it. Who is elected next is decided by "
                    + "last terms, so only an entry of the present term on a majority shuts the "
                    + "door."
        )
    }
}

/// The paper's figure 8, from (c) on: S1 leads again, and its entry of term 2 reaches a majority.
@Sendable private func figureEight(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.commit],
        claim: "an entry of an earlier term is not committed by counting (figure 8)",
        idea:
            "S5's last entry is of term 3, so S3 and S4 may vote for it though S1 has put the "
            + "entry of term 2 on a "
            + "majority. Only an entry of S1's own term on a majority would have kept S5 out.")
    scenario.plan = figureEightPlan
    try scenario.play(bench) { stage in
        stage.cluster.lose("entries of term 4") { $0.carries(term: 4) }
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 60)
        try stage.require(
            stage.cluster.logTerms(of: 3) == [1, 2], "S3 has S1's entry of term 2",
            seen: stage.look(at: 3))
        for id in 1...3 { stage.cluster.crash(id) }
        stage.cluster.heal()
        for id in 2...5 { try stage.cluster.start(id) }
        try stage.waitForLeader(5)
        try stage.cluster.run(for: 60)
        try stage.cluster.start(1)
        try stage.cluster.run(for: 100)
        for id in 1...5 {
            try stage.require(
                stage.cluster.logTerms(of: id) == [1, 3, stage.term(of: 5)],
                "every log is S5's", seen: stage.look(at: id))
        }
    }
}

/// Figure 8 (e): S1's own entry is on a majority before it crashes.
@Sendable private func theOwnEntryCarriesTheOld(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.commit], claim: "a leader's own entry commits the old ones before it",
        idea:
            "A leader begins its term with an empty entry; as soon as a majority has it, all "
            + "before it is committed."
    )
    scenario.plan.restored = [
        1: .init(term: 2, entryTerms: [1, 2]), 2: .init(term: 2, entryTerms: [1, 2]),
        3: .init(term: 2, entryTerms: [1]),
    ]
    scenario.plan.timeouts = [1: 100...110, 2: 900...910, 3: 900...910]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 100)
        try stage.require(
            stage.cluster.member(1)?.commitIndex == 3, "all three entries are committed",
            seen: stage.look(at: 1))
    }
}

@Sendable private func halfOfFourCommitsNothing(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.commit], claim: "half of the members commits nothing",
        idea: "The other half could do the same, and both would be sure.")
    scenario.plan.members = 4
    scenario.plan.timeouts[1] = 100...110
    for id in 2...4 { scenario.plan.timeouts[id] = 900...910 }
    scenario.isStubborn = true
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 60)
        stage.cluster.part([1, 2], [3, 4])
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 100)
        try stage.require(
            stage.cluster.member(1)?.commitIndex == 1, "S1 and S2 commit nothing new",
            seen: stage.look(at: 1))
    }
}

/// S1 led term 2, S5 term 3; both wrote one entry that no majority has. S4 and S5 are down.
var figureEightPlan: RaftCluster.Plan {
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
    for id in 2...4 { plan.timeouts[id] = 3000...3010 }
    plan.timeouts[1] = 100...110
    plan.timeouts[5] = 100...110
    return plan
}

extension Message {
    /// Whether it brings an entry of this term.
    func carries(term: Int) -> Bool {
        if case .append(let append) = body { return append.entries.contains { $0.term == term } }
        return false
    }
}
