import Contracts

extension Raft {
    // The entries fit if the one before them is here with the same term (the snapshot's entries count as
    // here). Of the entries that fit, those that are here already stay; from the first that differs in term the log
    // is cut. What merely follows the message's last entry is no reason to cut: the message may be an old one.
    // Nothing that is committed is ever cut. The commit index follows the leader's, but no further than the
    // last entry that this message vouches for, and never backwards.
    public func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        // step 06.5 begin
        throw Unfinished("06.5")
        // step 06.5 end
    }

    // The follower's hint: the term it has where the leader's entry should be and that term's first index,
    // or, if its log is too short, the first index it lacks.
    func conflict(_ question: AppendQuestion) throws -> ConflictHint? {
        // step 06.6 begin
        throw Unfinished("06.6")
        // step 06.6 end
    }

    // The leader skips a whole term at once: if it has entries of the hint's term, it goes on after the last
    // of them, else at the hint's index. Always below the index refused, always above what is known to match.
    public func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        // step 06.7 begin
        throw Unfinished("06.7")
        // step 06.7 end
    }

    // The highest index that a majority has on its disks, if its entry is of the leader's own term; then all before it are
    // committed too. An earlier term's entry is never committed by counting (figure 8). Five members at
    // 9 7 7 4 2: a majority has 7.
    public func commitIndex(_ question: CommitQuestion) throws -> Int {
        // step 06.8 begin
        throw Unfinished("06.8")
        // step 06.8 end
    }
}
