import Contracts

extension Raft {
    // What a member promises must survive its crash: a vote, a term, and every entry that it says it has.
    // A leader may send entries while its own disk still writes them, since it claims nothing by that; a pre-vote
    // promises nothing at all.
    public func mustWaitForDisk(_ question: PersistQuestion) throws -> Bool {
        // step 06.9 begin
        switch question.kind {
        case .preVoteRequest, .preVoteReply, .other: return false
        case .voteRequest, .voteReply, .append, .snapshot: return question.termOrVoteUnsaved
        case .appendReply:
            return question.termOrVoteUnsaved || (question.claimedIndex ?? 0) > question.savedIndex
        }
        // step 06.9 end
    }

    // A snapshot of what is committed here anyway tells nothing new. If the log has the snapshot's last
    // entry, what follows it is still good; otherwise the whole log is.
    public func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        // step 06.10 begin
        if question.snapshotIndex <= question.commitIndex { return .ignore }
        let agrees = question.log.term(at: question.snapshotIndex) == question.snapshotTerm
        return agrees ? .keepLaterEntries : .replaceEverything
        // step 06.10 end
    }

    // The leader knows the newest commit index only once an entry of its own term is committed; and it knows
    // that it still leads once a majority has answered a heartbeat sent after the read came.
    public func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        // step 06.11 begin
        let answered = question.answeredRounds.count { $0 >= question.round }
        let isMajority = answered > question.answeredRounds.count / 2
        return isMajority && question.commitTerm == question.currentTerm
        // step 06.11 end
    }
}
