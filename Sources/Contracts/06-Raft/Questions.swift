// Lab 06: what the rules of Raft are asked, and what they answer.

public struct TimeoutQuestion: Codable, Hashable, Sendable {
    /// The shortest and the longest timeout, in milliseconds: 150 and 300 in the paper.
    public var minMilliseconds: Int
    public var maxMilliseconds: Int
    /// A fresh throw of the dice, from 0 to 999 999.
    public var roll: Int

    public init(minMilliseconds: Int, maxMilliseconds: Int, roll: Int) {
        self.minMilliseconds = minMilliseconds
        self.maxMilliseconds = maxMilliseconds
        self.roll = roll
    }
}

/// What a message is, without its contents.
public enum MessageKind: String, Codable, Hashable, Sendable {
    case voteRequest, voteReply, preVoteRequest, preVoteReply
    case append, appendReply, snapshot, other
}

public struct TimerQuestion: Codable, Hashable, Sendable {
    public var kind: MessageKind
    /// The message is of an earlier term than this member's, and was refused for that.
    public var isStale: Bool
    /// The message asked for this member's vote, and got it.
    public var granted: Bool

    public init(kind: MessageKind, isStale: Bool, granted: Bool) {
        self.kind = kind
        self.isStale = isStale
        self.granted = granted
    }
}

public struct TermQuestion: Codable, Hashable, Sendable {
    public var kind: MessageKind
    /// The sender's current term.
    public var messageTerm: Int
    public var currentTerm: Int
    /// A leader was heard, or this member is the leader, within the shortest election timeout.
    public var leaderIsAlive: Bool

    public init(kind: MessageKind, messageTerm: Int, currentTerm: Int, leaderIsAlive: Bool) {
        self.kind = kind
        self.messageTerm = messageTerm
        self.currentTerm = currentTerm
        self.leaderIsAlive = leaderIsAlive
    }
}

public enum TermVerdict: String, Codable, Hashable, Sendable {
    /// Of this term: read on.
    case current
    /// Of a later term: become a follower in it, then read on.
    case adopt
    /// Of an earlier term: refuse, and tell the sender the present one.
    case stale
    /// Not to be answered at all, nor its term taken over.
    case ignore
}

public struct VoteQuestion: Codable, Hashable, Sendable {
    public var candidate: MemberID
    /// The term that the candidate wants to lead.
    public var electionTerm: Int
    /// A pre-vote only asks whether an election could be won; it binds nobody (thesis, 9.6).
    public var isPreVote: Bool
    public var currentTerm: Int
    /// Whom this member voted for in `currentTerm`, as its disk remembers it after a crash.
    public var votedFor: MemberID?

    public init(
        candidate: MemberID, electionTerm: Int, isPreVote: Bool, currentTerm: Int, votedFor: MemberID?
    ) {
        self.candidate = candidate
        self.electionTerm = electionTerm
        self.isPreVote = isPreVote
        self.currentTerm = currentTerm
        self.votedFor = votedFor
    }
}

/// Asked only while this member's term, or its vote in it, is not on the disk yet.
public struct PromiseQuestion: Codable, Hashable, Sendable {
    /// The message that is about to leave.
    public var kind: MessageKind

    public init(kind: MessageKind) { self.kind = kind }
}

/// The last entries of two logs.
public struct LogComparison: Codable, Hashable, Sendable {
    public var candidateLastIndex: Int
    public var candidateLastTerm: Int
    public var lastIndex: Int
    public var lastTerm: Int

    public init(candidateLastIndex: Int, candidateLastTerm: Int, lastIndex: Int, lastTerm: Int) {
        self.candidateLastIndex = candidateLastIndex
        self.candidateLastTerm = candidateLastTerm
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
    }
}

public struct AppendQuestion: Codable, Hashable, Sendable {
    public var log: LogShape
    /// The entry that the new ones follow, as the leader has it.
    public var previousIndex: Int
    public var previousTerm: Int
    /// The new entries' terms; the first is for `previousIndex + 1`. Empty: a heartbeat.
    public var terms: [Int]
    public var leaderCommit: Int
    public var commitIndex: Int

    public init(
        log: LogShape, previousIndex: Int, previousTerm: Int, terms: [Int], leaderCommit: Int,
        commitIndex: Int
    ) {
        self.log = log
        self.previousIndex = previousIndex
        self.previousTerm = previousTerm
        self.terms = terms
        self.leaderCommit = leaderCommit
        self.commitIndex = commitIndex
    }
}

public struct AppendVerdict: Codable, Hashable, Sendable {
    /// The entry before is here too. If not, nothing changes, and the leader gets a hint.
    public var fits: Bool
    /// The log is cut before this index, this one included; nil: nothing is cut.
    public var truncateFrom: Int?
    /// How many of the new entries are there already; the rest is appended.
    public var alreadyThere: Int
    /// The commit index afterwards.
    public var commitIndex: Int

