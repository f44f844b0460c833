/// The first packet of a connection, on its way through the rules of one machine.
public struct Packet: Hashable, Sendable, CustomStringConvertible {
    public var source: String
    public var destination: String
    public var port: Int
    /// `tcp` or `udp`.
    public var transport: String
    /// The mark that rules put on it (fwmark).
    public var mark: UInt32 = 0
    /// The lists of `-m recent` that have its source, and how many seconds ago they saw it last.
    public var seen: [String: Int] = [:]
    /// Whether conntrack(8) knows its connection already.
    public var isEstablished = false

    public init(from source: String, to destination: String, port: Int, transport: String = "tcp") {
        (self.source, self.destination) = (source, destination)
        (self.port, self.transport) = (port, transport)
    }

    public var description: String { "\(transport) \(source) -> \(destination):\(port)" }
}

/// The machine whose rules are traced.
public struct Machine: Sendable {
    /// Its own addresses (`--dst-type LOCAL`).
    public var addresses: Set<String>

    public init(addresses: Set<String>) { self.addresses = addresses.union(["127.0.0.1"]) }
}

/// One way that a packet may go, and how likely.
public struct Outcome: Hashable, Sendable, CustomStringConvertible {
    public enum Verdict: String, Sendable {
        /// Goes on to its destination, which rules may have changed.
        case passed
        case rejected, dropped
    }
    public var verdict: Verdict
    public var packet: Packet
    /// Its source becomes the machine's own address.
    public var masqueraded: Bool
    /// All outcomes of a packet together make 1.
    public var share: Fraction
    /// How many rules were looked at.
    public var rulesSeen: Int
    /// The rules that matched, with their chains.
    public var path: [String]

    public var description: String {
        let notes = masqueraded ? ", masqueraded" : ""
        let end =
            verdict == .passed
            ? "to \(packet.destination):\(packet.port)\(notes)" : verdict.rawValue
        return "\(share) (\(share.percent))  \(end)  (\(rulesSeen) rules looked at)"
    }
}
