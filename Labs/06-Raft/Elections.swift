import ContractRaft

extension Raft {
    // The timeout lies between the two bounds, anywhere with equal chance, so that seldom two followers
    // stand at once: 150 to 300 ms and a roll of 500 000 make 225 ms.
    public func electionTimeout(_ question: TimeoutQuestion) throws -> Int {
        // step 06.1 begin
        throw Unfinished("06.1")
        // step 06.1 end
    }

    // A member stays quiet for those alone that lead in its term (their entries, heartbeats and snapshots)
    // or may soon lead with its own vote. What is stale, refused, or only a pre-vote puts nothing off.
    public func restartsTimer(_ question: TimerQuestion) throws -> Bool {
        // step 06.1 begin
        throw Unfinished("06.1")
        // step 06.1 end
    }

    // A later term ends whatever this member was; an earlier one is refused. While a leader is alive, nobody
    // who merely lost sight of it may disturb the cluster by asking for votes.
    public func judgeTerm(_ question: TermQuestion) throws -> TermVerdict {
        // step 06.2 begin
        throw Unfinished("06.2")
        // step 06.2 end
    }

    // A leader that no majority has answered for an election timeout must assume that others lead by now. It
    // counts itself among those it hears.
    public func shouldStepDown(_ question: StepDownQuestion) throws -> Bool {
        // step 06.2 begin
        throw Unfinished("06.2")
        // step 06.2 end
    }

    // One vote a term, first come, first served: asked again by the same candidate, the answer is the same. A
    // pre-vote asks for a term that has not begun, so the vote given in the current one does not bind it.
    public func shouldGrantVote(_ question: VoteQuestion) throws -> Bool {
        // step 06.3 begin
        throw Unfinished("06.3")
        // step 06.3 end
    }

    // The term, or the vote in it, is not on the disk yet. Nothing may leave by which others hold this member to
    // that term or vote; what binds nobody leaves at once.
    public func mustSavePromise(_ question: PromiseQuestion) throws -> Bool {
        // step 06.3 begin
        throw Unfinished("06.3")
        // step 06.3 end
    }
}
