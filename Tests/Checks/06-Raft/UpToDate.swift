import ContractRaft
import Grading
import RaftSimulation

/// 06.6: who lacks what is committed does not lead.
let onlyTheUpToDateLead = Check(
    "06.6",
    judging([comparisonTable], [theLongOldLogLoses, equalLogsElect])
)

@Sendable private func comparisonTable(_ bench: Bench) throws {
    let table:
        [(
            candidate: (term: Int, index: Int), own: (term: Int, index: Int), expected: Bool,
            claim: String
        )] = [
            ((3, 2), (2, 9), true, "a later last term wins, however short the log"),
            ((2, 9), (3, 2), false, "an earlier last term loses, however long the log"),
            ((3, 1), (2, 1), true, "a later last term wins, also at equal lengths"),
            ((1, 9), (2, 5), false, "an earlier last term loses, and both logs are long"),
            ((3, 5), (3, 4), true, "at equal last terms the longer log wins"),
            ((3, 4), (3, 5), false, "at equal last terms the shorter log loses"),
            ((3, 4), (3, 4), true, "equal logs will do"),
            ((0, 0), (0, 0), true, "empty logs are equal"),
            ((0, 0), (1, 1), false, "an empty log loses to any entry"),
        ]
    for row in table {
        let seen = try rules(bench).isUpToDate(
            LogComparison(
                candidateLastIndex: row.candidate.index, candidateLastTerm: row.candidate.term,
                lastIndex: row.own.index, lastTerm: row.own.term))
        try expect(
            seen, is: row.expected,
            "\(row.claim): the candidate ends with index \(row.candidate.index) of term "
                + "\(row.candidate.term), "
                + "the voter with \(row.own.index) of term \(row.own.term)",
            idea:
                "A committed entry is on a majority. A later term's entry is written by one who "
                + "was elected "
                + "with everything committed before; mere length proves nothing.")
    }
}

@Sendable private func theLongOldLogLoses(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.upToDate], claim: "a leader has everything that was committed before",
        idea:
            "S3's log is longer, but old. S2 has the committed entry, and S3 can't win without "
            + "S2's vote."
    )
    scenario.plan.restored = [
        1: .init(term: 2, entryTerms: [1, 2]), 2: .init(term: 2, entryTerms: [1, 2]),
        3: .init(term: 1, entryTerms: [1, 1, 1, 1, 1, 1]),
    ]
    scenario.plan.timeouts = [1: 100...110, 2: 800...810, 3: 200...210]
    try scenario.play(bench) { stage in
        stage.cluster.part([1, 2], [3])
        try stage.waitForLeader(1)
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 60)
        stage.cluster.crash(1)
        stage.cluster.part([1], [2, 3])
        try stage.waitForLeader(2, atMost: 3000)
    }
}

@Sendable private func equalLogsElect(_ bench: Bench) throws {
    let scenario = Scenario(
        asks: [.upToDate], claim: "members with equal logs elect a leader",
        idea: "At least as up to date: a new cluster's logs are all empty.")
    try scenario.play(bench) { stage in _ = try stage.waitForAnyLeader() }
}
