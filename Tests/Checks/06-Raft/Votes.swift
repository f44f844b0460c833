import ContractRaft
import Grading
import RaftSimulation

/// 06.3: one vote a term, kept over a crash.
let votesAreGivenOnce = Check(
    "06.3",
    judging([voteTable, promiseTable], [oneOfTwoCandidatesWins, theVoterThatForgets])
)

@Sendable private func voteTable(_ bench: Bench) throws {
    func ask(_ candidate: Int, term: Int, pre: Bool = false, votedFor: Int?) throws -> Bool {
        try rules(bench).shouldGrantVote(
            VoteQuestion(
                candidate: candidate, electionTerm: term, isPreVote: pre, currentTerm: 7,
                votedFor: votedFor))
    }
    let once = "Two candidates could both count this vote, and both lead the term."
    try expect(
        try ask(2, term: 7, votedFor: nil), is: true, "who has not voted in term 7 votes",
        idea: "Somebody must win.")
    try expect(
        try ask(2, term: 7, votedFor: 3), is: false,
        "who has voted for S3 in term 7 has no vote left for S2", idea: once)
    try expect(
        try ask(2, term: 7, votedFor: 2), is: true,
        "asked again by the one it voted for, a member says yes again",
        idea: "The first answer may have been lost on the way; the vote is given all the same.")
    try expect(
        try ask(2, term: 6, votedFor: nil), is: false,
        "a candidate of a term that is over gets no vote in a later one",
        idea: "A vote counts in one term only. Who is asked about another one has nothing to give.")
    try expect(
        try ask(2, term: 6, pre: true, votedFor: nil), is: false,
        "a pre-vote for a term that is over is refused",
        idea: "A pre-vote asks about a term that has not begun.")
    try expect(
        try ask(2, term: 8, pre: true, votedFor: 3), is: true,
        "the vote in term 7 does not bind a pre-vote for term 8",
        idea: "A pre-vote asks about a term that has not begun; in it nobody has voted.")
    try expect(
        try ask(2, term: 7, pre: true, votedFor: nil), is: false,
        "a pre-vote for a term that has begun is refused",
        idea: "Its election is under way already, or over.")
}

@Sendable private func promiseTable(_ bench: Bench) throws {
    func ask(_ kind: MessageKind) throws -> Bool {
        try rules(bench).mustSavePromise(PromiseQuestion(kind: kind))
    }
    let bound: [(MessageKind, String)] = [
        (.voteReply, "a vote leaves only once it is on the disk"),
        (.voteRequest, "a candidate's vote for itself is on the disk before it asks others"),
        (.append, "entries leave only once the term in them is on the leader's disk"),
        (.snapshot, "a snapshot leaves only once the term in it is on the leader's disk"),
        (.appendReply, "a follower answers its leader only once the leader's term is on the disk"),
    ]
    for (kind, claim) in bound {
        try expect(
            try ask(kind), is: true, claim,
            idea: "What others will count on must survive a crash that comes the moment after.")
    }
    for kind in [MessageKind.preVoteRequest, .preVoteReply, .other] {
        try expect(
            try ask(kind), is: false, "what binds nobody leaves at once: \(kind.rawValue)",
            idea: "Waiting for the disk costs milliseconds: only promises are worth them.")
    }
}

@Sendable private func oneOfTwoCandidatesWins(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.vote, .promise], claim: "a term has at most one leader",
        idea: "S3 is asked twice in one term. A second vote makes a second majority.")
    scenario.plan.timeouts = [1: 100...100, 2: 100...100, 3: 900...1000]
    try scenario.play(bench) { stage in
        stage.cluster.silence(from: 1, to: 2)
        stage.cluster.silence(from: 2, to: 1)
        try stage.cluster.run(for: 150)
        _ = try stage.waitForAnyLeader()
    }
}

@Sendable private func theVoterThatForgets(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.vote, .promise], claim: "a vote survives the voter's crash",
        idea:
            "S3's vote for S1 was still on its way to the disk when the power went. If S1 has "
            + "heard of it by "
            + "then, S3 votes again in that term, and there are two leaders.")
    scenario.plan.timeouts = [1: 100...100, 2: 300...310, 3: 2000...2010]
    scenario.plan.diskDelays = [3: 50...50]
    try scenario.play(bench) { stage in
        stage.cluster.part([1, 3], [2])
        try stage.cluster.run(for: 130)
        stage.cluster.part([1], [2, 3])
        stage.cluster.crash(3)
        try stage.cluster.run(for: 20)
        try stage.cluster.start(3)
        let elected = try stage.cluster.run(atMost: 1500) { $0.member(2)?.isLeader == true }
        try stage.require(elected, "S2 leads with S3's vote", seen: stage.look(at: 2))
    }
}
