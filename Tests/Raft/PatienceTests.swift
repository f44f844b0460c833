import Consensus
import ContractRaft
import SolutionRaft
import Testing

/// A scheduler that lets members wait is no reason for elections.
@Suite struct PatienceTests {
    private func follower(patienceMax: Int) throws -> RaftMember {
        var settings = RaftMember.Settings()
        settings.patienceMax = patienceMax
        return try RaftMember(
            id: 1, members: [1, 2, 3], settings: settings, rules: Raft(), seed: 1, now: 0)
    }

    private func hear(
        _ member: inout RaftMember, from leader: MemberID = 2, term: Int = 1, at now: Int
    ) throws {
        let beat = Append(previousIndex: 0, previousTerm: 0, entries: [], commitIndex: 0, round: 1)
        try member.receive(Message(from: leader, to: 1, term: term, body: .append(beat)), now: now)
    }

    @Test func `a member that was asleep hears what arrived before it stands for election`() throws
    {
        var member = try follower(patienceMax: 0)
        try hear(&member, at: 0)
        try member.tick(now: 5000)
        #expect(member.role == .follower)
        try hear(&member, at: 5000)
        try member.tick(now: 5060)
        #expect(member.role == .follower && member.leader == 2)
    }

    @Test func `where nothing had arrived it stands all the same`() throws {
        var member = try follower(patienceMax: 0)
        try hear(&member, at: 0)
        try member.tick(now: 5000)
        try member.tick(now: 5060)
        #expect(member.role == .preCandidate)
    }

    @Test func `a leader that is late and lives is waited for the longer the next time`() throws {
        var member = try follower(patienceMax: 2000)
        try hear(&member, at: 0)
        #expect(member.nextDeadline < 301)
        try hear(&member, at: 140)
        #expect(member.nextDeadline >= 140 + 150 + 130)
        // Ordinary heartbeats teach nothing new, and nothing is forgotten at once.
        for now in stride(from: 190, through: 10_000, by: 50) { try hear(&member, at: now) }
        #expect(member.nextDeadline >= 9990 + 150 + 130)
        // After some quiet minutes it is as before.
        for now in stride(from: 10_050, through: 900_000, by: 50) { try hear(&member, at: now) }
        #expect(member.nextDeadline <= 900_000 + 301)
    }

    @Test func `a leader given up for dead that turns out to live teaches patience`() throws {
        var member = try follower(patienceMax: 2000)
        try hear(&member, at: 0)
        // Another one stands and wins; then the old leader's late heartbeat comes.
        try hear(&member, from: 3, term: 2, at: 350)
        #expect(member.nextDeadline < 350 + 301)
        try hear(&member, from: 2, term: 1, at: 400)
        try hear(&member, from: 3, term: 2, at: 401)
        #expect(member.nextDeadline >= 401 + 150 + 2 * 400 - 150)
    }

    @Test func `a silence of minutes is a broken network, and teaches nothing`() throws {
        var member = try follower(patienceMax: 2000)
        try hear(&member, at: 0)
        try hear(&member, at: 60_000)
        #expect(member.nextDeadline <= 60_301)
    }
}

/// Rules of which one throws, as a student's part does that ends in the middle of a question.
private struct ThrowingRaft: RaftContract {
    struct Gone: Error {}
    final class Fuse: @unchecked Sendable { var isBlown = false }
    let fuse = Fuse()
    private let right = Raft()

    func mustSavePromise(_ question: PromiseQuestion) throws -> Bool {
        if !fuse.isBlown {
            fuse.isBlown = true
            throw Gone()
        }
        return try right.mustSavePromise(question)
    }
    func electionTimeout(_ question: TimeoutQuestion) throws -> Int {
        try right.electionTimeout(question)
    }
    func restartsTimer(_ question: TimerQuestion) throws -> Bool {
        try right.restartsTimer(question)
    }
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict { try right.judgeTerm(question) }
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool {
        try right.shouldStepDown(question)
    }
    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        try right.shouldGrantVote(question)
    }
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        try right.judgeAppend(question)
    }
    func conflictHint(_ question: HintQuestion) throws -> ConflictHint {
        try right.conflictHint(question)
    }
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        try right.nextIndexAfterRefusal(question)
    }
    func isUpToDate(_ question: LogComparison) throws -> Bool { try right.isUpToDate(question) }
    func commitIndex(_ question: CommitQuestion) throws -> Int { try right.commitIndex(question) }
    func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        try right.judgeReply(question)
    }
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        try right.judgeSnapshot(question)
    }
    func mayServeRead(_ question: ReadQuestion) throws -> Bool { try right.mayServeRead(question) }
}

@Suite struct ThrowingRulesTests {
    @Test func `a part that throws loses no write: what was to be done is done the next time`()
        throws
    {
        var member = try RaftMember(
            id: 1, members: [1, 2, 3], rules: ThrowingRaft(), seed: 1, now: 0)
        let entries = [Entry(index: 1, term: 1, payload: [7])]
        let append = Append(
            previousIndex: 0, previousTerm: 0, entries: entries, commitIndex: 0, round: 1)
        try member.receive(Message(from: 2, to: 1, term: 1, body: .append(append)), now: 1)
        #expect(throws: ThrowingRaft.Gone.self) { try member.takeOutput() }
        let output = try member.takeOutput()
        #expect(output.write?.entries == entries)
        #expect(output.write?.hardState == HardState(term: 1))
        #expect(output.messagesAfterWrite.count == 1 && output.messages.isEmpty)
    }
}
