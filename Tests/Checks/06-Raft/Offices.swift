import ContractRaft
import Grading
import RaftSimulation

/// 06.2: what ends an office, and what does not.
let officesEnd = Check(
    "06.2",
    judging(
        [termTable, silenceTable],
        [theDeposedLeaderFollows, theHalfDeafDisturbNobody, theLonelyLeaderResigns])
)

@Sendable private func termTable(_ bench: Bench) throws {
    let all: [MessageKind] = [
        .voteRequest, .voteReply, .preVoteRequest, .preVoteReply, .append, .appendReply, .snapshot,
        .other,
    ]
    for kind in all {
        for (messageTerm, plain) in [(4, TermVerdict.stale), (5, .current), (6, .adopt)] {
            for alive in [false, true] {
                let question = TermQuestion(
                    kind: kind, messageTerm: messageTerm, currentTerm: 5, leaderIsAlive: alive)
                try judge(bench, question, plain)
            }
        }
    }
}

private func judge(_ bench: Bench, _ question: TermQuestion, _ plain: TermVerdict) throws {
    let seen = try rules(bench).judgeTerm(question)
    let asksForVote = [.voteRequest, .preVoteRequest].contains(question.kind)
    let about = "\(question.kind.rawValue) of term \(question.messageTerm), own term 5"
    if asksForVote && question.leaderIsAlive {
        // A vote of this term is refused either way, and so is a stale one.
        let isHarmless = seen == plain && question.messageTerm <= 5 && question.kind == .voteRequest
        if isHarmless || (seen == .stale && plain == .stale) { return }
        return try expect(
            seen, is: .ignore, "who asks for votes while a leader is alive is not heard: \(about)",
            idea:
                "Somebody who merely lost sight of the leader would push the term up and depose it."
        )
    }
    // What is stale and wants no answer gets none.
    let wantsNoAnswer = [.voteReply, .preVoteReply, .appendReply, .other].contains(question.kind)
    if wantsNoAnswer && plain == .stale && seen == .ignore { return }
    let claims: [TermVerdict: String] = [
        .adopt: "a later term is adopted", .stale: "an earlier term is stale",
        .current: "the present term is current",
    ]
    try expect(
        seen, is: plain, "\(claims[plain]!): \(about)",
        idea:
            "Terms are a clock: a later one ends whatever was before, an earlier one comes from "
            + "the past."
    )
}

@Sendable private func silenceTable(_ bench: Bench) throws {
    let table: [(silence: [Int], resigns: Bool, claim: String)] = [
        ([10, 5000], false, "a leader and one of two others are a majority"),
        ([400, 400], true, "a leader alone of three steps down"),
        ([10, 20, 5000, 5000], false, "a leader and two of four others are a majority"),
        ([10, 5000, 5000, 5000], true, "a leader and one of four others are no majority"),
        ([10, 5000, 5000], true, "half of four members is no majority"),
        ([10, 10, 5000], false, "three of four members are a majority"),
        ([5000], true, "one of two members is no majority"),
        ([], false, "a cluster of one is its own majority"),
        ([300, 300], true, "whoever was silent for just an election timeout was not heard in it"),
        ([150, 5000], false, "whoever was heard within the election timeout counts"),
    ]
    for row in table {
        let seen = try rules(bench).shouldStepDown(
            StepDownQuestion(silenceMilliseconds: row.silence, electionTimeoutMilliseconds: 300))
        try expect(
            seen, is: row.resigns,
            "\(row.claim): the others were silent for \(row.silence) ms, the timeout is 300 ms",
            idea:
                "Others can elect a leader without this one as soon as a majority of all "
                + "members, this one "
                + "counted among all, may have turned away.")
    }
}

@Sendable private func theDeposedLeaderFollows(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.term], claim: "a leader that comes back into a later term follows",
        idea: "Whoever sees a later term is a follower in it from that moment on.")
    scenario.plan.timeouts = [1: 100...110, 2: 200...300, 3: 200...300]
    scenario.isStubborn = true
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 100)
        stage.cluster.part([1], [2, 3])
        let elected = try stage.cluster.run(atMost: 2000) { $0.leader != 1 }
        try stage.require(elected, "S2 and S3 elect one of them", seen: stage.look(at: 2))
        stage.cluster.heal()
        try stage.cluster.run(for: 200)
        try stage.require(
            stage.cluster.member(1)?.role == .follower && stage.term(of: 1) == stage.term(of: 2),
            "S1 follows in term \(stage.term(of: 2))", seen: stage.look(at: 1))
    }
}

@Sendable private func theHalfDeafDisturbNobody(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.term], claim: "one who does not hear the leader does not depose it",
        idea: "S2 hears a living leader: S3's wish for an election is none of its business.")
    scenario.plan.timeouts = [1: 100...110, 2: 200...210, 3: 200...210]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.run(for: 50)
        let term = stage.term(of: 1)
        stage.cluster.silence(from: 1, to: 3)
        try stage.cluster.run(for: 1000)
        stage.cluster.heal()
        try stage.cluster.run(for: 400)
        try stage.require(
            stage.cluster.leader == 1 && stage.term(of: 1) == term, "S1 leads term \(term) on",
            seen: stage.look(at: 1))
    }
}

@Sendable private func theLonelyLeaderResigns(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.stepDown], claim: "a leader that is cut off from all steps down",
        idea:
            "It cannot commit anything any more; as long as it says that it leads, its clients "
            + "wait in vain."
    )
    scenario.plan.timeouts = [1: 100...200]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        stage.cluster.part([1, 2], [3])
        try stage.cluster.run(for: 500)
        try stage.require(
            stage.cluster.member(1)?.isLeader == true && stage.term(of: 1) == 1,
            "S1 leads term 1 on while it hears S2",
            seen: stage.look(at: 1))
        stage.cluster.part([1], [2], [3])
        try stage.cluster.run(for: 500)
        try stage.require(
            stage.cluster.member(1)?.isLeader == false, "S1 no longer leads after 500 ms alone",
            seen: stage.look(at: 1))
    }
}
