import ContractRaft
import Grading
import RaftSimulation

/// 06.10: reads that see every write answered before them; and all rules together, in bad weather.
let readsSeeTheNewest = Check(
    "06.10",
    judging([readTable], [theOldLeaderKeepsSilent, theNewLeaderWaits])
).then(
    .seeded("06.10", sizes: 1...3, inBadWeather))

@Sendable private func readTable(_ bench: Bench) throws {
    let table:
        [(term: Int, commitTerm: Int, round: Int, answered: [Int], expected: Bool, claim: String)] =
            [
                (
                    3, 3, 5, [5, 5, 3], true,
                    "a majority that answered the round proves the leader's office"
                ),
                (3, 3, 5, [6, 4, 9], true, "a later round proves it too"),
                (3, 3, 5, [5, 4, 4], false, "an earlier round proves nothing about now"),
                (3, 3, 5, [5, 5, 4, 4], false, "half of the members is no majority"),
                (3, 3, 5, [5], true, "a cluster of one is its own majority"),
                (
                    3, 2, 5, [5, 5, 5], false,
                    "before an entry of its own term is committed, a leader serves no reads"
                ),
            ]
    for row in table {
        let seen = try rules(bench).mayServeRead(
            ReadQuestion(
                currentTerm: row.term, commitTerm: row.commitTerm, round: row.round,
                answeredRounds: row.answered))
        try expect(
            seen, is: row.expected,
            "\(row.claim): term \(row.term), committed up to term \(row.commitTerm), round "
                + "\(row.round), answered \(row.answered)",
            idea:
                "Two questions: do I still lead, now that the read is here? And do I know all "
                + "that was committed before me?"
        )
    }
}

@Sendable private func theOldLeaderKeepsSilent(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.read], claim: "a leader that was replaced without knowing answers no reads",
        idea:
            "S1 still thinks that it leads. Only an answer from a majority, to a heartbeat sent "
            + "after the read came, can tell."
    )
    scenario.plan.timeouts = [1: 100...110, 2: 200...300, 3: 200...300]
    scenario.isStubborn = true
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 100)
        stage.cluster.part([1], [2, 3])
        let successor = try stage.waitForSuccessor(of: 1)
        try stage.cluster.write(through: successor)
        try stage.cluster.run(for: 50)
        try stage.cluster.read(through: 1)
        try stage.cluster.run(for: 100)
        stage.cluster.heal()
        try stage.cluster.run(for: 100)
        try stage.cluster.read(through: successor)
        try stage.cluster.run(for: 100)
        try stage.require(
            stage.cluster.answered >= 3, "S\(successor) answers the read that it is asked for",
            seen: stage.look(at: successor))
    }
}

@Sendable private func theNewLeaderWaits(_ bench: Bench) throws {
    var scenario = Scenario(
        asks: [.read], claim: "a new leader answers no reads before it knows what is committed",
        idea:
            "S1 committed the second value and answered its client, but no news of that reached "
            + "the others. They have the entry, and find "
            + "out that it is committed when its own first entry is.")
    scenario.plan.timeouts = [1: 100...110, 2: 200...300, 3: 200...300]
    try scenario.play(bench) { stage in
        try stage.waitForLeader(1)
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 60)
        stage.cluster.lose("messages without entries") {
            if case .append(let append) = $0.body { return append.entries.isEmpty }
            return false
        }
        try stage.cluster.write(through: 1)
        try stage.cluster.run(for: 8)
        stage.cluster.crash(1)
        stage.cluster.heal()
        stage.cluster.lose("entries of the next leader") {
            if case .append(let append) = $0.body { return !append.entries.isEmpty }
            return false
        }
        let successor = try stage.waitForSuccessor(of: 1)
        try stage.cluster.read(through: successor)
        try stage.cluster.run(for: 60)
        stage.cluster.heal()
        try stage.cluster.run(for: 200)
        try stage.require(
            stage.cluster.answered == 3, "in the end the read is answered",
            seen: stage.look(at: successor))
    }
}

/// Everything together: loss, late messages, crashes, torn writes and partitions, with the part's rules alone.
@Sendable private func inBadWeather(_ bench: Bench, _ run: Run) throws {
    var scenario = Scenario(
        asks: Set(Rule.allCases), claim: "in bad weather every promise is kept",
        idea:
            "Each rule has passed alone. Read the timeline from its last line upwards: who "
            + "promised what, and who forgot?"
    )
    scenario.plan = .badWeather
    try scenario.play(bench, seed: run.seed) { try $0.cluster.run(for: 200 * run.size) }
}
