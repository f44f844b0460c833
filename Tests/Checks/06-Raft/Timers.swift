import ContractRaft
import Grading
import RaftSimulation

/// 06.1: who stands when, and what puts it off.
let timersAreRandomAndHeardRight = Check(
    "06.1",
    judging([timeoutsFillTheSpan, timerTable], [heartbeatsKeepThePeace, strangersPutNothingOff])
).then(
    .seeded("06.1", sizes: 3...5) { bench, run in
        var plan = RaftCluster.Plan.script
        plan.members = run.size
        let scenario = Scenario(
            asks: [.timeout, .timer], claim: "members that all start at once soon have a leader",
            idea:
                "Those who wait for equally long stand together, vote for themselves, and try "
                + "again "
                + "together: only the dice part them.", plan: plan)
        try scenario.play(bench, seed: run.seed) { stage in _ = try stage.waitForAnyLeader() }
    })

@Sendable private func timeoutsFillTheSpan(_ bench: Bench) throws {
    var dice = Dice(seed: 6)
    for (low, high) in [(150, 300), (1000, 2000)] {
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<60 {
            let roll = dice.roll(0...999_999)
            let question = TimeoutQuestion(
                minMilliseconds: low, maxMilliseconds: high, roll: roll)
            let seen = try rules(bench).electionTimeout(question)
            try require(
                try rules(bench).electionTimeout(question) == seen,
                "the same roll makes the same timeout, whenever it is asked",
                seen: "two different ones for a roll of \(roll)",
                idea:
                    "The dice are thrown already: the roll is their number. A rule that throws its own can't be "
                    + "replayed, and a failure that can't be replayed is never found.")
            guard (low...high).contains(seen) else {
                throw Failed(
                    "a timeout lies between its bounds", expected: "\(low) to \(high) ms",
                    seen: "\(seen) ms for a roll of \(roll)",
                    idea:
                        "The roll goes from 0 to 999 999: it says how far into the span the "
                        + "timeout lies."
                )
            }
            tenths[min(9, (seen - low) * 10 / (high - low))] += 1
        }
        try require(
            tenths.min()! >= 1, "timeouts are spread over the whole span",
            seen: "of 60 throws, by tenths of \(low) to \(high) ms: \(tenths)",
            idea:
                "If a part of the span is never used, or the bounds are not those of the question, "
                + "members stand at the same time more often than they need.")
    }
    try expect(
        try rules(bench).electionTimeout(
            TimeoutQuestion(minMilliseconds: 0, maxMilliseconds: 1_000_000, roll: 999_999)),
        is: 999_999, "the roll counts in millionths of the span",
        idea: "The roll says how many millionths of the span the timeout lies above its least.")
}

@Sendable private func timerTable(_ bench: Bench) throws {
    let table: [(TimerQuestion, Bool, String)] = [
        (
            .init(kind: .append, isStale: false, granted: false), true,
            "entries or a heartbeat of the present leader start the timer anew"
        ),
        (
            .init(kind: .snapshot, isStale: false, granted: false), true,
            "a snapshot from the present leader starts the timer anew"
        ),
        (
            .init(kind: .append, isStale: true, granted: false), false,
            "a heartbeat of an earlier term does not start the timer anew"
        ),
        (
            .init(kind: .snapshot, isStale: true, granted: false), false,
            "a snapshot of an earlier term does not start the timer anew"
        ),
        (
            .init(kind: .voteRequest, isStale: false, granted: true), true,
            "a vote that was given starts the timer anew"
        ),
        (
            .init(kind: .voteRequest, isStale: false, granted: false), false,
            "a vote that was refused does not start the timer anew"
        ),
        (
            .init(kind: .voteRequest, isStale: true, granted: false), false,
            "a request of an earlier term does not start the timer anew"
        ),
        (
            .init(kind: .preVoteRequest, isStale: false, granted: true), false,
            "a pre-vote does not start the timer anew"
        ),
        (
            .init(kind: .appendReply, isStale: false, granted: false), false,
            "a follower's reply does not start the timer anew"
        ),
        (
            .init(kind: .voteReply, isStale: false, granted: false), false,
            "the answer to one's own request for votes does not start the timer anew"
        ),
        (
            .init(kind: .preVoteReply, isStale: false, granted: false), false,
            "the answer to a pre-vote does not start the timer anew"
        ),
        (
            .init(kind: .other, isStale: false, granted: false), false,
            "what is neither a leader's nor a vote does not start the timer anew"
        ),
    ]
    for (question, expected, claim) in table {
        try expect(
            try rules(bench).restartsTimer(question), is: expected, claim,
            idea:
                "The timer asks: is there a leader, or soon one that I voted for? What proves "
                + "neither, "
                + "puts nothing off.")
    }
}

@Sendable private func heartbeatsKeepThePeace(_ bench: Bench) throws {
    let scenario = Scenario(
        asks: [.timeout, .timer], claim: "while heartbeats come, nobody stands",
        idea: "A follower that hears its leader starts its timer anew each time.")
    try scenario.play(bench) { stage in
        let leader = try stage.waitForAnyLeader()
        try stage.cluster.run(for: 100)
        let before = stage.cluster.sent
        try stage.cluster.run(for: 1000)
        let asked =
            stage.cluster.sent[.preVoteRequest, default: 0] - before[.preVoteRequest, default: 0]
        try stage.require(
            asked == 0 && stage.cluster.leader == leader,
            "a second without one request for votes, S\(leader) leads on",
            seen: "\(asked) requests for votes")
        let beats = stage.cluster.sent[.append, default: 0] - before[.append, default: 0]
        try stage.require(
            beats <= 42, "a quiet second costs two followers 20 heartbeats each",
            seen: "\(beats) heartbeats")
    }
}

@Sendable private func strangersPutNothingOff(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.timer], claim: "one who can't win keeps nobody from standing",
        idea:
            "S3 lacks entries, so S2 refuses it its vote. If the refused request starts S2's "
            + "timer anew, S3 "
            + "asks again before it runs out, and nobody ever leads.")
    scenario.plan.restored = [
        1: .init(term: 1, votedFor: 1, entryTerms: [1, 1]),
        2: .init(term: 1, votedFor: 1, entryTerms: [1, 1]),
        3: .init(term: 1, votedFor: 1, entryTerms: [1]),
    ]
    scenario.plan.down = [1]
    scenario.plan.timeouts = [2: 300...310, 3: 100...110]
    try scenario.play(bench) { stage in try stage.waitForLeader(2) }
}
