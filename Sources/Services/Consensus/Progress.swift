import Contract

/// What a leader knows of one follower, and what it may send to it: the flow control of etcd's raft.
///
/// A follower is *probed* with one message at a time until it is known where the logs part. Then messages
/// are *replicated* one behind the other, up to a bound in number and bytes, without waiting for answers. One that
/// lacks what the log no longer has waits for a *snapshot*. Messages may get lost in every mode, so each
/// mode is left by what the answers to heartbeats say: a heartbeat claims that the follower has everything sent so
/// far, and is refused where it hasn't.
struct Progress: Sendable {
    enum Mode: Sendable {
        /// Where the logs part is not known yet: one message, and then its answer or that of a heartbeat.
        case probe(isWaiting: Bool)
        /// Messages follow each other without waiting for replies.
        case replicate
        /// A snapshot of the state after `index` is being made or on its way.
        case snapshot(index: Int)
    }

    var mode = Mode.probe(isWaiting: false)
    /// The last index known to be the follower's, on its disk.
    var matchIndex = 0
    /// The next index to send.
    var nextIndex: Int
    /// The commit index that it was told last.
    var toldCommitIndex = 0
    /// The last heartbeat round answered.
    var answeredRound = 0
    /// When the follower was last heard, in the driver's milliseconds.
    var heardAt: Int
    /// Messages sent and not answered, oldest first.
    private var inFlight: [(lastIndex: Int, bytes: Int)] = []
    private var inFlightBytes = 0

    static let inFlightMax = 64
    static let inFlightBytesMax = 4 << 20

    init(nextIndex: Int, heardAt: Int) {
        self.nextIndex = nextIndex
        self.heardAt = heardAt
    }

    var isWindowFull: Bool {
        inFlight.count >= Self.inFlightMax || inFlightBytes >= Self.inFlightBytesMax
    }

    /// Whether entries may be sent now.
    var mayHaveEntries: Bool {
        switch mode {
        case .probe(let isWaiting): !isWaiting
        case .replicate: !isWindowFull
        case .snapshot: false
        }
    }

    var isReplicating: Bool {
        if case .replicate = mode { return true }
        return false
    }

    mutating func sent(_ entries: [Entry]) {
        guard let last = entries.last else { return }
        switch mode {
        case .probe: mode = .probe(isWaiting: true)
        case .replicate:
            nextIndex = last.index + 1
            let bytes = entries.reduce(0) { $0 + $1.payload.count }
            inFlight.append((last.index, bytes))
            inFlightBytes += bytes
        case .snapshot: break
        }
    }

    mutating func accepted(through index: Int) {
        // An answer to a message that claimed nothing proves nothing.
        let isProof = index > matchIndex || index >= nextIndex - 1
        matchIndex = max(matchIndex, index)
        nextIndex = max(nextIndex, matchIndex + 1)
        while let first = inFlight.first, first.lastIndex <= index {
            inFlightBytes -= first.bytes
            inFlight.removeFirst()
        }
        switch mode {
        case .probe where isProof: mode = .replicate
        case .snapshot(let wanted) where matchIndex >= wanted: probe(from: matchIndex + 1)
        default: break
        }
    }

    /// The follower answered a heartbeat, so it lives, and what it did not answer may be lost.
    ///
    /// - Parameter isNextKnown: whether the log still has the entry before the next one, so that the heartbeat could say
    ///   what the follower has to have. If not, only sending again, or a snapshot, can help.
    mutating func answeredHeartbeat(isNextKnown: Bool) {
        switch mode {
        case .probe: mode = .probe(isWaiting: false)
        case .replicate: if isWindowFull, !isNextKnown { probe(from: matchIndex + 1) }
        case .snapshot: break
        }
    }

    /// Whether a refusal is news, rather than an old message's late answer.
    func takesRefusal(of index: Int) -> Bool {
        guard index > matchIndex else { return false }
        switch mode {
        case .probe: return index == nextIndex - 1
        case .replicate: return true
        case .snapshot: return false
        }
    }

    /// Back to asking where the logs part.
    mutating func probe(from next: Int, isWaiting: Bool = false) {
        mode = .probe(isWaiting: isWaiting)
        (inFlight, inFlightBytes) = ([], 0)
        nextIndex = next
    }

    mutating func beginSnapshot(of index: Int) {
        probe(from: index + 1)
        mode = .snapshot(index: index)
    }
}
