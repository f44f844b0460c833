import Consensus
import ContractRaft

/// A member's whole decision: the Raft machine and the shell around it, as one value.
///
/// Raft alone says what is committed. The shell says who is told: which client waits for which command, which reads
/// may be answered, what waits for the disk, which pieces of a snapshot are on their way. A mistake there loses what
/// Raft kept, so it is a value too, and the simulation runs it with clients that keep histories, restarts and
/// disks that lose what was not synchronised. The program (`Member`) and the simulation do nothing but call the events
/// and perform what `takeActions()` gives, in the order of `ReplicaActions`.
public struct Replica<Writer: Sendable, Reader: Sendable>: Sendable {
    public typealias Actions = ReplicaActions<Writer, Reader>

    public struct Limits: Sendable {
        /// How long a client may wait.
        public var requestMilliseconds = 4500
        /// How long there may be no leader before clients are refused at once.
        public var leaderlessMilliseconds = 2000
        /// Commands that clients wait for, in bytes.
        public var waitingBytesMax = 64 << 20
        public var askAgainMilliseconds = 500
        public init() {}
    }

    /// Why a client isn't answered.
    public enum Refusal: Error, Hashable, Sendable {
        /// Nothing was done, and nothing will be.
        case noLeader, tooManyRequests
        /// No majority answered in time: what was asked may have been done, or still be.
        case timedOut
    }

    public internal(set) var raft: RaftMember
    /// The last entry that was given out to be applied, or that a snapshot covered.
    public private(set) var appliedIndex: Int
    private let limits: Limits
    private var now: Int
    private var leaderlessSince: Int?
    private var lastOffice: (leader: MemberID?, term: Int)

    private var requests: Requests<Writer>
    private var proposals = Proposals()
    private var barrier: ReadBarrier<Reader>
    private var queue = WriteQueue()
    var sender = SnapshotSender()
    var receiver = SnapshotReceiver()
    var actions = ReplicaActions<Writer, Reader>()

    /// - Parameters:
    ///   - appliedIndex: how far the state machine is that starts with it.
    ///   - incarnation: random, of this life of the member.
    public init(
        raft: RaftMember, appliedIndex: Int, incarnation: Int, limits: Limits = Limits(), now: Int
    ) {
        (self.raft, self.appliedIndex, self.limits, self.now) = (raft, appliedIndex, limits, now)
        lastOffice = (raft.leader, raft.term)
        leaderlessSince = now
        requests = Requests(member: raft.id, incarnation: incarnation)
        barrier = ReadBarrier(incarnation: incarnation)
    }

    // MARK: Events

    /// Time has passed. Call it at least at `nextDeadline`.
    public mutating func tick(now: Int) throws {
        self.now = now
        try raft.tick(now: now)
        noteOffice()
        expire()
        tickSnapshots(now: now)
    }

    /// When `tick` has something to do next.
    public var nextDeadline: Int {
        let isWaiting = !requests.isEmpty || !barrier.isEmpty || sender.floor != nil
        return isWaiting ? min(raft.nextDeadline, now + 50) : raft.nextDeadline
    }

    /// A message from a peer.
    public mutating func receive(_ message: Message, now: Int) throws {
        self.now = now
        try raft.receive(message, now: now)
    }

    /// A client wants a command committed and applied; it is told by the actions.
    public mutating func change(_ body: [UInt8], for writer: Writer, now: Int) throws(Refusal) {
        self.now = now
        if isLeaderless { throw .noLeader }
        guard requests.isEmpty || requests.bytes + body.count <= limits.waitingBytesMax else {
            throw .tooManyRequests
        }
        let deadline = now + limits.requestMilliseconds
        let id = requests.add(writer, bytes: body.count, deadline: deadline)
        proposals.add(LoggedCommand(request: id, body: body), deadline: deadline)
    }

    /// A command for which nobody waits.
    public mutating func change(_ body: [UInt8], now: Int) {
        self.now = now
        let deadline = now + limits.requestMilliseconds
        proposals.add(LoggedCommand(request: nil, body: body), deadline: deadline)
    }

    /// A client wants to read what was committed before now; it is told by the actions.
    public mutating func read(_ reader: Reader, now: Int) throws(Refusal) {
        self.now = now
        if isLeaderless { throw .noLeader }
        barrier.add(reader, deadline: now + limits.requestMilliseconds)
    }

    /// A batch of the actions is on the disk.
    public mutating func wrote(_ batch: WriteBatch) throws {
        queue.isBusy = false
        actions.messages += batch.messages
        if let last = batch.writes.last { try raft.wrote(ticket: last.ticket) }
    }

    /// The driver has something of its own for the disk: false while that is busy. It ends with `wrote`, of an
    /// empty batch.
    public mutating func takeDisk() -> Bool {
        defer { queue.isBusy = true }
        return !queue.isBusy
    }

    public var isDiskBusy: Bool { queue.isBusy }

