import ContractRaft

/// One entry of the log.
public struct Entry: Hashable, Sendable {
    public var index: Int
    public var term: Int
    /// The state machine's command; empty: the entry with which a leader begins its term.
    public var payload: [UInt8]

    public init(index: Int, term: Int, payload: [UInt8]) {
        self.index = index
        self.term = term
        self.payload = payload
    }
}

/// What a member must never forget: the term, and whom it voted for in it (paper, figure 2).
public struct HardState: Hashable, Sendable {
    public var term = 0
    public var votedFor: MemberID?

    public init(term: Int = 0, votedFor: MemberID? = nil) {
        self.term = term
        self.votedFor = votedFor
    }
}

/// The state machine's whole state after an entry.
public struct Snapshot: Hashable, Sendable {
    public var index: Int
    public var term: Int
    public var data: [UInt8]

    public init(index: Int, term: Int, data: [UInt8]) {
        self.index = index
        self.term = term
        self.data = data
    }
}

/// What members say to each other.
public struct Message: Hashable, Sendable {
    public var from: MemberID
    public var to: MemberID
    /// The sender's current term.
    public var term: Int
    public var body: Body

    public enum Body: Hashable, Sendable {
        case voteRequest(VoteRequest)
        case voteReply(VoteReply)
        case append(Append)
        case appendReply(AppendReply)
        case snapshot(Snapshot, round: Int)
        /// Commands for the leader, from a member whose clients sent them.
        case forward([[UInt8]])
        /// "From which index on may I answer the reads that I call `context`?"
        case readRequest(context: Int)
        case readReply(context: Int, index: Int)
        /// The leader asks this member to stand at once: it hands over its office.
        case timeoutNow
    }

    public init(from: MemberID, to: MemberID, term: Int, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }
}

public struct VoteRequest: Hashable, Sendable {
    /// The term to be led: the sender's own, or, in a pre-vote, the one after it.
    public var electionTerm: Int
    public var lastIndex: Int
    public var lastTerm: Int
    public var isPreVote: Bool
    /// The leader itself asked the sender to stand, so a living leader is no objection.
    public var isHandOver: Bool

    public init(
        electionTerm: Int, lastIndex: Int, lastTerm: Int, isPreVote: Bool, isHandOver: Bool = false
    ) {
        self.electionTerm = electionTerm
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.isPreVote = isPreVote
        self.isHandOver = isHandOver
    }
}

public struct VoteReply: Hashable, Sendable {
    public var electionTerm: Int
    public var isPreVote: Bool
    public var granted: Bool

    public init(electionTerm: Int, isPreVote: Bool, granted: Bool) {
        self.electionTerm = electionTerm
        self.isPreVote = isPreVote
        self.granted = granted
    }
}

/// AppendEntries; without entries, a heartbeat.
public struct Append: Hashable, Sendable {
    public var previousIndex: Int
    public var previousTerm: Int
    public var entries: [Entry]
    public var commitIndex: Int
    /// Counts the leader's heartbeats; the reply repeats it, which proves that the leader led after it.
    public var round: Int

    public init(
        previousIndex: Int, previousTerm: Int, entries: [Entry], commitIndex: Int, round: Int
    ) {
        self.previousIndex = previousIndex
        self.previousTerm = previousTerm
        self.entries = entries
        self.commitIndex = commitIndex
        self.round = round
    }
}

public struct AppendReply: Hashable, Sendable {
    /// Up to here the follower's log, on its disk, is the leader's; meaningless in a refusal.
    public var matchIndex: Int
    public var round: Int
    /// A refusal: what was refused, and where the logs may part.
    public var refusedIndex: Int?
    public var hint: ConflictHint

    public init(
        matchIndex: Int, round: Int, refusedIndex: Int? = nil,
        hint: ConflictHint = ConflictHint(term: nil, index: 0)
    ) {
        self.matchIndex = matchIndex
        self.round = round
        self.refusedIndex = refusedIndex
        self.hint = hint
    }
}

extension Message {
    public var kind: MessageKind {
        switch body {
        case .voteRequest(let request): request.isPreVote ? .preVoteRequest : .voteRequest
        case .voteReply(let reply): reply.isPreVote ? .preVoteReply : .voteReply
        case .append: .append
        case .appendReply: .appendReply
        case .snapshot: .snapshot
        case .forward, .readRequest, .readReply, .timeoutNow: .other
        }
    }
}
