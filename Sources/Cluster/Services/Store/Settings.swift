import EtcdAPI

/// What a member of the store is told at its start.
public struct StoreSettings: Sendable {
    /// One member as every member knows it.
    public struct Peer: Sendable, Hashable {
        public var id: Int
        /// `10.88.0.1:2380`
        public var peerAddress: HostPort
        /// `http://10.88.0.1:2379`, what clients are told; empty: not told.
        public var clientURL: String

        public init(id: Int, peerAddress: HostPort, clientURL: String) {
            self.id = id
            self.peerAddress = peerAddress
            self.clientURL = clientURL
        }
    }

    public var id: Int
    /// The directory of the member's file.
    public var directory: String
    public var client: HostPort
    public var peer: HostPort
    /// All members, this one too, ascending by id.
    public var members: [Peer]
    /// With what this member shows who it is, and knows clients and the other members; nil: nobody is asked, and
    /// nothing is enciphered.
    public var credentials: StoreCredentials?
    /// Where `/health` and `/metrics` are asked for over plain HTTP; nil: nowhere.
    public var health: HostPort?
    /// How long a request may wait for the cluster, in milliseconds. etcdctl gives up after 5 s.
    public var requestTimeoutMilliseconds = 4500
    /// The largest put or transaction; etcd's own.
    public var requestBytesMax = 3 << 19
    /// Writes are refused while the disk has less free than this.
    public var freeBytesMin = 16 << 20
    /// The log is cut once it holds this many applied entries or bytes; half of it stays for slow members.
    public var logEntriesMax = 10_000
    public var logBytesMax = 16 << 20
    /// How often a watch that asked for it is told how far it is though nothing happened.
    public var watchProgressMilliseconds = 60_000

    public init(id: Int, directory: String, client: HostPort, peer: HostPort, members: [Peer]) {
        self.id = id
        self.directory = directory
        self.client = client
        self.peer = peer
        self.members = members.sorted { $0.id < $1.id }
    }

    /// The same for all members that name the same cluster: FNV-1a over its members.
    var clusterID: Int {
        let text = members.map { "\($0.id)=\($0.peerAddress)" }.joined(separator: ",")
        let hash = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return Int(hash >> 1)
    }
}

/// An address as people write it: `127.0.0.1:2379`.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: Int

    /// Only this machine reaches it.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.utf8.starts(with: "127.".utf8)
    }

    /// nil where the text is no address with a port.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port), colon != text.startIndex
        else { return nil }
        host = String(text[..<colon])
        self.port = port
    }

    public var description: String { "\(host):\(port)" }
}

extension StoreSettings.Peer {
    /// Reads `1=10.88.0.1:2380=http://10.88.0.1:2379`; the last part may be missing.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 2)
        guard parts.count >= 2, let id = Int(parts[0]), id > 0,
            let address = HostPort(String(parts[1]))
        else { return nil }
        self.init(
            id: id, peerAddress: address, clientURL: parts.count > 2 ? String(parts[2]) : "")
    }
}