    /// The log may forget what is before `index`, which the disk has as state.
    public mutating func compact(to index: Int) { raft.compact(to: index) }

    /// The log must be kept from here on, for a member that is being brought a snapshot.
    public var compactionFloor: Int { sender.floor ?? .max }

    /// Hands the office to this member, or to the one that is furthest; false where that can't be.
    public mutating func handOver(to target: MemberID? = nil, now: Int) -> Bool {
        raft.handOver(to: target, now: now)
    }

    /// Everybody who waits for a write: the driver tells them what happened.
    public mutating func takeWriters() -> [Writer] { requests.takeAll() }

    /// Everybody who waits to read.
    public mutating func takeReaders() -> [Reader] { barrier.takeExpired(now: .max) }

    // MARK: What is to be done

    /// Whether there is more to do than the last actions.
    public var hasMore: Bool {
        raft.leader != nil && barrier.hasQuestion(now: now, limits.askAgainMilliseconds)
    }

    /// Everything to be done after the events so far.
    public mutating func takeActions(now: Int) throws -> Actions {
        self.now = now
        // Deadlines first: what is late must not be proposed.
        expire()
        try proposeWaiting()
        if raft.leader != nil,
            let context = barrier.question(now: now, retryMilliseconds: limits.askAgainMilliseconds)
        {
            raft.read(context: context, now: now)
        }
        let output = try raft.takeOutput()
        noteOffice()
        take(output)
        defer { actions = ReplicaActions() }
        return actions
    }

    private mutating func proposeWaiting() throws {
        while let payloads = proposals.first(bytesMax: 1 << 20), !payloads.isEmpty {
            guard try raft.propose(payloads, now: now) else { return }
            proposals.removeFirst(payloads.count)
        }
    }

    private mutating func take(_ output: Output) {
        actions.messages += output.messages
        queue.add(output)
        actions.messages += queue.takeMessages()
        actions.write = queue.start()
        if let snapshot = output.install {
            actions.install = snapshot
            appliedIndex = snapshot.index
            receiver.forget()
        }
        for entry in output.committed { take(entry) }
        for context in output.refusedReads { barrier.refused(context) }
        for read in output.reads { barrier.confirmed(read.context, index: read.index) }
        actions.readers += barrier.ready(appliedIndex: appliedIndex)
        for member in output.snapshotsWanted { bringSnapshot(to: member, now: now) }
    }

    private mutating func take(_ entry: Entry) {
        appliedIndex = entry.index
        let command = entry.payload.isEmpty ? nil : try? LoggedCommand(decoding: entry.payload)
        let writer = command?.request.flatMap { requests.take($0) }
        actions.applied.append(.init(entry: entry, body: command?.body, writer: writer))
    }

    // MARK: Time

    private var isLeaderless: Bool {
        leaderlessSince.map { now - $0 >= limits.leaderlessMilliseconds } ?? false
    }

    private mutating func noteOffice() {
        leaderlessSince = raft.leader == nil ? leaderlessSince ?? now : nil
        guard raft.leader != lastOffice.leader || raft.term != lastOffice.term else { return }
        lastOffice = (raft.leader, raft.term)
        barrier.retry()
    }

    private mutating func expire() {
        proposals.dropExpired(now: now)
        if isLeaderless {
            // Of commands that are in no log it is certain that nothing was done. The others may still be committed.
            actions.refusedWriters += proposals.takeAll().compactMap { requests.take($0) }
                .map { ($0, .noLeader) }
            actions.refusedReaders += takeReaders().map { ($0, .noLeader) }
        }
        actions.refusedWriters += requests.takeExpired(now: now).map { ($0, .timedOut) }
        actions.refusedReaders += barrier.takeExpired(now: now).map { ($0, .timedOut) }
    }
}

/// What a replica wants done, in this order; no step waits for another to end.
public struct ReplicaActions<Writer: Sendable, Reader: Sendable>: Sendable {
    public struct Applied: Sendable {
        public var entry: Entry
        /// What the state machine is asked; nil: nothing, or nothing that can be read.
        public var body: [UInt8]?
        /// Who is told the result.
        public var writer: Writer?
    }

    public var messages: [Message] = []
    public var stream: [SnapshotMessage] = []
    /// To go to the disk as one transaction; then `wrote` is called with it.
    public var write: WriteBatch?
    /// Takes the place of the state machine's state.
    public var install: Snapshot?
    public var applied: [Applied] = []
    /// May be answered now that everything is applied.
    public var readers: [Reader] = []
    public var refusedWriters: [(Writer, Replica<Writer, Reader>.Refusal)] = []
    public var refusedReaders: [(Reader, Replica<Writer, Reader>.Refusal)] = []
    /// The state as it is now is to be cut into pieces; then `madeSnapshot` is called.
    public var makeSnapshot: SnapshotName?
    /// A snapshot is here as a whole: it is to be read; then `readSnapshot` is called.
    public var arrived: (name: SnapshotName, pieces: [[UInt8]])?

    public init() {}
}
