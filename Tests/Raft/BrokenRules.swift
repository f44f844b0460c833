import ContractRaft
import SolutionRaft

/// The reference with one rule broken the way people break it.
struct BrokenRaft: RaftContract {
    enum Mistake: String, CaseIterable, Sendable {
        case votesTwice, votesForStaleLogs, commitsOldTermsByCounting, answersBeforeDisk, readsWithoutProof
        case truncatesNothing, appendsWithoutLooking
        case forgetsTheLeader, neverStepsDown
    }
    let mistake: Mistake
    private let right = Raft()

    init(_ mistake: Mistake) { self.mistake = mistake }

    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        var question = question
        if mistake == .votesTwice { question.votedFor = nil }
        return try right.shouldGrantVote(question)
    }
    func isUpToDate(_ question: LogComparison) throws -> Bool {
        try mistake == .votesForStaleLogs || right.isUpToDate(question)
    }
    func commitIndex(_ question: CommitQuestion) throws -> Int {
        guard mistake == .commitsOldTermsByCounting else { return try right.commitIndex(question) }
        let sorted = question.matchIndices.sorted(by: >)
        return max(question.commitIndex, sorted[sorted.count / 2])
    }
    func mustSavePromise(_ question: PromiseQuestion) throws -> Bool {
        try mistake != .answersBeforeDisk && right.mustSavePromise(question)
    }
    func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        var verdict = try right.judgeReply(question)
        if mistake == .answersBeforeDisk { verdict.waitsForDisk = false }
        return verdict
    }
    func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        try mistake == .readsWithoutProof || right.mayServeRead(question)
    }
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        var verdict = try right.judgeAppend(question)
        if mistake == .truncatesNothing { verdict.truncateFrom = nil }
        if mistake == .appendsWithoutLooking, question.previousIndex <= question.log.lastIndex {
            verdict.fits = true
        }
        return verdict
    }
    func electionTimeout(_ question: TimeoutQuestion) throws -> Int { try right.electionTimeout(question) }
    func restartsTimer(_ question: TimerQuestion) throws -> Bool { try right.restartsTimer(question) }
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict {
        var question = question
        if mistake == .forgetsTheLeader { question.leaderIsAlive = false }
        return try right.judgeTerm(question)
    }
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool {
        try mistake != .neverStepsDown && right.shouldStepDown(question)
    }
    func conflictHint(_ question: HintQuestion) throws -> ConflictHint { try right.conflictHint(question) }
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        try right.nextIndexAfterRefusal(question)
    }
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        try right.judgeSnapshot(question)
    }
}
