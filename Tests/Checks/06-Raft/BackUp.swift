import ContractRaft
import Grading
import RaftSimulation

/// 06.5: a follower's hint, and what the leader makes of it.
let leadersBackUpFast = Check(
    "06.5",
    judging([hintTable, nextTable], [theLongAbsenceCostsFewMessages])
).then(
    .seeded("06.5", sizes: 2...12) { bench, run in
        var dice = run.dice
        for _ in 0..<2 { try meet(LogPair(size: run.size, dice: &dice), bench) }
    })

@Sendable private func hintTable(_ bench: Bench) throws {
    let table: [(log: LogShape, previous: Int, hint: ConflictHint, claim: String)] = [
        (
            LogShape([1, 1]), 5, ConflictHint(term: nil, index: 3),
            "a log that is too short names the first index that it lacks, and no term"
        ),
        (
            LogShape([]), 4, ConflictHint(term: nil, index: 1),
            "an empty log lacks index 1 and names no term"
        ),
        (
            LogShape([1, 1, 2, 2, 2]), 4, ConflictHint(term: 2, index: 3),
            "a log with another term there names that term and its first index"
        ),
        (
            LogShape([1, 1, 2, 2, 3, 3]), 4, ConflictHint(term: 2, index: 3),
            "the term is that of the entry asked about, not of the last one"
        ),
        (
            LogShape([2, 2], snapshotIndex: 10, snapshotTerm: 2), 12,
            ConflictHint(term: 2, index: 11),
            "entries in a snapshot are no longer named"
        ),
        (
            LogShape([2, 2], snapshotIndex: 10, snapshotTerm: 1), 10,
            ConflictHint(term: 1, index: 11),
            "where all of a term is in the snapshot, the first index behind it is named"
        ),
    ]
    for row in table {
        let seen = try rules(bench).conflictHint(
            HintQuestion(log: row.log, previousIndex: row.previous))
        try expect(
            seen, is: row.hint, "\(row.claim): asked about index \(row.previous)",
            idea:
                "The hint says where this term begins here, so that the leader need not try its "
                + "entries one by one."
        )
    }
}

@Sendable private func nextTable(_ bench: Bench) throws {
    let table: [(log: [Int], previous: Int, hint: ConflictHint, match: Int)] = [
        ([1, 1, 1, 2, 2], 5, ConflictHint(term: nil, index: 3), 0),
        ([1, 1, 1, 4, 4], 5, ConflictHint(term: 3, index: 4), 0),
        ([1, 1, 1, 4, 4], 5, ConflictHint(term: 1, index: 1), 2),
        ([1, 1, 1, 4, 4], 3, ConflictHint(term: nil, index: 2), 1),
        ([1, 1, 1, 4, 4], 4, ConflictHint(term: 4, index: 4), 0),
        // An old refusal comes late: the follower has got further meanwhile.
        ([1, 1, 1, 4, 4], 5, ConflictHint(term: nil, index: 1), 3),
        ([1, 1, 1, 4, 4], 5, ConflictHint(term: nil, index: 2), 2),
        ([1, 1, 1, 4, 4], 5, ConflictHint(term: 1, index: 1), 3),
    ]
    for row in table {
        let seen = try rules(bench).nextIndexAfterRefusal(
            BackUpQuestion(
                log: LogShape(row.log), previousIndex: row.previous, hint: row.hint,
                matchIndex: row.match))
        try require(
            seen > row.match && seen <= row.previous,
            "the next index to try is above what matches and no higher than the refused one: log "
                + "\(row.log), refused \(row.previous), \(row.match) match",
            seen: "\(seen)",
            idea:
                "To ask again about the same entry gets the same refusal; to go below what is "
                + "known to match sends "
                + "what is there.")
    }
}

/// A leader and a follower find where their logs part.
private func meet(_ pair: LogPair, _ bench: Bench) throws {
    let (leader, follower) = (pair.leader, pair.follower)
    let budget = Set(follower.dropFirst(pair.common)).count + 2
    var (next, rounds, asked) = (leader.count + 1, 0, [Int]())
    while true {
        let previous = next - 1
        asked.append(previous)
        if previous == 0
            || (previous <= follower.count && follower[previous - 1] == leader[previous - 1])
        {
            return
        }
        rounds += 1
        try require(
            rounds <= budget,
            "the logs' parting is found in a round for each term, not one for each entry: leader "
                + "\(leader), "
                + "follower \(follower)",
            seen: "after \(rounds) refusals, the entries before: \(asked)",
            idea: "A hint lets the leader skip all entries of a term at once.")
        let hint = try rules(bench).conflictHint(
            HintQuestion(log: LogShape(follower), previousIndex: previous))
        next = try rules(bench).nextIndexAfterRefusal(
            BackUpQuestion(
                log: LogShape(leader), previousIndex: previous, hint: hint, matchIndex: 0))
        try require(
            next > 0 && next <= previous,
            "each try is below the one before: leader \(leader), follower \(follower)",
            seen: "next \(next) after \(previous) was refused",
            idea:
                "The search has to end: the next index is at most the refused one, and at least 1.")
    }
}

@Sendable private func theLongAbsenceCostsFewMessages(_ bench: Bench) throws {
    let budget = 12
    var scenario = Scenario(
        asks: [.hint, .backUp],
        claim: "a follower with 60 wrong entries costs the leader few messages",
        idea: "Count the messages: one for each entry is sixty, one for each term is three.")
    let right = Array(repeating: 1, count: 10) + Array(repeating: 4, count: 60)
    let wrong =
        Array(repeating: 1, count: 10) + Array(repeating: 2, count: 30)
        + Array(repeating: 3, count: 30)
    scenario.plan.restored = [
        1: .init(term: 4, entryTerms: right), 2: .init(term: 4, entryTerms: right),
        3: .init(term: 3, entryTerms: wrong),
    ]
    scenario.plan.down = [3]
    scenario.plan.timeouts = [1: 100...110, 2: 900...910, 3: 900...910]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 20)
        try stage.cluster.start(3)
        let before = stage.cluster.sent[.append, default: 0]
        let met = try stage.cluster.run(atMost: 1000) {
            $0.logTerms(of: 3) == $0.logTerms(of: 1)
        }
        let sent = stage.cluster.sent[.append, default: 0] - before
        try stage.require(
            met && sent <= budget,
            "S3 has S1's log after at most \(budget) messages to both followers",
            seen: met ? "\(sent) messages" : "not after \(sent) messages")
    }
}
