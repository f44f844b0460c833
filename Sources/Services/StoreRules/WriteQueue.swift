import Consensus

/// Writes that go to the disk as one transaction, and what is owed afterwards.
public struct WriteBatch: Sendable {
    public var writes: [DiskWrite] = []
    /// To be sent once the writes are on the disk.
    public var messages: [Message] = []
    public init() {}
}

/// Writes that wait for the disk, and the messages that wait for them.
struct WriteQueue: Sendable {
    /// A job is at the disk.
    var isBusy = false
    private var waiting = WriteBatch()

    mutating func add(_ output: Output) {
        if let write = output.write { waiting.writes.append(write) }
        waiting.messages += output.messagesAfterWrite
    }

    /// Everything that waits goes together, unless the disk is busy: what comes meanwhile goes together afterwards.
    mutating func start() -> WriteBatch? {
        guard !isBusy, !waiting.writes.isEmpty else { return nil }
        isBusy = true
        defer { waiting = WriteBatch() }
        return waiting
    }

    /// Messages that need no write but came after others.
    mutating func takeMessages() -> [Message] {
        guard !isBusy, waiting.writes.isEmpty else { return [] }
        defer { waiting.messages = [] }
        return waiting.messages
    }
}
