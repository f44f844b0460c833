import Consensus
import ContractRaft
import Dispatch
import EtcdAPI
import GRPCCore
import Linux
import Logging
import NIOCore
import NIOPosix
import Revisions
import StoreRules

/// One member at work: the replica, the keyspace, the disk and the peers, all on one event loop.
///
/// Everything is decided in `replica` and `keyspace`, which are values; this actor performs it, in the order that
/// `ReplicaActions` has. What takes long (the disk, a snapshot's making and reading) is done elsewhere, since a
/// loop that is busy sends no heartbeats.
actor Member {
    typealias Machine = Replica<
        CheckedContinuation<Applied, any Error>, CheckedContinuation<Void, any Error>
    >

    let settings: StoreSettings
    let log: Logger
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.executor.asUnownedSerialExecutor()
    }

    private let lock: DirectoryLock
    let disk: Disk
    var peers: Peers?
    var replica: Machine
    var keyspace: Keyspace
    /// The last entry that `keyspace` has applied. The replica's own index runs ahead while its actions are performed.
    var appliedIndex: Int
    var raft: RaftMember { replica.raft }

    // Whom it takes for whom, and whether it is let in itself.
    nonisolated let diskNumber: Int
    var roster: Roster
    var admission: Admission?
    var isAskingDisk = false
    /// What ends the member before it is told to.
    let failures = AsyncThrowingStream.makeStream(of: Void.self)

    var watches = WatchHub()
    var leases = LeaseClock()

    // The disk.
    var isDiskFailing = false
    var journal: [JournalItem] = []
    var savedApplied: Int
    /// When the log was last written to, in milliseconds of the monotonic clock.
    var lastWrite = 0
    var logBytes = 0
    var isFull = false
    var isStopping = false
    var nextSpaceCheck = 0
    var nextProgress = 0
    var isFlushScheduled = false

    // A snapshot from the leader: read, and not yet installed; installed, and not yet on the disk.
    var arrived: (name: SnapshotName, keyspace: Keyspace)?
    var installed: Keyspace?

    init(
        settings: StoreSettings, rules: any RaftContract, loop: any EventLoop, log: Logger
    ) throws {
        self.settings = settings
        self.loop = loop
        self.log = log
        try Files.makeDirectories(settings.directory, mode: 0o700)
        lock = try DirectoryLock(settings.directory)
        try Self.removeBackups(in: settings.directory)
        disk = try Disk(directory: settings.directory)
        let contents = try disk.load(settings.directory)
        let owner = Disk.Owner(member: settings.id, cluster: settings.clusterID)
        if let other = contents.owner, other != owner {
            throw StartError.foreignDirectory(
                settings.directory, member: other.member,
                sameCluster: other.cluster == owner.cluster)
        }
        let now = Clock.monotonicMilliseconds()
        let members = settings.members.map(\.id)
        diskNumber = contents.diskNumber ?? Int.random(in: 1..<1 << 62)
        roster = Roster(disks: contents.knownDisks)
        if !contents.isAdmitted {
            admission = Admission(others: members.filter { $0 != settings.id }, now: now)
        }
        try disk.claim(owner, number: diskNumber, isAdmitted: contents.isAdmitted)
        keyspace = contents.keyspace
        var raftSettings = RaftMember.Settings()
        raftSettings.patienceMax = 2000
        let raft = try RaftMember(
            id: settings.id, members: members, settings: raftSettings, rules: rules,
            restored: contents.restored, seed: UInt64.random(in: 0...UInt64.max), now: now)
        var limits = Machine.Limits()
        limits.requestMilliseconds = settings.requestTimeoutMilliseconds
        appliedIndex = max(contents.restored.appliedIndex, contents.restored.snapshotIndex)
        savedApplied = appliedIndex
        replica = Replica(
            raft: raft, appliedIndex: appliedIndex, incarnation: Int.random(in: 0..<1 << 62),
            limits: limits, now: now)
        logBytes = contents.restored.entries.reduce(0) { $0 + $1.payload.count }
    }

    // MARK: Events

    /// Connects the peers and lets time pass until the task is cancelled.
    func run(peers: Peers) async throws {
        self.peers = peers
        log.notice(
            "member starts",
            metadata: [
                "term": "\(raft.term)", "applied": "\(appliedIndex)",
                "first": "\(raft.log.firstIndex)", "last": "\(raft.log.lastIndex)",
            ])
        tick()
        do { for try await _ in failures.stream {} } catch {
            await stop()
            throw error
        }
        await stop()
    }

    /// On the loop's own timer, which looks for messages before it calls: a member that was asleep hears what arrived
    /// meanwhile before it decides that nobody spoke.
    private func tick() {
        guard !isStopping else { return }
        let now = Clock.monotonicMilliseconds()
        if admission == nil {
            event { try $0.tick(now: now) }
        } else {
            lookForAdmission(now)
        }
        everyTick(now)
        let pause = max(1, min(replica.nextDeadline - Clock.monotonicMilliseconds(), 25))
        loop.scheduleTask(in: .milliseconds(Int64(pause))) { self.assumeIsolated { $0.tick() } }
    }

    /// A message from a peer.
    func received(_ message: Message) {
        guard admission == nil else { return }
        event { try $0.receive(message, now: Clock.monotonicMilliseconds()) }
    }

    func received(_ message: SnapshotMessage) {
        guard admission == nil else { return }
        event { $0.receive(message, now: Clock.monotonicMilliseconds()) }
    }

    /// Lets something happen to the replica.
    func event(_ change: (inout Machine) throws -> Void) {
        do { try change(&replica) } catch { log.error("\(error)") }
        flushSoon()
    }

    /// What comes out of an event is done a moment later, together with what comes of others that are waiting.
    func flushSoon() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.execute { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushScheduled = false
        do { perform(try replica.takeActions(now: Clock.monotonicMilliseconds())) } catch {
            log.error("\(error)")
        }
        if replica.hasMore { flushSoon() }
    }

    // MARK: What is to be done

    private func perform(_ actions: Machine.Actions) {
        for message in actions.messages { peers?.send(message) }
        for message in actions.stream { peers?.send(message) }
        if let snapshot = actions.install { install(snapshot) }
        if let batch = actions.write { write(batch) }
        for applied in actions.applied { apply(applied) }
        if !actions.applied.isEmpty { afterApplying() }
        for reader in actions.readers { reader.resume() }
        for (writer, refusal) in actions.refusedWriters {
            writer.resume(throwing: error(for: refusal))
        }
        for (reader, refusal) in actions.refusedReaders {
            reader.resume(throwing: error(for: refusal))
        }
        noteLeader()
        if let name = actions.makeSnapshot { makeSnapshot(name) }
        if let (name, pieces) = actions.arrived { readSnapshot(name, pieces) }
    }

    private func apply(_ applied: Machine.Actions.Applied) {
        appliedIndex = applied.entry.index
        guard !applied.entry.payload.isEmpty else { return }
        guard let body = applied.body, let command = try? Command(decoding: body) else {
            log.critical(
                "an entry that is no command", metadata: ["index": "\(applied.entry.index)"])
            applied.writer?.resume(throwing: StoreError.stopped)
            return
        }
        // Watches hear of every change before its history may go.
        if command.kind == .compaction {
            afterApplying()
            watches.setAside(keyspace, header: header())
        }
        let result = keyspace.apply(command)
        noteLeases(command, result)
        applied.writer?.resume(returning: result)
    }

    private func afterApplying() {
        journal += keyspace.takeJournal()
        watches.tell(keyspace, header: header())
    }

    private var lastLeader: MemberID?
    private var lastTerm = 0
    private(set) var leadersSeen = 0

    private func noteLeader() {
        guard replica.raft.leader != lastLeader || replica.raft.term != lastTerm else { return }
        let wasLeader = lastLeader == settings.id
        if raft.leader != nil, raft.leader != lastLeader { leadersSeen += 1 }
        (lastLeader, lastTerm) = (raft.leader, raft.term)
        log.notice(
            "leader",
            metadata: ["is": "\(raft.leader.map(String.init) ?? "none")", "term": "\(raft.term)"])
        if raft.isLeader, !wasLeader {
            leases.restart(keyspace.leases, now: Clock.monotonicMilliseconds())
        }
    }
}
