import Consensus
import ContractRaft
import EtcdAPI
import GRPCCore
import Linux
import Logging
import NIOCore
import NIOPosix
import Revisions

/// One member at work: the Raft machine, the keyspace, the disk and the peers, all on one event loop.
///
/// Everything is decided in `raft` and `keyspace`, which are values; this actor performs it, in the order that
/// `RaftMember` owes: write, then say so.
actor Member {
    let settings: StoreSettings
    let log: Logger
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    private let lock: DirectoryLock
    let disk: Disk
    var peers: Peers?
    var raft: RaftMember
    var keyspace: Keyspace
    /// The last entry that `keyspace` has applied, and its term.
    var appliedIndex: Int

    // Clients that wait.
    var nextRequest = 1
    var waiting: [Int: Waiting] = [:]
    var proposals: [[UInt8]] = []
    var barrier = ReadBarrier()
    var watches = WatchHub()
    var leases = LeaseClock()

    // The disk.
    var queue = WriteQueue()
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

    struct Waiting {
        var deadline: Int
        var continuation: CheckedContinuation<Applied, any Error>
    }

    init(
        settings: StoreSettings, rules: any RaftContract, loop: any EventLoop, log: Logger
    ) throws {
        self.settings = settings
        self.loop = loop
        self.log = log
        try Files.makeDirectories(settings.directory, mode: 0o700)
        lock = try DirectoryLock(settings.directory)
        disk = try Disk(directory: settings.directory)
        let contents = try disk.load(settings.directory)
        let owner = Disk.Owner(member: settings.id, cluster: settings.clusterID)
        if let other = contents.owner, other != owner {
            throw StartError.foreignDirectory(
                settings.directory, member: other.member, sameCluster: other.cluster == owner.cluster)
        }
        try disk.claim(owner)
        keyspace = contents.keyspace
        raft = try RaftMember(
            id: settings.id, members: settings.members.map(\.id), rules: rules,
            restored: contents.restored, seed: UInt64.random(in: 0...UInt64.max),
            now: Clock.monotonicMilliseconds())
        appliedIndex = max(contents.restored.appliedIndex, contents.restored.snapshotIndex)
        savedApplied = appliedIndex
        logBytes = contents.restored.entries.reduce(0) { $0 + $1.payload.count }
    }

    // MARK: Events

    /// Connects the peers and lets time pass until the task is cancelled.
    func run(peers: Peers) async throws {
        self.peers = peers
        log.notice(
            "member starts",
            metadata: [
                "term": "\(raft.term)", "applied": "\(appliedIndex)", "first": "\(raft.log.firstIndex)",
                "last": "\(raft.log.lastIndex)",
            ])
        while !Task.isCancelled {
            let now = Clock.monotonicMilliseconds()
            event { try $0.tick(now: now) }
            everyTick(now)
            let pause = max(1, min(raft.nextDeadline - Clock.monotonicMilliseconds(), 25))
            try? await Task.sleep(for: .milliseconds(pause))
        }
        await stop()
    }

    /// A message from a peer.
    func received(_ message: Message) {
        event { try $0.receive(message, now: Clock.monotonicMilliseconds()) }
    }

    /// Lets something happen to the Raft machine. What comes out of it is done a moment later, together with
    /// what comes of other events that are waiting.
    func event(_ change: (inout RaftMember) throws -> Void) {
        do { try change(&raft) } catch { log.error("\(error)") }
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.execute { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushScheduled = false
        do {
            if !proposals.isEmpty {
                let now = Clock.monotonicMilliseconds()
                if try raft.propose(proposals, now: now) { proposals = [] }
            }
            perform(try raft.takeOutput())
        } catch {
            log.error("\(error)")
        }
    }

    // MARK: What is to be done

    private func perform(_ output: Output) {
        for message in output.messages { peers?.send(message) }
        if let snapshot = output.install { install(snapshot) }
        queue.add(output)
        writeNext()
        for entry in output.committed { apply(entry) }
        if !output.committed.isEmpty { afterApplying() }
        for context in output.refusedReads { barrier.refused(context) }
        for read in output.reads { barrier.confirmed(read.context, index: read.index) }
        serveReads()
        noteLeader()
        for member in output.snapshotsWanted { sendSnapshot(to: member) }
    }

    private func install(_ snapshot: Snapshot) {
        do {
            keyspace = try Keyspace(archived: snapshot.data)
        } catch {
            // The message was read as a whole, so its sender wrote it this way: nothing here can be trusted.
            log.critical("a snapshot that can't be read: \(error)")
            return
        }
        journal = []
        appliedIndex = snapshot.index
        watches.tell(keyspace, header: header())
        log.notice("snapshot installed", metadata: ["index": "\(snapshot.index)"])
    }

    private func sendSnapshot(to member: MemberID) {
        guard let term = raft.log.term(at: appliedIndex) else { return }
        log.notice("snapshot sent", metadata: ["to": "\(member)", "index": "\(appliedIndex)"])
        let snapshot = Snapshot(index: appliedIndex, term: term, data: keyspace.archived)
        event { $0.sendSnapshot(snapshot, to: member, now: Clock.monotonicMilliseconds()) }
    }

    private func apply(_ entry: Entry) {
        appliedIndex = entry.index
        guard !entry.payload.isEmpty else { return }
        guard let command = try? Command(decoding: entry.payload) else {
            log.critical("an entry that is no command", metadata: ["index": "\(entry.index)"])
            return
        }
        // Watches hear of every change before its history may go.
        if command.kind == .compaction {
            afterApplying()
            watches.setAside(keyspace, header: header())
        }
        let applied = keyspace.apply(command)
        noteLeases(command, applied)
        if command.origin == settings.id, let waiter = waiting.removeValue(forKey: command.request) {
            waiter.continuation.resume(returning: applied)
        }
    }

    private func afterApplying() {
        journal += keyspace.takeJournal()
        watches.tell(keyspace, header: header())
    }

    private var lastLeader: MemberID?
    private var lastTerm = 0

    private func noteLeader() {
        guard raft.leader != lastLeader || raft.term != lastTerm else { return }
        let wasLeader = lastLeader == settings.id
        (lastLeader, lastTerm) = (raft.leader, raft.term)
        log.notice(
            "leader", metadata: ["is": "\(raft.leader.map(String.init) ?? "none")", "term": "\(raft.term)"])
        if raft.isLeader, !wasLeader {
            leases.restart(keyspace.leases, now: Clock.monotonicMilliseconds())
        }
        barrier.retry()
    }

    // MARK: Disk

    /// Starts the next write, unless one is under way: what comes meanwhile goes together afterwards.
    func writeNext() {
        guard !queue.isBusy else { return }
        if queue.writes.isEmpty {
            let messages = queue.takeMessages()
            for message in messages { peers?.send(message) }
            return
        }
        let batch = queue.start()
        var job = Disk.Job(writes: batch.writes)
        // Many rows waiting: they go along, rather than grow without bound under steady writes.
        if journal.count > 2000 { addJournal(to: &job) }
        perform(job, tickets: batch.writes.map(\.ticket), messages: batch.messages)
    }

    private func addJournal(to job: inout Disk.Job) {
        job.journal = journal
        job.applied = (appliedIndex, keyspace.revision)
        journal = []
    }

    private func perform(_ job: Disk.Job, tickets: [Int], messages: [Message]) {
        disk.perform(job) { error in
            self.loop.execute {
                self.assumeIsolated { $0.wrote(job, tickets: tickets, messages: messages, error) }
            }
        }
    }

    private func wrote(_ job: Disk.Job, tickets: [Int], messages: [Message], _ error: (any Error)?) {
        if let error {
            diskFailed(error)
            // All of it or nothing is on the disk: the same again, until there is room.
            loop.scheduleTask(in: .milliseconds(500)) {
                self.assumeIsolated { $0.perform(job, tickets: tickets, messages: messages) }
            }
            return
        }
        queue.isBusy = false
        queue.isFailing = false
        if !tickets.isEmpty { lastWrite = Clock.monotonicMilliseconds() }
        if let applied = job.applied { savedApplied = applied.index }
        for write in job.writes { logBytes += write.entries.reduce(0) { $0 + $1.payload.count } }
        for message in messages { peers?.send(message) }
        event { raft in
            if let last = tickets.last { try raft.wrote(ticket: last) }
            if let compact = job.compact { raft.compact(to: compact.index) }
        }
        writeNext()
    }

    /// The keyspace's rows follow, and the log's beginning goes, while the disk has nothing else to do. Some hundred rows
    /// at a time: while they are written, the next client waits, and each transaction costs a page of SQLite's log.
    func tidy(now: Int) {
        guard !queue.isBusy, !isFull else { return }
        var job = Disk.Job()
        let isIdle = now - lastWrite > 1000
        // The log can be cut only where the rows have followed.
        let isLogLong =
            appliedIndex - savedApplied > min(1000, settings.logEntriesMax)
            || logBytes > settings.logBytesMax
        if journal.count >= 256 || isIdle && !journal.isEmpty
            || isLogLong && savedApplied < appliedIndex
        {
            addJournal(to: &job)
        }
        let kept = savedApplied - raft.log.shape.snapshotIndex
        if kept > settings.logEntriesMax || logBytes > settings.logBytesMax, kept > 1 {
            let index = raft.log.shape.snapshotIndex + kept / 2
            if let term = raft.log.term(at: index) { job.compact = (index, term) }
            logBytes /= 2
        }
        guard job.applied != nil || job.compact != nil else { return }
        queue.isBusy = true
        perform(job, tickets: [], messages: [])
    }
}
