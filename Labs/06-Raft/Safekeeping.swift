import ContractRaft

extension Raft {
    // The entries fit. The leader commits by what its followers claim, so a claim must survive a crash. A
    // follower vouches for no more than this message showed it, and in the end for all of that; but a heartbeat's
    // answer never waits, since a slow disk is no reason to lose a leader.
    public func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict {
        // step 06.8 begin
        throw Unfinished("06.8")
        // step 06.8 end
    }

    // A snapshot of what is committed here anyway tells nothing new. If the log has the snapshot's last
    // entry, what follows it is still good; otherwise none of the log is.
    public func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        // step 06.9 begin
        throw Unfinished("06.9")
        // step 06.9 end
    }

    // The leader knows the newest commit index only once an entry of its own term is committed; and it knows
    // that it still leads once a majority has answered a heartbeat sent after the read came.
    public func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        // step 06.10 begin
        throw Unfinished("06.10")
        // step 06.10 end
    }
}
