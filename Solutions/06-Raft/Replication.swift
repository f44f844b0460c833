import Contracts

extension Raft {
    // The entries fit if the one before them is here with the same term (the snapshot's entries count as
    // here). Of the entries that fit, those that are here already stay; from the first that differs in term the log
    // is cut. What merely follows the message's last entry is no reason to cut: the message may be an old one.
    // Nothing that is committed is ever cut. The commit index follows the leader's, but no further than the
    // last entry that this message vouches for, and never backwards.
    public func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        // step 06.5 begin
        let log = question.log
        if let hint = try conflict(question) {
            return AppendVerdict(
                conflict: hint, truncateFrom: nil, alreadyThere: 0, commitIndex: question.commitIndex)
        }
        var alreadyThere = 0
        while alreadyThere < question.terms.count {
            let index = question.previousIndex + 1 + alreadyThere
            let isCovered = index <= log.snapshotIndex
            guard isCovered || log.term(at: index) == question.terms[alreadyThere] else { break }
            alreadyThere += 1
        }
        let next = question.previousIndex + 1 + alreadyThere
        let differs = alreadyThere < question.terms.count && next <= log.lastIndex
        let vouchedFor = question.previousIndex + question.terms.count
        return AppendVerdict(
            conflict: nil, truncateFrom: differs ? next : nil, alreadyThere: alreadyThere,
            commitIndex: max(question.commitIndex, min(question.leaderCommit, vouchedFor)))
        // step 06.5 end
    }

    // The follower's hint: the term it has where the leader's entry should be and that term's first index,
    // or, if its log is too short, the first index it lacks.
    func conflict(_ question: AppendQuestion) throws -> ConflictHint? {
        // step 06.6 begin
        let log = question.log
        if question.previousIndex <= log.snapshotIndex { return nil }
        guard let term = log.term(at: question.previousIndex) else {
            return ConflictHint(term: nil, index: log.lastIndex + 1)
        }
        if term == question.previousTerm { return nil }
        return ConflictHint(term: term, index: log.firstIndex(ofTerm: term) ?? log.snapshotIndex + 1)
        // step 06.6 end
    }

    // The leader skips a whole term at once: if it has entries of the hint's term, it goes on after the last
    // of them, else at the hint's index. Always below the index refused, always above what is known to match.
    public func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        // step 06.7 begin
        var next = question.hint.index
        if let term = question.hint.term, let last = question.log.lastIndex(ofTerm: term) {
            next = last + 1
        }
        return max(question.matchIndex + 1, min(next, question.previousIndex))
        // step 06.7 end
    }

    // The highest index that a majority has on its disks, if its entry is of the leader's own term; then all before it are
    // committed too. An earlier term's entry is never committed by counting (figure 8). Five members at
    // 9 7 7 4 2: a majority has 7.
    public func commitIndex(_ question: CommitQuestion) throws -> Int {
        // step 06.8 begin
        let descending = question.matchIndices.sorted(by: >)
        let majority = descending[descending.count / 2]
        guard majority > question.commitIndex, question.log.term(at: majority) == question.currentTerm
        else { return question.commitIndex }
        return majority
        // step 06.8 end
    }
}
