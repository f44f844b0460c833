import ContractRaft
import Grading
import RaftSimulation

/// 06.8: what is on the disk before a reply.
let repliesKeepTheirWord = Check(
    "06.8",
    judging([replyTable], [whatWasCommittedStays, theSlowDiskCostsNoLeader])
)

@Sendable private func replyTable(_ bench: Bench) throws {
    for (previous, count, saved) in [
        (4, 3, 4), (4, 3, 7), (4, 3, 9), (0, 1, 0), (4, 3, 5), (9, 0, 9), (9, 0, 5), (4, 0, 9),
    ] {
        let question = ReplyQuestion(previousIndex: previous, entryCount: count, savedIndex: saved)
        let seen = try rules(bench).judgeReply(question)
        let shown = previous + count
        let about =
            count > 0
            ? "entries \(previous + 1) to \(shown) came, the disk has \(saved)"
            : "a heartbeat after \(previous), the disk has \(saved)"
        let looks =
            "match \(seen.matchIndex)"
            + (seen.waitsForDisk ? ", waits for the disk" : ", leaves at once")
        try require(
            seen.matchIndex <= saved || seen.waitsForDisk,
            "a reply that claims what the disk has not waits for it: \(about)", seen: looks,
            idea:
                "The leader commits on the strength of this reply. A crash now must not take "
                + "back what it says."
        )
        try require(
            seen.matchIndex <= shown,
            "a reply claims no more than the message showed: \(about)", seen: looks,
            idea:
                "What lies behind may be another leader's: only up to the message's last entry "
                + "the logs are known to agree."
        )
        try require(
            count > 0 || !seen.waitsForDisk, "a heartbeat's answer never waits: \(about)",
            seen: looks,
            idea: "It proves that the leader is heard, which does not hang on the disk.")
        try require(
            seen.matchIndex >= (count > 0 ? shown : min(shown, saved)),
            "a reply claims all that it may: \(about)", seen: looks,
            idea: "What is not claimed is not counted, and the commit comes later than it could.")
        try require(
            seen.matchIndex > saved || !seen.waitsForDisk,
            "a reply that claims only what the disk has leaves at once: \(about)", seen: looks,
            idea: "Nothing in it is in danger, so waiting only costs time.")
    }
}

@Sendable private func whatWasCommittedStays(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.reply], claim: "what was committed survives the crash of those who confirmed it",
        idea:
            "S1 committed because S3 said that it had the entry. If S3's disk had it not, S2 and "
            + "S3 go on without it."
    )
    scenario.plan.timeouts = [1: 100...110, 2: 600...610, 3: 900...910]
    scenario.plan.diskDelays = [3: 30...30]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 100)
        stage.cluster.part([1, 3], [2])
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 15)
        stage.cluster.crash(1)
        stage.cluster.crash(3)
        stage.cluster.heal()
        try stage.cluster.start(3)
        try stage.waitForLeader(2)
        try stage.cluster.run(for: 100)
    }
}

@Sendable private func theSlowDiskCostsNoLeader(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.reply], claim: "a slow disk costs no leader its office",
        idea:
            "The followers' disks take 700 ms, the leader's patience ends after 310: it must "
            + "hear from them meanwhile."
    )
    scenario.plan.timeouts = [1: 300...310, 2: 2000...2010, 3: 2000...2010]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 100)
        stage.cluster.slowDown([2, 3], to: 700...700)
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 1000)
        let term = stage.term(of: 1)
        try stage.require(
            stage.cluster.member(1)?.isLeader == true && term == 1, "S1 leads term 1 on",
            seen: stage.look(at: 1))
        try stage.require(
            stage.cluster.answered == 1, "the write is answered once the disks are done",
            seen: stage.look(at: 1))
    }
}
