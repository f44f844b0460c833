import Contracts
import SolutionRaft

/// The reference with one rule broken the way people break it.
struct BrokenRaft: RaftContract {
    enum Mistake: String, CaseIterable, Sendable {
        case votesTwice, votesForStaleLogs, commitsOldTermsByCounting, answersBeforeDisk, readsWithoutProof
        case truncatesNothing, appendsWithoutLooking
    }
    let mistake: Mistake
    private let right = Raft()

    init(_ mistake: Mistake) { self.mistake = mistake }

    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        var question = question
        if mistake == .votesTwice { question.votedFor = nil }
        if mistake == .votesForStaleLogs { (question.lastIndex, question.lastTerm) = (0, 0) }
        return try right.shouldGrantVote(question)
    }
    func commitIndex(_ question: CommitQuestion) throws -> Int {
        guard mistake == .commitsOldTermsByCounting else { return try right.commitIndex(question) }
        let sorted = question.matchIndices.sorted(by: >)
        return max(question.commitIndex, sorted[sorted.count / 2])
    }
    func mustWaitForDisk(_ question: PersistQuestion) throws -> Bool {
        mistake == .answersBeforeDisk ? false : try right.mustWaitForDisk(question)
    }
    func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        mistake == .readsWithoutProof ? true : try right.mayServeRead(question)
    }
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        var verdict = try right.judgeAppend(question)
        if mistake == .truncatesNothing { verdict.truncateFrom = nil }
        if mistake == .appendsWithoutLooking, verdict.conflict != nil,
            question.previousIndex <= question.log.lastIndex
        {
            verdict = AppendVerdict(
                conflict: nil, truncateFrom: nil, alreadyThere: 0, commitIndex: question.commitIndex)
        }
        return verdict
    }
    func electionTimeout(_ question: TimeoutQuestion) throws -> Int { try right.electionTimeout(question) }
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict { try right.judgeTerm(question) }
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        try right.nextIndexAfterRefusal(question)
    }
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        try right.judgeSnapshot(question)
    }
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool { try right.shouldStepDown(question) }
}
