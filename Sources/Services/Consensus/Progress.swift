import Contract

/// What a leader knows of one follower.
struct Progress: Sendable {
    enum Mode: Sendable {
        /// Where the logs part is not known yet: one message at a time.
        case probe(isWaiting: Bool)
        /// Messages follow each other without waiting for replies.
        case replicate
        /// A snapshot is on its way, or being made.
        case snapshot(index: Int, since: Int)
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
    /// The ends of messages sent and not answered, oldest first.
    var inFlight: [Int] = []

    static let inFlightMax = 64

    init(nextIndex: Int, heardAt: Int) {
        self.nextIndex = nextIndex
        self.heardAt = heardAt
    }

    /// Whether entries may be sent now.
    var mayHaveEntries: Bool {
        switch mode {
        case .probe(let isWaiting): !isWaiting
        case .replicate: inFlight.count < Self.inFlightMax
        case .snapshot: false
        }
    }

    var isReplicating: Bool {
        if case .replicate = mode { return true }
        return false
    }

    mutating func sent(through lastIndex: Int, isEmpty: Bool) {
        switch mode {
        case .probe: mode = .probe(isWaiting: true)
        case .replicate:
            if !isEmpty {
                nextIndex = lastIndex + 1
                inFlight.append(lastIndex)
            }
        case .snapshot: break
        }
    }

    mutating func accepted(through index: Int) {
        matchIndex = max(matchIndex, index)
        nextIndex = max(nextIndex, matchIndex + 1)
        while let first = inFlight.first, first <= index { inFlight.removeFirst() }
        switch mode {
        case .probe: mode = .replicate
        case .snapshot(let wanted, _) where matchIndex >= wanted: mode = .probe(isWaiting: false)
        default: break
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
    mutating func refused(next: Int) {
        mode = .probe(isWaiting: false)
        inFlight = []
        nextIndex = next
    }
}
