import Contracts

extension Raft {
    // What a member promises must survive its crash: a vote, a term, and every entry that it says it has.
    // A leader may send entries while its own disk still writes them, since it claims nothing by that; a pre-vote
    // promises nothing at all.
    public func mustWaitForDisk(_ question: PersistQuestion) throws -> Bool {
        // step 06.9 begin
        throw Unfinished("06.9")
        // step 06.9 end
    }

    // A snapshot of what is committed here anyway tells nothing new. If the log has the snapshot's last
    // entry, what follows it is still good; otherwise the whole log is.
    public func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict {
        // step 06.10 begin
        throw Unfinished("06.10")
        // step 06.10 end
    }

    // The leader knows the newest commit index only once an entry of its own term is committed; and it knows
    // that it still leads once a majority has answered a heartbeat sent after the read came.
    public func mayServeRead(_ question: ReadQuestion) throws -> Bool {
        // step 06.11 begin
        throw Unfinished("06.11")
        // step 06.11 end
    }
}
