import ContractRaft
import Grading
import RaftSimulation

/// 06.4: logs that agree on an entry agree on everything before it.
let logsMatch = Check(
    "06.4",
    judging([appendTable], [strangeEntriesGo, lateMessagesCutNothing, theMinorityGivesWay])
).then(
    .seeded("06.4", sizes: 1...6) { bench, run in
        var dice = run.dice
        for _ in 0..<4 { try AppendCase(size: run.size, dice: &dice).judge(bench) }
    })

@Sendable private func appendTable(_ bench: Bench) throws {
    let table: [AppendCase] = [
        .init(follower: [], leader: [1], previous: 0, count: 1),
        .init(follower: [1], leader: [1, 1, 1], previous: 2, count: 1),
        .init(follower: [1, 1, 2], leader: [1, 1, 3, 3], previous: 3, count: 1),
        .init(follower: [1, 1, 1], leader: [1, 1, 1], previous: 1, count: 1, leaderCommit: 2),
        .init(follower: [1, 1, 1], leader: [1, 1, 1], previous: 1, count: 0, leaderCommit: 3),
        .init(follower: [1, 2, 2, 2], leader: [1, 3], previous: 1, count: 1, leaderCommit: 0),
        .init(follower: [1, 2, 2], leader: [1, 2, 3, 3], previous: 1, count: 3, leaderCommit: 4),
        .init(
            follower: [1, 1], leader: [1, 1, 1], previous: 1, count: 1, leaderCommit: 1, commit: 2),
        .init(
            follower: [1, 1, 2], leader: [1, 1, 2, 2], previous: 1, count: 3, commit: 2, snapshot: 2
        ),
        .init(
            follower: [1, 1, 2], leader: [1, 1, 2, 2], previous: 2, count: 2, commit: 2, snapshot: 2
        ),
        .init(
            follower: [1, 1, 1, 1, 2], leader: [1, 1, 1, 1, 2, 2], previous: 1, count: 5,
            leaderCommit: 4, commit: 4, snapshot: 4),
        .init(
            follower: [1, 1, 2, 2], leader: [1, 1, 3, 3, 3], previous: 4, count: 1, leaderCommit: 3,
            commit: 1),
    ]
    for row in table { try row.judge(bench) }
}

/// One message for a follower: the leader's entries `previous + 1` to `previous + count`.
struct AppendCase {
    var follower: [Int]
    var leader: [Int]
    var previous: Int
    var count: Int
    var leaderCommit = 0
    var commit = 0
    /// How much of the follower's log is in a snapshot.
    var snapshot = 0

    init(
        follower: [Int], leader: [Int], previous: Int, count: Int, leaderCommit: Int = 0,
        commit: Int = 0, snapshot: Int = 0
    ) {
        (self.follower, self.leader, self.previous, self.count) = (
            follower, leader, previous, count
        )
        (self.leaderCommit, self.commit, self.snapshot) = (leaderCommit, commit, snapshot)
    }

    /// Two logs as they can be: a common beginning, then the leader's terms are even, the follower's odd.
    init(size: Int, dice: inout Dice) {
        let pair = LogPair(size: size, dice: &dice)
        (follower, leader) = (pair.follower, pair.leader)
        previous = dice.roll(0...leader.count)
        count = dice.roll(0...leader.count - previous)
        commit = dice.roll(0...pair.common)
        snapshot = dice.roll(0...commit)
        leaderCommit = dice.roll(0...leader.count)
    }

    private var question: AppendQuestion {
        let term = snapshot > 0 ? follower[snapshot - 1] : 0
        return AppendQuestion(
            log: LogShape(
                Array(follower.dropFirst(snapshot)), snapshotIndex: snapshot, snapshotTerm: term),
            previousIndex: previous, previousTerm: previous > 0 ? leader[previous - 1] : 0,
            terms: Array(leader[previous..<previous + count]), leaderCommit: leaderCommit,
            commitIndex: commit)
    }

    private var about: String {
        let of = snapshot > 0 ? ", the first \(snapshot) in a snapshot" : ""
        return "own terms \(follower)\(of), committed \(commit); the message: entries of terms "
            + "\(question.terms) after index \(previous) of term \(question.previousTerm), "
            + "committed \(leaderCommit)"
    }

    func judge(_ bench: Bench) throws {
        let seen = try rules(bench).judgeAppend(question)
        let fits =
            previous <= snapshot
            || (previous <= follower.count && follower[previous - 1] == leader[previous - 1])
        try expect(
            seen.fits, is: fits,
            (fits
                ? "entries that follow one that is here are taken: "
                : "entries fit only where the one before them is here, with its term: ")
                + about,
            idea:
                "By this one test, all that is before the entries is known to be the same in "
                + "both logs."
        )
        guard fits else {
            return try require(
                seen.truncateFrom == nil && seen.commitIndex == commit,
                "entries that don't fit change nothing: \(about)",
                seen:
                    "a cut from \(seen.truncateFrom.map(String.init) ?? "nowhere"), committed \(seen.commitIndex)",
                idea: "Nothing is known about this log yet. The hint tells the leader where to look.")
        }
        try require(
            seen.truncateFrom ?? 1 <= max(1, follower.count),
            "where nothing is cut, nil says so: \(about)",
            seen: "a cut from index \(seen.truncateFrom ?? 0)",
            idea: "What is to be cut has to be there.")
        try judgeLog(seen)
        try judgeCommit(seen)
    }

