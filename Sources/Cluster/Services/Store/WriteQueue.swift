import Consensus

/// Writes that wait for the disk, and the messages that wait for them.
struct WriteQueue {
    /// A job is at the disk.
    var isBusy = false
    /// The job at the disk failed and is being tried again.
    var isFailing = false
    private(set) var writes: [DiskWrite] = []
    private var messages: [Message] = []

    mutating func add(_ output: Output) {
        if let write = output.write { writes.append(write) }
        messages += output.messagesAfterWrite
    }

    /// Everything that waits now goes together.
    mutating func start() -> (writes: [DiskWrite], messages: [Message]) {
        isBusy = true
        defer { (writes, messages) = ([], []) }
        return (writes, messages)
    }

    /// Messages that need no write but came after others.
    mutating func takeMessages() -> [Message] {
        defer { messages = [] }
        return messages
    }
}
