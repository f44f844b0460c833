/// Commands that are not in any log yet, because there is no leader to take them.
///
/// Each has its client's deadline and goes with it: a client that was told that its time was over must not find its
/// write done an hour later, when a leader is there again.
struct Proposals: Sendable {
    private struct Proposal {
        var request: RequestID?
        var payload: [UInt8]
        var deadline: Int
    }

    private var queue: [Proposal] = []

    /// At least one from the front, more up to a number of bytes; nil where there is none.
    func first(bytesMax: Int) -> [[UInt8]]? {
        guard var bytes = queue.first?.payload.count else { return nil }
        let more = queue.dropFirst().prefix {
            bytes += $0.payload.count
            return bytes <= bytesMax
        }
        return [queue[0].payload] + more.map(\.payload)
    }

    mutating func add(_ command: LoggedCommand, deadline: Int) {
        queue.append(
            Proposal(request: command.request, payload: command.encoded, deadline: deadline))
    }

    mutating func dropExpired(now: Int) { queue.removeAll { $0.deadline <= now } }

    mutating func removeFirst(_ count: Int) { queue.removeFirst(count) }

    /// Drops all of them.
    /// - Returns: whose they were.
    mutating func takeAll() -> [RequestID] {
        defer { queue = [] }
        return queue.compactMap(\.request)
    }
}
