import ContractRaft

extension Raft {
    // The entries fit if the one before them is here with the same term (the snapshot's entries count as
    // here). Of the entries that fit, those that are here already stay; from the first that differs in term the
    // log is cut. What merely follows the message's last entry is no reason to cut: the message may be an old one.
    // The commit index follows the leader's, but no further than the last entry that this message vouches for,
    // and never backwards.
    public func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        // step 06.4 begin
        let (log, previous) = (question.log, question.previousIndex)
        guard previous <= log.snapshotIndex || log.term(at: previous) == question.previousTerm
        else {
            return AppendVerdict(
                fits: false, truncateFrom: nil, alreadyThere: 0, commitIndex: question.commitIndex)
        }
        var alreadyThere = 0
        while alreadyThere < question.terms.count {
            let index = previous + 1 + alreadyThere
            let isCovered = index <= log.snapshotIndex
            guard isCovered || log.term(at: index) == question.terms[alreadyThere] else { break }
            alreadyThere += 1
        }
        let next = previous + 1 + alreadyThere
        let differs = alreadyThere < question.terms.count && next <= log.lastIndex
        let vouchedFor = previous + question.terms.count
        return AppendVerdict(
            fits: true, truncateFrom: differs ? next : nil, alreadyThere: alreadyThere,
            commitIndex: max(question.commitIndex, min(question.leaderCommit, vouchedFor)))
        // step 06.4 end
    }

    // What the follower has where the leader's entry should be: that entry's term, and the first index that
    // has this term here; or, where its log is too short, no term and the first index that it lacks.
    public func conflictHint(_ question: HintQuestion) throws -> ConflictHint {
        // step 06.5 begin
        let log = question.log
        guard let term = log.term(at: question.previousIndex) else {
            return ConflictHint(term: nil, index: log.lastIndex + 1)
        }
        return ConflictHint(term: term, index: log.firstIndex(ofTerm: term) ?? log.snapshotIndex + 1)
        // step 06.5 end
    }

    // A round for each term in which the two logs differ, never one for each entry. The next entry to send is at
    // most the refused one, and above what is known to match.
    public func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        // step 06.5 begin
        var next = question.hint.index
        if let term = question.hint.term, let last = question.log.lastIndex(ofTerm: term) {
            next = last + 1
        }
        return max(question.matchIndex + 1, min(next, question.previousIndex))
        // step 06.5 end
    }

    // Who lacks what may be committed must not lead. The later last term is the more up to date, however
    // short its log; at equal last terms the longer log. Equal logs will do.
    public func isUpToDate(_ question: LogComparison) throws -> Bool {
        // step 06.6 begin
        if question.candidateLastTerm != question.lastTerm {
            return question.candidateLastTerm > question.lastTerm
        }
        return question.candidateLastIndex >= question.lastIndex
        // step 06.6 end
    }

    // The highest index that a majority has on its disks, if its entry is of the leader's own term; then all
    // before it are committed too. An earlier term's entry is never committed by counting (figure 8). The commit
    // index never goes back. Five members at 9 7 7 4 2: a majority has 7.
    public func commitIndex(_ question: CommitQuestion) throws -> Int {
        // step 06.7 begin
        let descending = question.matchIndices.sorted(by: >)
        let majority = descending[descending.count / 2]
        guard majority > question.commitIndex, question.log.term(at: majority) == question.currentTerm
        else { return question.commitIndex }
        return majority
        // step 06.7 end
    }
}
