@_exported import Contract

// Lab 06, Raft: the decisions of Ongaro's and Ousterhout's paper ("In Search of an Understandable Consensus
// Algorithm", extended version) and of Ongaro's thesis, one small function each. The machine around them
// (Sources/Services/Consensus) keeps the state, the clock and the messages, and asks these rules what to do.

/// The rules of Raft. Every function is pure: what it needs is in its argument, what it decides is its result.
public protocol RaftContract: Sendable {
    // Elections

    /// How long a follower waits for a leader before it stands for election, in milliseconds (paper, 5.2 and 9.3).
    func electionTimeout(_ question: TimeoutQuestion) throws -> Int
    /// Whether a message makes the election timer run anew (paper, figure 2, rules for followers).
    func restartsTimer(_ question: TimerQuestion) throws -> Bool
    /// What a message's term means for the one who gets it (paper, 5.1; thesis, 4.2.3).
    func judgeTerm(_ question: TermQuestion) throws -> TermVerdict
    /// Whether a leader that cannot reach enough members gives up its office (thesis, 6.2).
    func shouldStepDown(_ question: StepDownQuestion) throws -> Bool
    /// Whether this member's vote is free for a candidate, logs aside (paper, 5.2; thesis, 9.6).
    func shouldGrantVote(_ question: VoteQuestion) throws -> Bool
    /// Whether a message has to wait for the disk, while the term or the vote in it is not there yet (paper,
    /// figure 2: persistent state).
    func mustSavePromise(_ question: PromiseQuestion) throws -> Bool

    // The log

    /// Whether a leader's entries fit onto this log, and what has to go first (paper, 5.3 and figure 2).
    func judgeAppend(_ question: AppendQuestion) throws -> AppendVerdict
    /// What a follower that refuses entries tells its leader (paper, the end of 5.3).
    func conflictHint(_ question: HintQuestion) throws -> ConflictHint
    /// Where a leader tries next after a follower refused (paper, the end of 5.3).
    func nextIndexAfterRefusal(_ question: BackUpQuestion) throws -> Int
    /// Whether a candidate's log is at least as up to date as this member's (paper, 5.4.1).
    func isUpToDate(_ question: LogComparison) throws -> Bool
    /// How far the log is committed (paper, 5.3 and 5.4.2, figure 8).
    func commitIndex(_ question: CommitQuestion) throws -> Int

    // Safekeeping

    /// What a follower's answer to entries that fit may claim, and when it may leave (thesis, 3.8 and 10.2.1).
    func judgeReply(_ question: ReplyQuestion) throws -> ReplyVerdict
    /// What becomes of the log when a snapshot arrives (paper, 7 and figure 13).
    func judgeSnapshot(_ question: SnapshotQuestion) throws -> SnapshotVerdict
    /// Whether a read may be answered from the leader's state (thesis, 6.4).
    func mayServeRead(_ question: ReadQuestion) throws -> Bool
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
