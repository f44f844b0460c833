import ContractRaft

extension Raft {
    // The entries fit. The leader commits by what its followers claim, so a claim must survive a crash. A
    // follower vouches for no more than this message showed it, and in the end for all of that; but a heartbeat's
    // answer never waits, since a slow disk is no reason to lose a leader.
    public func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        // step 06.8 begin
        let shown = question.previousIndex + question.entryCount
        if question.entryCount == 0 {
            return ReplyVerdict(matchIndex: min(shown, question.savedIndex), waitsForDisk: false)
        }
        return ReplyVerdict(matchIndex: shown, waitsForDisk: shown > question.savedIndex)
        // step 06.8 end
    }

    // A snapshot of what is committed here anyway tells nothing new. If the log has the snapshot's last
    // entry, what follows it is still good; otherwise none of the log is.
    public func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        // step 06.9 begin
        if question.snapshotIndex <= question.commitIndex { return .ignore }
        let agrees = question.log.term(at: question.snapshotIndex) == question.snapshotTerm
        return agrees ? .keepLaterEntries : .replaceEverything
        // step 06.9 end
    }

    // The leader knows the newest commit index only once an entry of its own term is committed; and it knows
    // that it still leads once a majority has answered a heartbeat sent after the read came.
    public func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        // step 06.10 begin
        let answered = question.answeredRounds.count { $0 >= question.round }
        let isMajority = answered > question.answeredRounds.count / 2
        return isMajority && question.commitTerm == question.currentTerm
        // step 06.10 end
    }
}