    private func judgeLog(_ seen: AppendVerdict) throws {
        let end = previous + count
        let isNews = (previous..<end).contains {
            $0 >= follower.count || follower[$0] != leader[$0]
        }
        let right = isNews ? Array(leader[..<end]) : follower
        // What the machine does with the verdict.
        var log = follower
        if let cut = seen.truncateFrom, cut <= log.count {
            try require(
                cut > commit, "nothing that is committed is cut: \(about)",
                seen: "a cut from index \(cut)",
                idea: "What is committed is in the leader's log too, so there is nothing to cut.")
            log = Array(log[..<(cut - 1)])
        }
        let fresh = leader[previous..<end].dropFirst(max(0, seen.alreadyThere))
        if fresh.startIndex == log.count { log += fresh }
        let cutsForNothing = !isNews && log.count < follower.count
        try expect(
            log, is: right,
            (cutsForNothing
                ? "a message whose entries are all here cuts nothing: "
                : "after the message the log is the leader's up to its last entry: ") + about,
            idea: cutsForNothing
                ? "Messages arrive late and twice. What follows this one's last entry may have "
                    + "come with a newer one, "
                    + "and may be committed."
                : "From the first entry that differs in term, the follower's entries go and the "
                    + "leader's take their place."
        )
    }

    private func judgeCommit(_ seen: AppendVerdict) throws {
        let vouched = previous + count
        let claim =
            leaderCommit <= commit || vouched <= commit
            ? "the commit index never goes back"
            : "the commit index follows the leader's, as far as the message vouches for the log"
        try expect(
            seen.commitIndex, is: max(commit, min(leaderCommit, vouched)), "\(claim): \(about)",
            idea:
                "Behind the message's last entry the follower's log may still hold what the "
                + "leader's does not."
        )
    }
}

@Sendable private func theMinorityGivesWay(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.append], claim: "after a partition, all logs become the majority's",
        idea:
            "What a cut-off leader could not commit gives way to what the majority committed "
            + "meanwhile."
    )
    scenario.plan.members = 5
    scenario.plan.timeouts[1] = 100...110
    for id in 2...5 { scenario.plan.timeouts[id] = 200...300 }
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 100)
        stage.cluster.part([1, 2], [3, 4, 5])
        for _ in 0..<2 { try stage.cluster.write(through: 1) }
        let leader = try stage.waitForSuccessor(of: 1)
        try stage.cluster.write(through: leader)
        try stage.cluster.run(for: 50)
        stage.cluster.heal()
        try stage.cluster.run(for: 300)
        let right = stage.cluster.logTerms(of: leader)
        for id in 1...5 {
            try stage.require(
                stage.cluster.logTerms(of: id) == right
                    && stage.cluster.member(id)?.commitIndex == right.count,
                "S\(id) has S\(leader)'s log, \(right), and knows it committed",
                seen: stage.look(at: id))
        }
    }
}

@Sendable private func strangeEntriesGo(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.append], claim: "a follower's entries that are not the leader's go",
        idea: "The entry before has the right index and the wrong term: its past is another one.")
    scenario.plan.restored = [
        1: .init(term: 3, entryTerms: [1, 1, 3, 3]), 2: .init(term: 3, entryTerms: [1, 1, 3, 3]),
        3: .init(term: 2, entryTerms: [1, 1, 2, 2]),
    ]
    scenario.plan.timeouts = [1: 100...110, 2: 900...910, 3: 900...910]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 100)
        let right = stage.cluster.logTerms(of: 1)
        try stage.require(
            stage.cluster.logTerms(of: 3) == right, "S3 has S1's log, \(right)",
            seen: stage.look(at: 3))
    }
}

@Sendable private func lateMessagesCutNothing(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.append], claim: "messages that come late and twice do no harm",
        idea:
            "An old message's entries are all here, and newer ones behind them: nothing is wrong "
            + "with those."
    )
    scenario.plan.timeouts = [1: 100...110, 2: 900...910, 3: 900...910]
    scenario.plan.faults.delay = 1...1
    scenario.plan.faults.straggleDelay = 12...40
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        stage.cluster.disturb(duplicationPercent: 50, stragglePercent: 50)
        for _ in 0..<12 {
            try stage.cluster.write(through: 1)
            try stage.cluster.run(for: 5)
        }
        stage.cluster.disturb(duplicationPercent: 0, stragglePercent: 0)
        try stage.cluster.run(for: 200)
        try stage.require(
            stage.cluster.value(at: 3) == 12, "S3 has the last value, 12", seen: stage.look(at: 3))
    }
}
