// Lab 06 on the pipe: its questions, and the rules as a program of their own answers them.

enum RaftQuestions {
    static let timeout = Question<TimeoutQuestion, Int>("electionTimeout")
    static let timer = Question<TimerQuestion, Bool>("restartsTimer")
    static let term = Question<TermQuestion, TermVerdict>("judgeTerm")
    static let stepDown = Question<StepDownQuestion, Bool>("shouldStepDown")
    static let vote = Question<VoteQuestion, Bool>("shouldGrantVote")
    static let promise = Question<PromiseQuestion, Bool>("mustSavePromise")
    static let append = Question<AppendQuestion, AppendVerdict>("judgeAppend")
    static let hint = Question<HintQuestion, ConflictHint>("conflictHint")
    static let backUp = Question<BackUpQuestion, Int>("nextIndexAfterRefusal")
    static let upToDate = Question<LogComparison, Bool>("isUpToDate")
    static let commit = Question<CommitQuestion, Int>("commitIndex")
    static let reply = Question<ReplyQuestion, ReplyVerdict>("judgeReply")
    static let snapshot = Question<SnapshotQuestion, SnapshotVerdict>("judgeSnapshot")
    static let read = Question<ReadQuestion, Bool>("mayServeRead")
}

extension RaftPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(RaftQuestions.timeout, with: electionTimeout)
        desk.answer(RaftQuestions.timer, with: restartsTimer)
        desk.answer(RaftQuestions.term, with: judgeTerm)
        desk.answer(RaftQuestions.stepDown, with: shouldStepDown)
        desk.answer(RaftQuestions.vote, with: shouldGrantVote)
        desk.answer(RaftQuestions.promise, with: mustSavePromise)
        desk.answer(RaftQuestions.append, with: judgeAppend)
        desk.answer(RaftQuestions.hint, with: conflictHint)
        desk.answer(RaftQuestions.backUp, with: nextIndexAfterRefusal)
        desk.answer(RaftQuestions.upToDate, with: isUpToDate)
        desk.answer(RaftQuestions.commit, with: commitIndex)
        desk.answer(RaftQuestions.reply, with: judgeReply)
        desk.answer(RaftQuestions.snapshot, with: judgeSnapshot)
        desk.answer(RaftQuestions.read, with: mayServeRead)
        return desk
    }
}

/// The rules as a program of their own answers them.
public struct RemoteRaft: RaftContract {
    private let asker: any Asker

    public init(asking asker: any Asker) { self.asker = asker }

    public func electionTimeout(_ question: TimeoutQuestion) throws -> Int {
        try asker.ask(RaftQuestions.timeout, question)
    }
    public func restartsTimer(_ question: TimerQuestion) throws -> Bool {
        try asker.ask(RaftQuestions.timer, question)
    }
    public func judgeTerm(_ question: TermQuestion) throws -> TermVerdict {
        try asker.ask(RaftQuestions.term, question)
    }
    public func shouldStepDown(_ question: StepDownQuestion) throws -> Bool {
        try asker.ask(RaftQuestions.stepDown, question)
    }
    public func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        try asker.ask(RaftQuestions.vote, question)
    }
    public func mustSavePromise(_ question: PromiseQuestion) throws -> Bool {
        try asker.ask(RaftQuestions.promise, question)
    }
    public func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        try asker.ask(RaftQuestions.append, question)
    }
    public func conflictHint(_ question: HintQuestion) throws -> ConflictHint {
        try asker.ask(RaftQuestions.hint, question)
    }
    public func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        try asker.ask(RaftQuestions.backUp, question)
    }
    public func isUpToDate(_ question: LogComparison) throws -> Bool {
        try asker.ask(RaftQuestions.upToDate, question)
    }
    public func commitIndex(_ question: CommitQuestion) throws -> Int {
        try asker.ask(RaftQuestions.commit, question)
    }
    public func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        try asker.ask(RaftQuestions.reply, question)
    }
    public func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        try asker.ask(RaftQuestions.snapshot, question)
    }
    public func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        try asker.ask(RaftQuestions.read, question)
    }
}
