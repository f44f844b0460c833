/// What one peer may take of a server: time, bytes and connections. A peer that has nothing to say,
/// or says it without end, costs others nothing.
public struct HTTPLimits: Sendable {
    /// From the connection's first moment, or the last answer, to a whole head; the handshake is in
    /// it.
    public var firstHeadSeconds = 10
    public var nextHeadSeconds = 120
    /// From the head to the end of the body.
    public var bodySeconds = 60
    /// How long a peer may take none of an answer.
    public var stalledSeconds = 60
    public var headBytesMax = 64 << 10
    public var headFieldsMax = 256
    public var bodyBytesMax = 3 << 20  // what the stock API server takes
    /// Of peers that haven't said who they are: such have nothing large to say.
    public var anonymousBodyBytesMax = 64 << 10
    public var connectionsMax: Int
    public var connectionsPerPeerMax: Int

    /// - Parameter connectionsMax: one peer gets half of them.
    public init(connectionsMax: Int = 1024) {
        self.connectionsMax = connectionsMax
        connectionsPerPeerMax = max(1, connectionsMax / 2)
    }
}

/// Where a connection stands, and until when it may stand there.
///
/// Each event returns the seconds until the connection is given up unless another event comes
/// first; nil for no limit: an answer may take as long as it likes, a watch takes an hour. Requests
/// may come while an earlier one is being answered; so they are counted.
package struct ConnectionPhase: Sendable {
    private let limits: HTTPLimits
    /// Between a head and the end of its body.
    private var isReading = false
    private var unanswered = 0

    package init(_ limits: HTTPLimits) { self.limits = limits }

    /// No request is under way.
    package var isWaiting: Bool { unanswered == 0 }

    package var opened: Int? { limits.firstHeadSeconds }

    package mutating func head() -> Int? {
        isReading = true
        unanswered += 1
        return secondsLeft
    }

    /// The request is whole.
    package mutating func end() -> Int? {
        isReading = false
        return secondsLeft
    }

    package mutating func answered() -> Int? {
        unanswered = max(0, unanswered - 1)
        return secondsLeft
    }

    private var secondsLeft: Int? {
        if isReading { return limits.bodySeconds }
        return isWaiting ? limits.nextHeadSeconds : nil
    }
}

/// Who is connected, so that nobody takes all there is.
///
/// When there is no room, the connection that has been waiting longest without a request makes room
/// for the newcomer: so a crowd of silent ones keeps nobody out, and one that is being answered is
/// never cut.
package struct ConnectionTable: Sendable {
    private struct Entry: Sendable {
        var peer: String
        /// Since when it waits for a request, as a count of such moments; nil while it has one.
        var waitingSince: Int?
    }

    package enum Verdict: Hashable, Sendable {
        case admitted(id: Int, instead: Int?)
        case refused
    }

    private let limits: HTTPLimits
    private var entries: [Int: Entry] = [:]
    private var perPeer: [String: Int] = [:]
    private var moments = 0

    package init(_ limits: HTTPLimits) { self.limits = limits }

    package var count: Int { entries.count }

    package mutating func arrives(from peer: String) -> Verdict {
        moments += 1
        var instead: Int?
        if perPeer[peer, default: 0] >= limits.connectionsPerPeerMax {
            instead = longestWaiting { $0.peer == peer }
            if instead == nil { return .refused }
        } else if entries.count >= limits.connectionsMax {
            instead = longestWaiting { _ in true }
            if instead == nil { return .refused }
        }
        if let instead { leaves(instead) }
        entries[moments] = Entry(peer: peer, waitingSince: moments)
        perPeer[peer, default: 0] += 1
        return .admitted(id: moments, instead: instead)
    }

    package mutating func isBusy(_ id: Int) { entries[id]?.waitingSince = nil }

    package mutating func waits(_ id: Int) {
        moments += 1
        entries[id]?.waitingSince = moments
    }

    package mutating func leaves(_ id: Int) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        let left = perPeer[entry.peer, default: 1] - 1
        perPeer[entry.peer] = left > 0 ? left : nil
    }

    private func longestWaiting(_ isMeant: (Entry) -> Bool) -> Int? {
        entries.compactMap { id, entry -> (id: Int, since: Int)? in
            guard let since = entry.waitingSince, isMeant(entry) else { return nil }
            return (id, since)
        }.min { $0.since < $1.since }?.id
    }
}
