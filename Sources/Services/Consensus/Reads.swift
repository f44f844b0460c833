import ContractRaft

/// A read that waits for proof that its leader still leads.
struct PendingRead: Sendable {
    var from: MemberID
    var context: Int
    /// The commit index when it came; at least this much the answer has to show.
    var index: Int
    /// The round that proves it.
    var round: Int
}

extension RaftMember {
    /// A linearizable read: it comes back in `Output.reads` with the index to wait for, or in `refusedReads`, or,
    /// where messages get lost, never.
    public mutating func read(context: Int, now: Int) {
        self.now = now
        if role == .leader {
            read(context: context, from: id)
        } else if let leader {
            send(.readRequest(context: context), to: leader)
        } else {
            output.refusedReads.append(context)
        }
    }

    mutating func read(context: Int, from member: MemberID) {
        guard role == .leader else { return }
        // The next round starts after now, so its answers prove leadership at a time after the read came.
        reads.append(PendingRead(from: member, context: context, index: commitIndex, round: round + 1))
        roundWanted = true
    }

    mutating func serveReads() throws {
        var waiting: [PendingRead] = []
        for pending in reads {
            let question = ReadQuestion(
                currentTerm: term, commitTerm: log.term(at: commitIndex) ?? 0, round: pending.round,
                answeredRounds: members.map {
                    $0 == id ? round : progress[$0]?.answeredRound ?? 0
                })
            guard try rules.mayServeRead(question) else {
                waiting.append(pending)
                continue
            }
            // A new leader's own commit index may be behind when the read came, so take the present one.
            let index = max(pending.index, commitIndex)
            if pending.from == id {
                output.reads.append(ReadyRead(context: pending.context, index: index))
            } else {
                send(.readReply(context: pending.context, index: index), to: pending.from)
            }
        }
        reads = waiting
    }
}
