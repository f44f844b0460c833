import ContractRaft

extension RaftMember {
    mutating func resetElectionDeadline() throws {
        let question = TimeoutQuestion(
            minMilliseconds: settings.electionTimeoutMin + patience.extra,
            maxMilliseconds: settings.electionTimeoutMax + patience.extra,
            roll: Int(dice.next() % 1_000_000))
        // A rule may be wrong; the clock goes on all the same.
        electionDeadline = now + min(max(0, try rules.electionTimeout(question)), 3_600_000)
    }

    /// A request came: whether the timer runs anew is a rule's to say.
    mutating func noteHeard(
        _ kind: MessageKind, isStale: Bool = false, granted: Bool = false
    ) throws {
        let question = TimerQuestion(kind: kind, isStale: isStale, granted: granted)
        if try rules.restartsTimer(question) { try resetElectionDeadline() }
    }

    mutating func becomeFollower(term newTerm: Int, leader newLeader: MemberID?) throws {
        if newTerm > term { setHardState(HardState(term: newTerm, votedFor: nil)) }
        if role == .leader {
            output.refusedReads += reads.filter { $0.from == id }.map(\.context)
            reads = []
            progress = [:]
            // A leader's own timer stood still.
            try resetElectionDeadline()
        }
        noteGivenUp(for: newLeader)
        role = .follower
        leader = newLeader
        votes = [:]
    }

    /// The election timeout is over: first ask whether an election could be won, without a new term.
    mutating func stand(handOver: Bool = false) throws {
        try resetElectionDeadline()
        noteGivenUp(for: nil)
        leader = nil
        votes = [id: true]
        if handOver || members == [id] { return try runForOffice(handOver: handOver) }
        role = .preCandidate
        askForVotes(electionTerm: term + 1, isPreVote: true)
    }

    private mutating func runForOffice(handOver: Bool = false) throws {
        role = .candidate
        votes = [id: true]
        setHardState(HardState(term: term + 1, votedFor: id))
        if hasMajority { return try lead() }
        askForVotes(electionTerm: term, isPreVote: false, isHandOver: handOver)
    }

    private mutating func askForVotes(electionTerm: Int, isPreVote: Bool, isHandOver: Bool = false)
    {
        let request = VoteRequest(
            electionTerm: electionTerm, lastIndex: log.lastIndex, lastTerm: log.lastTerm,
            isPreVote: isPreVote, isHandOver: isHandOver)
        for member in others { send(.voteRequest(request), to: member) }
    }

    private var hasMajority: Bool { votes.values.count { $0 } > members.count / 2 }
    /// Those who have not refused are no majority any more.
    private var isLost: Bool { members.count - votes.values.count { !$0 } <= members.count / 2 }

    mutating func answer(_ request: VoteRequest, from candidate: MemberID) throws {
        let question = VoteQuestion(
            candidate: candidate, electionTerm: request.electionTerm,
            isPreVote: request.isPreVote, currentTerm: term, votedFor: hardState.votedFor)
        let logs = LogComparison(
            candidateLastIndex: request.lastIndex, candidateLastTerm: request.lastTerm,
            lastIndex: log.lastIndex, lastTerm: log.lastTerm)
        let granted = try rules.shouldGrantVote(question) && rules.isUpToDate(logs)
        if granted && !request.isPreVote {
            setHardState(HardState(term: term, votedFor: candidate))
        }
        try noteHeard(request.isPreVote ? .preVoteRequest : .voteRequest, granted: granted)
        let reply = VoteReply(
            electionTerm: request.electionTerm, isPreVote: request.isPreVote, granted: granted)
        send(.voteReply(reply), to: candidate)
    }

    mutating func count(_ reply: VoteReply, from voter: MemberID) throws {
        if reply.isPreVote {
            guard role == .preCandidate, reply.electionTerm == term + 1 else { return }
        } else {
            guard role == .candidate, reply.electionTerm == term else { return }
        }
        votes[voter] = reply.granted
        if hasMajority {
            if role == .preCandidate { try runForOffice() } else { try lead() }
        } else if isLost {
            role = .follower
        }
    }

    /// Won: tell everybody, and begin the term with an empty entry, since only an entry of this term
    /// can be committed by counting.
    private mutating func lead() throws {
        role = .leader
        leader = id
        progress = [:]
        for member in others {
            progress[member] = Progress(nextIndex: log.lastIndex + 1, heardAt: now)
        }
        quorumCheckDue = now + settings.electionTimeoutMax
        uncommittedBytes = 0
        reads = []
        try beginRound()
        append([[]])
    }

    mutating func checkQuorum() throws {
        guard now >= quorumCheckDue else { return }
        let isLate = isLate(for: quorumCheckDue)
        quorumCheckDue = now + settings.heartbeatInterval
        if isLate { return }
        let question = StepDownQuestion(
            silenceMilliseconds: others.map { now - (progress[$0]?.heardAt ?? now) },
            electionTimeoutMilliseconds: settings.electionTimeoutMax + patience.extra)
        if try rules.shouldStepDown(question) { try becomeFollower(term: term, leader: nil) }
    }

    /// The sender lags behind in terms: an answer that carries the present term is all it needs.
    mutating func answerStale(_ message: Message) throws {
        switch message.body {
        case .voteRequest(let request):
            try noteHeard(message.kind, isStale: true)
            let reply = VoteReply(
                electionTerm: request.electionTerm, isPreVote: request.isPreVote, granted: false)
            send(.voteReply(reply), to: message.from)
        case .append, .snapshot:
            learnPatience(from: message.from)
            try noteHeard(message.kind, isStale: true)
            let reply = AppendReply(matchIndex: 0, round: 0, refusedIndex: 0)
            send(.appendReply(reply), to: message.from)
        default: break
        }
    }

    /// Hands the office to a follower, or to the one that is furthest; false where it has not the whole log.
    public mutating func handOver(to target: MemberID? = nil, now: Int) -> Bool {
        self.now = now
        let best =
            target
            ?? others.max { (progress[$0]?.matchIndex ?? 0) < (progress[$1]?.matchIndex ?? 0) }
        guard role == .leader, let best, progress[best]?.matchIndex == log.lastIndex else {
            return false
        }
        send(.timeoutNow, to: best)
        return true
    }
}