    public init(fits: Bool, truncateFrom: Int?, alreadyThere: Int, commitIndex: Int) {
        self.fits = fits
        self.truncateFrom = truncateFrom
        self.alreadyThere = alreadyThere
        self.commitIndex = commitIndex
    }
}

/// Asked when entries did not fit.
public struct HintQuestion: Codable, Hashable, Sendable {
    /// The follower's log.
    public var log: LogShape
    /// The entry before the new ones: missing here, or of another term.
    public var previousIndex: Int

    public init(log: LogShape, previousIndex: Int) {
        self.log = log
        self.previousIndex = previousIndex
    }
}

/// Where the two logs part, as far as the follower can tell.
public struct ConflictHint: Codable, Hashable, Sendable {
    /// The term of the follower's own entry at `previousIndex`; nil where it has none there.
    public var term: Int?
    /// The first index of that term; without a term, the first index that the follower lacks.
    public var index: Int

    public init(term: Int?, index: Int) {
        self.term = term
        self.index = index
    }
}

public struct BackUpQuestion: Codable, Hashable, Sendable {
    /// The leader's log.
    public var log: LogShape
    /// The entry before, which the follower refused.
    public var previousIndex: Int
    public var hint: ConflictHint
    /// What the follower is known to have; the answer is above it.
    public var matchIndex: Int

    public init(log: LogShape, previousIndex: Int, hint: ConflictHint, matchIndex: Int) {
        self.log = log
        self.previousIndex = previousIndex
        self.hint = hint
        self.matchIndex = matchIndex
    }
}

public struct CommitQuestion: Codable, Hashable, Sendable {
    public var log: LogShape
    public var currentTerm: Int
    public var commitIndex: Int
    /// How far each member's log is known to agree and to be on its disk, the leader's own among them.
    public var matchIndices: [Int]

    public init(log: LogShape, currentTerm: Int, commitIndex: Int, matchIndices: [Int]) {
        self.log = log
        self.currentTerm = currentTerm
        self.commitIndex = commitIndex
        self.matchIndices = matchIndices
    }
}

public struct ReplyQuestion: Codable, Hashable, Sendable {
    /// The entry before the new ones, which is the leader's.
    public var previousIndex: Int
    /// How many entries came. They are in the log, but perhaps not on the disk. 0: a heartbeat.
    public var entryCount: Int
    /// The last index on this member's disk.
    public var savedIndex: Int

    public init(previousIndex: Int, entryCount: Int, savedIndex: Int) {
        self.previousIndex = previousIndex
        self.entryCount = entryCount
        self.savedIndex = savedIndex
    }
}

public struct ReplyVerdict: Codable, Hashable, Sendable {
    /// "My log is yours up to here": the leader counts on it from now on.
    public var matchIndex: Int
    /// The reply leaves once all that is being written is on the disk; otherwise at once.
    public var waitsForDisk: Bool

    public init(matchIndex: Int, waitsForDisk: Bool) {
        self.matchIndex = matchIndex
        self.waitsForDisk = waitsForDisk
    }
}

public struct SnapshotQuestion: Codable, Hashable, Sendable {
    public var log: LogShape
    public var commitIndex: Int
    /// The last entry that the snapshot covers.
    public var snapshotIndex: Int
    public var snapshotTerm: Int

    public init(log: LogShape, commitIndex: Int, snapshotIndex: Int, snapshotTerm: Int) {
        self.log = log
        self.commitIndex = commitIndex
        self.snapshotIndex = snapshotIndex
        self.snapshotTerm = snapshotTerm
    }
}

public enum SnapshotVerdict: String, Codable, Hashable, Sendable {
    /// All of it is known here.
    case ignore
    /// The log agrees with the snapshot: entries after it stay, the state is already on its way.
    case keepLaterEntries
    /// State and log are replaced.
    case replaceEverything
}

public struct ReadQuestion: Codable, Hashable, Sendable {
    public var currentTerm: Int
    /// The term of the entry at the commit index.
    public var commitTerm: Int
    /// The heartbeat round that began after the read had come.
    public var round: Int
    /// The last round that each member has answered, the leader's own among them.
    public var answeredRounds: [Int]

    public init(currentTerm: Int, commitTerm: Int, round: Int, answeredRounds: [Int]) {
        self.currentTerm = currentTerm
        self.commitTerm = commitTerm
        self.round = round
        self.answeredRounds = answeredRounds
    }
}

public struct StepDownQuestion: Codable, Hashable, Sendable {
    /// How long ago each *other* member was last heard, in milliseconds.
    public var silenceMilliseconds: [Int]
    public var electionTimeoutMilliseconds: Int

    public init(silenceMilliseconds: [Int], electionTimeoutMilliseconds: Int) {
        self.silenceMilliseconds = silenceMilliseconds
        self.electionTimeoutMilliseconds = electionTimeoutMilliseconds
    }
}
