import ContractRaft

extension Raft {
    // The entries fit if the one before them is here with the same term (the snapshot's entries count as
    // here). Of the entries that fit, those that are here already stay; from the first that differs in term the
    // log is cut. What merely follows the message's last entry is no reason to cut: the message may be an old one.
    // The commit index follows the leader's, but no further than the last entry that this message vouches for,
    // and never backwards.
    public func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict {
        // step 06.4 begin
        throw Unfinished("06.4")
        // step 06.4 end
    }

    // What the follower has where the leader's entry should be: that entry's term, and the first index that
    // has this term here; or, where its log is too short, no term and the first index that it lacks.
    public func conflictHint(_ question: HintQuestion) throws -> ConflictHint {
        // step 06.5 begin
        throw Unfinished("06.5")
        // step 06.5 end
    }

    // A round for each term in which the two logs differ, never one for each entry. The next entry to send is at
    // most the refused one, and above what is known to match.
    public func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int {
        // step 06.5 begin
        throw Unfinished("06.5")
        // step 06.5 end
    }

    // Who lacks what may be committed must not lead. The later last term is the more up to date, however
    // short its log; at equal last terms the longer log. Equal logs will do.
    public func isUpToDate(_ question: LogComparison) throws -> Bool {
        // step 06.6 begin
        throw Unfinished("06.6")
        // step 06.6 end
    }

    // The highest index that a majority has on its disks, if its entry is of the leader's own term; then all
    // before it are committed too. An earlier term's entry is never committed by counting (figure 8). The commit
    // index never goes back. Five members at 9 7 7 4 2: a majority has 7.
    public func commitIndex(_ question: CommitQuestion) throws -> Int {
        // step 06.7 begin
        throw Unfinished("06.7")
        // step 06.7 end
    }
}
