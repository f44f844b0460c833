import ContractRaft

/// What a scenario needs besides the rules that its step is about: the kit's own answers. Whoever wants to write the
/// lab should not read them first.
struct GivenRules: RaftContract {
    /// A leader never resigns, as in the paper: so it can be seen what its clients would be told.
    var isStubborn = false
    /// An entry of an earlier term is committed as soon as a majority has it: to be seen what comes of it.
    var countsOldTerms = false

    func electionTimeout(_ question: TimeoutQuestion) -> Int {
        question.minMilliseconds
            + question.roll % (question.maxMilliseconds - question.minMilliseconds + 1)
    }
    func restartsTimer(_ question: TimerQuestion) -> Bool {
        question.granted
            ? question.kind == .voteRequest
            : !question.isStale && [.append, .snapshot].contains(question.kind)
    }
    func judgeTerm(_ question: TermQuestion) -> TermVerdict {
        if question.leaderIsAlive, [.voteRequest, .preVoteRequest].contains(question.kind) {
            return .ignore
        }
        if question.messageTerm == question.currentTerm { return .current }
        return question.messageTerm > question.currentTerm ? .adopt : .stale
    }
    func shouldStepDown(_ question: StepDownQuestion) -> Bool {
        let limit = question.electionTimeoutMilliseconds
        return !isStubborn
            && 2 * question.silenceMilliseconds.count { $0 < limit }
                < question.silenceMilliseconds.count
    }
    func shouldGrantVote(_ question: VoteQuestion) -> Bool {
        question.isPreVote || question.votedFor ?? question.candidate == question.candidate
    }
    func mustSavePromise(_ question: PromiseQuestion) -> Bool {
        ![.preVoteRequest, .preVoteReply, .other].contains(question.kind)
    }
    func judgeAppend(_ question: AppendQuestion) -> AppendVerdict {
        let (log, previous) = (question.log, question.previousIndex)
        let isHere = { (index: Int, term: Int) in
            index <= log.snapshotIndex || log.term(at: index) == term
        }
        let same = question.terms.indices.prefix { isHere(previous + 1 + $0, question.terms[$0]) }
            .count
        let end = previous + question.terms.count
        let cut = same < question.terms.count ? previous + 1 + same : nil
        return AppendVerdict(
            fits: isHere(previous, question.previousTerm), truncateFrom: cut, alreadyThere: same,
            commitIndex: max(min(end, question.leaderCommit), question.commitIndex))
    }
    func conflictHint(_ question: HintQuestion) -> ConflictHint {
        let term = question.log.term(at: question.previousIndex)
        return ConflictHint(
            term: term,
            index: term.flatMap(question.log.firstIndex) ?? question.log.lastIndex + 1)
    }
    func nextIndexAfterRefusal(_ question: BackUpQuestion) -> Int {
        max(question.matchIndex + 1, min(question.hint.index, question.previousIndex))
    }
    func isUpToDate(_ question: LogComparison) -> Bool {
        (question.candidateLastTerm, question.candidateLastIndex)
            >= (question.lastTerm, question.lastIndex)
    }
    func commitIndex(_ question: CommitQuestion) -> Int {
        let needed = question.matchIndices.count / 2 + 1
        let reached =
            question.matchIndices.filter { index in
                question.matchIndices.count { $0 >= index } >= needed
            }.max() ?? 0
        return countsOldTerms || question.log.term(at: reached) == question.currentTerm
            ? max(reached, question.commitIndex) : question.commitIndex
    }
    func judgeReply(_ question: ReplyQuestion) -> ReplyVerdict {
        let end = question.previousIndex + question.entryCount
        let waits = question.entryCount > 0 && end > question.savedIndex
        return ReplyVerdict(
            matchIndex: waits ? end : min(end, question.savedIndex), waitsForDisk: waits)
    }
    func judgeSnapshot(_ question: SnapshotQuestion) -> SnapshotVerdict {
        if question.commitIndex >= question.snapshotIndex { return .ignore }
        return question.log.term(at: question.snapshotIndex) == question.snapshotTerm
            ? .keepLaterEntries : .replaceEverything
    }
    func mayServeRead(_ question: ReadQuestion) -> Bool {
        question.commitTerm == question.currentTerm
            && 2 * question.answeredRounds.count { $0 >= question.round }
                > question.answeredRounds.count
    }
}
