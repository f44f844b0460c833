import ContractRaft
import Synchronization

/// The rules by name.
enum Rule: CaseIterable {
    case timeout, timer, term, stepDown, vote, promise
    case append, hint, backUp, upToDate, commit
    case reply, snapshot, read
}

/// Some rules are the part's, the others the kit's: so a scenario that fails is the fault of the step it belongs to.
struct MixedRules: RaftContract {
    /// The rules that are asked of the part.
    let asked: Set<Rule>
    let part: any RaftContract
    private let given: GivenRules

    init(
        _ asked: Set<Rule>, of part: any RaftContract, isStubborn: Bool = false,
        countsOldTerms: Bool = false
    ) {
        (self.asked, self.part, given) = (
            asked, part, GivenRules(isStubborn: isStubborn, countsOldTerms: countsOldTerms)
        )
    }

    // A run asks some questions hundreds of times. A rule is pure, so the part is asked each of them once.
    private let terms = Memory<TermQuestion, TermVerdict>()
    private let timers = Memory<TimerQuestion, Bool>()
    private let promises = Memory<PromiseQuestion, Bool>()
    private let commits = Memory<CommitQuestion, Int>()

    private func who(_ rule: Rule) -> any RaftContract { asked.contains(rule) ? part : given }

    func electionTimeout(_ question: TimeoutQuestion) throws -> Int {
        try who(.timeout).electionTimeout(question)
    }
    func restartsTimer(_ question: TimerQuestion) throws -> Bool {
        try timers.answer(question) { try who(.timer).restartsTimer($0) }
    }
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict {
        try terms.answer(question) { try who(.term).judgeTerm($0) }
    }
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool {
        try who(.stepDown).shouldStepDown(question)
    }
    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        try who(.vote).shouldGrantVote(question)
    }
    func mustSavePromise(_ question: PromiseQuestion) throws -> Bool {
        try promises.answer(question) { try who(.promise).mustSavePromise($0) }
    }
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        try who(.append).judgeAppend(question)
    }
    func conflictHint(_ question: HintQuestion) throws -> ConflictHint {
        try who(.hint).conflictHint(question)
    }
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        try who(.backUp).nextIndexAfterRefusal(question)
    }
    func isUpToDate(_ question: LogComparison) throws -> Bool {
        try who(.upToDate).isUpToDate(question)
    }
    func commitIndex(_ question: CommitQuestion) throws -> Int {
        try commits.answer(question) { try who(.commit).commitIndex($0) }
    }
    func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        try who(.reply).judgeReply(question)
    }
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        try who(.snapshot).judgeSnapshot(question)
    }
    func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        try who(.read).mayServeRead(question)
    }
}

/// Answers that were given already.
private final class Memory<Asked: Hashable & Sendable, Answer: Sendable>: Sendable {
    private let answers = Mutex<[Asked: Answer]>([:])

    func answer(_ question: Asked, _ ask: (Asked) throws -> Answer) throws -> Answer {
        if let known = answers.withLock({ $0[question] }) { return known }
        let answer = try ask(question)
        answers.withLock { $0[question] = answer }
        return answer
    }
}
