import ContractRaft
import Grading
import RaftSimulation

/// 06.9: what becomes of the log when a snapshot arrives.
let snapshotsFitTheLog = Check(
    "06.9",
    judging(
        [snapshotTable],
        [theLateComerCatchesUp, lateSnapshotsTakeNothingBack, confirmedEntriesStay])
)

@Sendable private func snapshotTable(_ bench: Bench) throws {
    let log = LogShape([1, 1, 2, 2, 3])
    let short = LogShape([3], snapshotIndex: 8, snapshotTerm: 2)
    let table:
        [(
            log: LogShape, commit: Int, index: Int, term: Int, expected: SnapshotVerdict,
            claim: String
        )] = [
            (log, 4, 3, 2, .ignore, "a snapshot of what is committed here tells nothing new"),
            (log, 4, 4, 2, .ignore, "a snapshot that ends at the commit index tells nothing new"),
            (
                log, 2, 4, 2, .keepLaterEntries,
                "a log that has the snapshot's last entry keeps what follows it"
            ),
            (
                log, 2, 5, 3, .keepLaterEntries,
                "a log that ends with the snapshot's last entry agrees with it"
            ),
            (
                log, 2, 4, 4, .replaceEverything,
                "a log with another term at the snapshot's last index goes"
            ),
            (
                log, 2, 9, 4, .replaceEverything,
                "a log that does not reach the snapshot's last entry goes"
            ),
            (LogShape(), 0, 7, 3, .replaceEverything, "an empty log is replaced"),
            (short, 8, 6, 2, .ignore, "a snapshot older than one's own tells nothing new"),
            (short, 8, 12, 3, .replaceEverything, "a later snapshot replaces an earlier one"),
        ]
    for row in table {
        let seen = try rules(bench).judgeSnapshot(
            SnapshotQuestion(
                log: row.log, commitIndex: row.commit, snapshotIndex: row.index,
                snapshotTerm: row.term))
        try expect(
            seen, is: row.expected,
            "\(row.claim): committed \(row.commit), last index \(row.log.lastIndex), the "
                + "snapshot's last entry "
                + "\(row.index) of term \(row.term)",
            idea:
                "A snapshot stands for all entries up to its last. Whether that entry is in the "
                + "log says whether the log "
                + "agrees; entries after it may have been confirmed to the leader already.")
    }
}

@Sendable private func theLateComerCatchesUp(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.snapshot], claim: "a member that was away catches up by a snapshot",
        idea: "The leader no longer has the entries that S3 lacks; its snapshot stands in for them."
    )
    scenario.plan.snapshotEvery = 5
    scenario.plan.timeouts = [1: 100...110, 2: 600...610, 3: 600...610]
    scenario.plan.restored = [3: .init(term: 0, entryTerms: [])]
    scenario.plan.down = [3]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        for _ in 0..<12 {
            try stage.cluster.write(through: 1)
            try stage.cluster.run(for: 10)
        }
        try stage.cluster.start(3)
        let met = try stage.cluster.run(atMost: 500) {
            $0.value(at: 3) == 12 && $0.member(3)?.log.lastIndex == $0.member(1)?.log.lastIndex
        }
        try stage.require(
            met, "S3 has the value 12 and S1's log",
            seen: "value \(stage.cluster.value(at: 3)); \(stage.look(at: 3))")
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 20)
        try stage.require(
            stage.cluster.value(at: 3) == 13, "S3 goes on with the next entry",
            seen: stage.look(at: 3))
    }
}

@Sendable private func lateSnapshotsTakeNothingBack(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.snapshot], claim: "a snapshot that comes late does not take the state back",
        idea: "S3 has applied all that the snapshot covers, and more.")
    scenario.plan.timeouts = [1: 100...110, 2: 600...610, 3: 600...610]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        for _ in 0..<6 { try stage.cluster.write(through: 1) }
        try stage.cluster.run(for: 60)
        try stage.cluster.lateSnapshot(of: 3, from: 1, to: 3)
        try stage.require(
            stage.cluster.value(at: 3) == 6, "S3's value is still 6",
            seen: "S3 has the value \(stage.cluster.value(at: 3))")
    }
}

@Sendable private func confirmedEntriesStay(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.snapshot], claim: "entries that were confirmed survive a snapshot",
        idea:
            "S1 committed because S3 said that it had the entries. S3 does not know that yet, but "
            + "its log agrees with the snapshot, and what follows is what it confirmed.")
    scenario.plan.timeouts = [1: 100...110, 2: 600...610, 3: 600...610]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 20)
        stage.cluster.part([1, 3], [2])
        stage.cluster.lose("messages without entries") {
            if case .append(let append) = $0.body { return append.entries.isEmpty }
            return false
        }
        for _ in 0..<6 { try stage.cluster.write(through: 1) }
        try stage.cluster.run(for: 20)
        try stage.cluster.lateSnapshot(of: 3, from: 1, to: 3)
        try stage.cluster.run(for: 20)
        stage.cluster.crash(1)
        stage.cluster.heal()
        try stage.waitForLeader(3, atMost: 3000)
        try stage.cluster.run(for: 60)
        try stage.require(
            stage.cluster.value(at: 2) == 6, "S2 has the last value, 6, from S3",
            seen: stage.look(at: 2))
    }
}
