// Lab 06, Raft: the decisions of Ongaro's and Ousterhout's paper ("In Search of an Understandable Consensus
// Algorithm", extended version) and of Ongaro's thesis, one small function each. The machine around them
// (Sources/Services/Consensus) keeps the state, the clock and the messages, and asks these rules what to do.

/// The rules of Raft. Every function is pure: what it needs is in its argument, what it decides is its result.
public protocol RaftContract: Sendable {
    /// How long a follower waits for a leader before it stands for election, in milliseconds (paper, 5.2 and 9.3).
    func electionTimeout(_ question: TimeoutQuestion) throws -> Int
    /// What a message's term means for the one who gets it (paper, 5.1; thesis, 4.2.3).
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict
    /// Whether a candidate gets this member's vote (paper, 5.2 and 5.4.1).
    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool
    /// Whether a leader's entries fit onto this log, and what has to go first (paper, 5.3 and figure 2).
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict
    /// Where a leader tries next after a follower refused (paper, the end of 5.3).
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int
    /// How far the log is committed (paper, 5.3 and 5.4.2, figure 8).
    func commitIndex(_ question: CommitQuestion) throws -> Int
    /// Whether a message has to wait until what changed is on the disk (paper, figure 2: persistent state).
    func mustWaitForDisk(_ question: PersistQuestion) throws -> Bool
    /// What becomes of the log when a snapshot arrives (paper, 7 and figure 13).
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict
    /// Whether a read may be answered from the leader's state (thesis, 6.4).
    func mayServeRead(_ question: ReadQuestion) throws -> Bool
    /// Whether a leader that cannot reach enough members gives up its office (thesis, 6.2).
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool
}

/// A part for lab 06.
public protocol RaftPart: RaftContract, Part {}

/// A member's number in its cluster: 1, 2, 3 …
public typealias MemberID = Int

// MARK: - The log as the rules see it

/// A stretch of entries of one term. Leaders change seldom, so even a long log has few runs.
public struct TermRun: Codable, Hashable, Sendable {
    /// The index of the stretch's first entry.
    public var firstIndex: Int
    public var term: Int

    public init(firstIndex: Int, term: Int) {
        self.firstIndex = firstIndex
        self.term = term
    }
}

/// A log without its commands: which term each index has.
///
/// Terms 1 1 1 3 3 at the indices 1 to 5, nothing in a snapshot yet: `snapshotIndex` 0, `snapshotTerm` 0,
/// `runs` (1, term 1) (4, term 3), `lastIndex` 5.
public struct LogShape: Codable, Hashable, Sendable {
    /// The last index that the snapshot covers; entries up to it are gone from the log. 0: no snapshot.
    public var snapshotIndex: Int
    public var snapshotTerm: Int
    /// Ascending, by index and by term.
    public var runs: [TermRun]
    /// The last entry's index; `snapshotIndex` where there is no entry after it.
    public var lastIndex: Int

    public init(
        snapshotIndex: Int = 0, snapshotTerm: Int = 0, runs: [TermRun] = [], lastIndex: Int = 0
    ) {
        self.snapshotIndex = snapshotIndex
        self.snapshotTerm = snapshotTerm
        self.runs = runs
        self.lastIndex = lastIndex
    }

    /// The term of the entry at an index; nil where the log has no entry, or no longer knows.
    public func term(at index: Int) -> Int? {
        if index == snapshotIndex { return snapshotTerm }
        guard index > snapshotIndex, index <= lastIndex else { return nil }
        return runs.last { $0.firstIndex <= index }?.term
    }

    public var lastTerm: Int { runs.last?.term ?? snapshotTerm }

    /// The first index in the log that has this term.
    public func firstIndex(ofTerm term: Int) -> Int? { runs.first { $0.term == term }?.firstIndex }

    /// The last index in the log that has this term.
    public func lastIndex(ofTerm term: Int) -> Int? {
        guard let place = runs.firstIndex(where: { $0.term == term }) else { return nil }
        return place + 1 < runs.count ? runs[place + 1].firstIndex - 1 : lastIndex
    }
}

// MARK: - Questions and verdicts

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
    public var candidateLastIndex: Int
    public var candidateLastTerm: Int
    /// A pre-vote only asks whether an election could be won; it binds nobody (thesis, 9.6).
    public var isPreVote: Bool
    public var currentTerm: Int
    /// Whom this member voted for in `currentTerm`.
    public var votedFor: MemberID?
    public var lastIndex: Int
    public var lastTerm: Int

    public init(
        candidate: MemberID, electionTerm: Int, candidateLastIndex: Int, candidateLastTerm: Int,
        isPreVote: Bool, currentTerm: Int, votedFor: MemberID?, lastIndex: Int, lastTerm: Int
    ) {
        self.candidate = candidate
        self.electionTerm = electionTerm
        self.candidateLastIndex = candidateLastIndex
        self.candidateLastTerm = candidateLastTerm
        self.isPreVote = isPreVote
        self.currentTerm = currentTerm
        self.votedFor = votedFor
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

public struct AppendVerdict: Codable, Hashable, Sendable {
    /// The entry before is not the leader's: nothing changes, and the leader gets this hint.
    public var conflict: ConflictHint?
    /// The log is cut before this index, this one included; nil: nothing is cut.
    public var truncateFrom: Int?
    /// How many of the new entries are there already; the rest is appended.
    public var alreadyThere: Int
    /// The commit index afterwards.
    public var commitIndex: Int

    public init(conflict: ConflictHint?, truncateFrom: Int?, alreadyThere: Int, commitIndex: Int) {
        self.conflict = conflict
        self.truncateFrom = truncateFrom
        self.alreadyThere = alreadyThere
        self.commitIndex = commitIndex
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

public struct PersistQuestion: Codable, Hashable, Sendable {
    public var kind: MessageKind
    /// The current term, or the vote in it, is not on the disk yet.
    public var termOrVoteUnsaved: Bool
    /// The last index that a reply says this member has; nil in all other messages.
    public var claimedIndex: Int?
    /// The last index on this member's disk.
    public var savedIndex: Int

    public init(kind: MessageKind, termOrVoteUnsaved: Bool, claimedIndex: Int?, savedIndex: Int) {
        self.kind = kind
        self.termOrVoteUnsaved = termOrVoteUnsaved
        self.claimedIndex = claimedIndex
        self.savedIndex = savedIndex
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
