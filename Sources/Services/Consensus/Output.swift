import ContractRaft

/// What a member wants done; see `RaftMember` for the order.
public struct Output: Sendable {
    /// To be sent at once.
    public var messages: [Message] = []
    /// To go to the disk as one transaction.
    public var write: DiskWrite?
    /// To be sent once this output's write, and every one before it, is on the disk.
    public var messagesAfterWrite: [Message] = []
    /// A snapshot from the leader replaces the state machine's state; comes before `committed`.
    public var install: Snapshot?
    /// Entries to apply, in order. Those of an empty payload change nothing.
    public var committed: [Entry] = []
    /// Reads that may be answered once the state machine has applied `index`.
    public var reads: [ReadyRead] = []
    /// Reads that can't be served now: this member stopped leading.
    public var refusedReads: [Int] = []
    /// These members lag so far that they need a snapshot: make one, call `beganSnapshot`, and bring it to them.
    public var snapshotsWanted: [MemberID] = []

    var unsorted: [(message: Message, waitsForDisk: Bool)] = []
    public init() {}
}

/// One transaction of the log's disk.
public struct DiskWrite: Sendable {
    /// Counts the writes; `wrote(ticket:)` takes it back.
    public var ticket: Int
    public var hardState: HardState?
    /// Everything the disk has of the log and the state goes, and this takes its place.
    public var install: Snapshot?
    /// With `install`: entries after it stay. Otherwise the whole log goes.
    public var keepsLaterEntries = false
    /// Entries from this index on go before the new ones are written.
    public var truncateFrom: Int?
    public var entries: [Entry] = []

    public init(ticket: Int) { self.ticket = ticket }
}

public struct ReadyRead: Sendable, Hashable {
    public var context: Int
    public var index: Int
}

/// How far the disk is behind the memory.
struct DiskState: Sendable {
    /// The next write, being collected.
    var next: DiskWrite?
    var lastTicket = 0
    var savedTicket = 0
    /// The ticket of the last write of term or vote.
    var hardStateTicket = 0
    /// The log's end on the disk: never more than the disk really has of the present log.
    var savedIndex = 0
    /// Ends of writes under way: what `savedIndex` becomes with each ticket.
    var underWay: [(ticket: Int, lastIndex: Int)] = []
}

extension RaftMember {
    /// Changes the next write, which begins with the first change.
    mutating func onDisk(_ change: (inout DiskWrite) -> Void) {
        if disk.next == nil { disk.next = DiskWrite(ticket: disk.lastTicket + 1) }
        change(&disk.next!)
    }

    mutating func setHardState(_ state: HardState) {
        guard state != hardState else { return }
        hardState = state
        onDisk { $0.hardState = state }
        disk.hardStateTicket = disk.next!.ticket
    }

    /// Everything to be done after the events so far.
    public mutating func takeOutput() throws -> Output {
        if role == .leader { try sendEntries() }
        // Before the write is taken: if a rule throws, everything stays for the next time.
        try sortMessages()
        if let write = disk.next {
            disk.lastTicket = write.ticket
            disk.underWay.append((write.ticket, log.lastIndex))
            output.write = write
            disk.next = nil
        }
        handOutCommitted()
        defer { output = Output() }
        return output
    }

    /// A write reached the disk. Tickets come back in the order in which they were given.
    public mutating func wrote(ticket: Int) throws {
        disk.savedTicket = ticket
        while let first = disk.underWay.first, first.ticket <= ticket {
            disk.underWay.removeFirst()
            disk.savedIndex = max(disk.savedIndex, first.lastIndex)
        }
        // A log that was cut since then is only as far on the disk as it agrees.
        disk.savedIndex = min(disk.savedIndex, log.lastIndex)
        if role == .leader { try advanceCommit() }
    }

    private mutating func sortMessages() throws {
        let isPromiseUnsaved = disk.hardStateTicket > disk.savedTicket
        var (now, later): ([Message], [Message]) = ([], [])
        for (message, waitsForDisk) in output.unsorted {
            let promises =
                try isPromiseUnsaved && rules.mustSavePromise(PromiseQuestion(kind: message.kind))
            if waitsForDisk || promises { later.append(message) } else { now.append(message) }
        }
        (output.messages, output.messagesAfterWrite, output.unsorted) = (now, later, [])
    }

    private mutating func handOutCommitted() {
        while handedOut < commitIndex {
            handedOut += 1
            output.committed.append(log[handedOut])
        }
    }
}
