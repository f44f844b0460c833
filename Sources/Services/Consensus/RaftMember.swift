import ContractRaft

/// One member of a Raft cluster, as a value: events go in, and what is to be done comes out of `takeOutput()`.
///
/// It has no clock, no dice of its own, no socket and no disk. The driver calls the events with the time in
/// milliseconds (any origin, never going back), then takes the output and does, in this order:
/// 1. sends `messages`;
/// 2. writes `write`, if there is one, after all earlier writes, all of it or nothing, through to the disk;
/// 3. then sends `messagesAfterWrite` and calls `wrote(ticket:)`;
/// 4. applies `committed` to the state machine, which may happen at any time after it came out, in order.
public struct RaftMember: Sendable {
    public struct Settings: Sendable {
        public var electionTimeoutMin = 150
        public var electionTimeoutMax = 300
        public var heartbeatInterval = 50
        /// The bytes of commands in one message, and their number.
        public var appendBytesMax = 1 << 20
        public var appendEntriesMax = 1024
        /// A leader takes no more commands while so many bytes of them are not committed.
        public var uncommittedBytesMax = 64 << 20
        /// How many milliseconds may be added to the election timeout where living members are often late.
        public var patienceMax = 0
        public init() {}
    }

    public enum Role: String, Sendable { case follower, preCandidate, candidate, leader }

    public let id: MemberID
    /// All members, this one too, ascending.
    public let members: [MemberID]
    let settings: Settings
    let rules: any RaftContract
    var dice: Dice

    public internal(set) var role = Role.follower
    public internal(set) var hardState: HardState
    public internal(set) var log: EntryLog
    public internal(set) var commitIndex: Int
    public internal(set) var leader: MemberID?

    var now: Int
    var electionDeadline = 0
    /// The tick that found the election timeout over came so late that what arrived meanwhile goes first.
    var hasWaitedForArrivals = false
    var patience: Patience
    /// The leader that was given up for dead, and when it had been heard.
    var givenUp: (leader: MemberID, heardAt: Int)?
    var uncommittedBytes = 0
    /// When a leader was last heard; for a leader, unused.
    var leaderHeardAt: Int?
    var votes: [MemberID: Bool] = [:]
    var progress: [MemberID: Progress] = [:]
    var heartbeatDue = 0
    var quorumCheckDue = 0
    var round = 0
    var roundWanted = false
    var reads: [PendingRead] = []
    var output = Output()
    var disk = DiskState()
    /// The last index given out as committed.
    var handedOut: Int

    /// - Parameters:
    ///   - restored: what the disk had; empty for a new member.
    ///   - seed: for the election timeouts; differs from member to member.
    ///   - now: the time in milliseconds.
    public init(
        id: MemberID, members: [MemberID], settings: Settings = Settings(), rules: any RaftContract,
        restored: Restored = Restored(), seed: UInt64, now: Int
    ) throws {
        self.id = id
        self.members = members.sorted()
        self.settings = settings
        self.rules = rules
        dice = Dice(seed: seed)
        patience = Patience(extraMax: settings.patienceMax)
        hardState = restored.hardState
        log = EntryLog(
            snapshotIndex: restored.snapshotIndex, snapshotTerm: restored.snapshotTerm,
            entries: restored.entries)
        commitIndex = max(restored.snapshotIndex, restored.appliedIndex)
        handedOut = commitIndex
        disk.savedIndex = log.lastIndex
        self.now = now
        try resetElectionDeadline()
        if members == [id] { electionDeadline = now }
    }

    public var term: Int { hardState.term }
    public var isLeader: Bool { role == .leader }

    /// Time has passed. Call it at least at `nextDeadline`.
    public mutating func tick(now: Int) throws {
        self.now = now
        let late = now - nextDeadline
        if late >= settings.heartbeatInterval { learnPatience(silence: late) }
        if role == .leader {
            try checkQuorum()
            if role == .leader, now >= heartbeatDue { try beginRound() }
        } else if now >= electionDeadline {
            if isLate(for: electionDeadline) {
                electionDeadline = now + settings.heartbeatInterval
            } else {
                try stand()
            }
        }
    }

    /// Whether the driver comes so late that this member itself must have been asleep. Then its silence was no
    /// other's: what arrived meanwhile has to be read before anything is decided. Once, or it might wait for ever.
    mutating func isLate(for deadline: Int) -> Bool {
        hasWaitedForArrivals = !hasWaitedForArrivals && now - deadline >= settings.heartbeatInterval
        return hasWaitedForArrivals
    }

    /// When `tick` has something to do next.
    public var nextDeadline: Int {
        role == .leader ? min(heartbeatDue, quorumCheckDue) : electionDeadline
    }

    /// A message came. One that is not for this member, or from a stranger, is ignored.
    public mutating func receive(_ message: Message, now: Int) throws {
        self.now = now
        guard message.to == id, message.from != id, members.contains(message.from) else { return }
        let question = TermQuestion(
            kind: message.kind, messageTerm: message.term, currentTerm: term,
            leaderIsAlive: leaderIsAlive && !message.isHandOver)
        switch try rules.judgeTerm(question) {
        case .ignore: return
        case .stale: return try answerStale(message)
        case .adopt: try becomeFollower(term: message.term, leader: nil)
        case .current: break
        }
        progress[message.from]?.heardAt = now
        switch message.body {
        case .voteRequest(let request): try answer(request, from: message.from)
        case .voteReply(let reply): try count(reply, from: message.from)
        case .append(let append): try accept(append, from: message.from)
        case .appendReply(let reply): try note(reply, from: message.from)
        case .snapshot(let snapshot, let round):
            try accept(snapshot, round: round, from: message.from)
        // One that cannot be taken is lost: whoever sent it hears of it by its clients' deadlines.
        case .forward(let payloads): _ = try propose(payloads, now: now)
        case .readRequest(let context): read(context: context, from: message.from)
        case .readReply(let context, let index):
            output.reads.append(.init(context: context, index: index))
        case .timeoutNow: if leader == message.from { try stand(handOver: true) }
        }
    }

    /// A leader was heard within the shortest election timeout, or this member is one.
    var leaderIsAlive: Bool {
        if role == .leader { return true }
        guard let leaderHeardAt, leader != nil else { return false }
        return now - leaderHeardAt < settings.electionTimeoutMin + patience.extra
    }

    /// - Parameter waitsForDisk: it says something of entries that are on their way to the disk.
    mutating func send(_ body: Message.Body, to member: MemberID, waitsForDisk: Bool = false) {
        let message = Message(from: id, to: member, term: term, body: body)
        output.unsorted.append((message, waitsForDisk))
    }

    var others: [MemberID] { members.filter { $0 != id } }
}

/// A rule decided what must never be done, so that the event it was asked for is dropped.
public enum RaftFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Committed entries were to be cut from the log.
    case cutsCommitted(index: Int)

    public var description: String {
        switch self {
        case .cutsCommitted(let index): "the log was to be cut from \(index) on, which is committed"
        }
    }
}

/// What a member's disk held when it started.
public struct Restored: Sendable {
    public var hardState = HardState()
    public var snapshotIndex = 0
    public var snapshotTerm = 0
    /// How far the restored state machine is; at least `snapshotIndex`, and only committed entries.
    public var appliedIndex = 0
    /// From `snapshotIndex + 1` on, without a gap.
    public var entries: [Entry] = []

    public init() {}
}

/// A small generator of even numbers (splitmix64), so that a seed gives the same run everywhere.
struct Dice: Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Message {
    var isHandOver: Bool {
        if case .voteRequest(let request) = body { return request.isHandOver }
        return false
    }
}
