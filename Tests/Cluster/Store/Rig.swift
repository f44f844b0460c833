import JSON
import Linux

/// Members as real processes, ours or Debian's etcd, in a folder of their own; gone when the test is.
final class StoreRig {
    enum Kind { case ours, etcd }

    let kind: Kind
    let count: Int
    /// For `raft serve`, besides the usual.
    private let options: [String]
    /// A library that every member of ours is started with.
    private let preload: String?
    private let folder: String
    /// What `pki init` made; nil: members and clients speak in plain.
    let pki: String?
    private let clientPorts: [Int]
    private let peerPorts: [Int]
    private var members: [Int: Child] = [:]

    init(
        _ kind: Kind, members count: Int, options: [String] = [], preload: String? = nil,
        absent: Set<Int> = [], isSecured: Bool = false
    ) throws {
        (self.kind, self.count, self.options, self.preload) = (kind, count, options, preload)
        folder = "/tmp/drydock-store-test-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        clientPorts = try (0..<count).map { _ in try freePort() }
        peerPorts = try (0..<count).map { _ in try freePort() }
        try Files.makeDirectories(folder, mode: 0o700)
        pki = isSecured ? try Self.makeCertificates("\(folder)/pki") : nil
        for id in 1...count where !absent.contains(id) { try start(id) }
    }

    deinit {
        for id in members.keys { kill(id) }
        try? Files.removeTree(folder)
    }

    var endpoints: String { clientPorts.map { "127.0.0.1:\($0)" }.joined(separator: ",") }
    func port(_ id: Int) -> Int { clientPorts[id - 1] }
    func endpoint(_ id: Int) -> String { "127.0.0.1:\(clientPorts[id - 1])" }
    func peerEndpoint(_ id: Int) -> String { "127.0.0.1:\(peerPorts[id - 1])" }

    /// All that a member keeps.
    func directory(_ id: Int) -> String { "\(folder)/\(id)" }

    func pid(_ id: Int) -> pid_t? { members[id]?.pid }

    /// How a member has ended, if it has.
    func ending(_ id: Int) throws -> Child.Ending? {
        guard let ending = try members[id]?.poll() else { return nil }
        members[id] = nil
        return ending
    }

    /// Certificates of authorities that nobody else has.
    static func makeCertificates(_ directory: String) throws -> String {
        let program = program.replacing("/raft", with: "/pki")
        let result = try capture(program, [program, "init", "--dir", directory])
        guard result.ending.succeeded else {
            throw NoCertificates(why: String(decoding: result.errors, as: UTF8.self))
        }
        return directory
    }

    struct NoCertificates: Error { var why: String }

    /// With what etcdctl shows who it is.
    private var access: [String] {
        let files = [("CACERT", "ca.crt"), ("CERT", "client.crt"), ("KEY", "client.key")]
        return ["ETCDCTL_API=3"]
            + (pki.map { pki in files.map { "ETCDCTL_\($0)=\(pki)/store/\($1)" } } ?? [])
    }

    /// Where SQLite appends a member's transactions.
    func journal(_ id: Int) -> String { "\(folder)/\(id)/store.sqlite-wal" }

    /// All that a member has said since the rig began.
    func log(_ id: Int) throws -> String { try Files.readText("\(folder)/log-\(id)") }

    /// How often a member has synchronised a file, as `SyncCounter` counts it.
    func syncs(_ id: Int) -> Int { (try? Files.readText("\(folder)/syncs-\(id)").utf8.count) ?? 0 }

    /// All members, as `raft serve` is told.
    var cluster: String {
        let scheme = pki == nil ? "http" : "https"
        return (1...count).map { "\($0)=\(peerEndpoint($0))=\(scheme)://\(endpoint($0))" }
            .joined(separator: ",")
    }

    func start(_ id: Int) throws {
        let (client, peer) = (endpoint(id), peerEndpoint(id))
        let data = "\(folder)/\(id)"
        let log = try FileDescriptor.open("\(folder)/log-\(id)", O_WRONLY | O_CREAT | O_APPEND)
        switch kind {
        case .ours:
            let library =
                preload.map { ["LD_PRELOAD=\($0)", "DRYDOCK_SYNCS=\(folder)/syncs-\(id)"] } ?? []
            members[id] = try Child.spawn(
                "/usr/bin/env",
                ["env"] + library + [
                    Self.program, "serve", "--id", "\(id)", "--data", data, "--client", client,
                    "--peer", peer, "--cluster", cluster,
                ] + (pki.map { ["--pki", $0] } ?? []) + options,
                descriptors: [1: log.raw, 2: log.raw])
        case .etcd:
            let cluster = (1...count).map { "member-\($0)=http://\(peerEndpoint($0))" }
            members[id] = try Child.spawn(
                "/usr/bin/etcd",
                [
                    "etcd", "--name", "member-\(id)", "--data-dir", data,
                    "--listen-client-urls", "http://\(client)",
                    "--advertise-client-urls", "http://\(client)", "--listen-peer-urls",
                    "http://\(peer)",
                    "--initial-advertise-peer-urls", "http://\(peer)",
                    "--initial-cluster", cluster.joined(separator: ","),
                ], descriptors: [1: log.raw, 2: log.raw])
        }
    }

    /// Somebody removes a member's directory.
    func removeDisk(_ id: Int) throws { try Files.removeTree(directory(id)) }

    /// SIGKILL.
    func kill(_ id: Int) {
        guard let member = members.removeValue(forKey: id) else { return }
        member.signal(SIGKILL)
        _ = try? member.wait()
    }

    /// What etcdctl says: its standard output, or the last line of its standard error.
    func etcdctl(_ arguments: String..., input: String = "", at endpoints: String? = nil) throws
        -> String
    {
        try etcdctl(arguments: arguments, input: input, at: endpoints)
    }

    func etcdctl(arguments: [String], input: String = "", at endpoints: String? = nil) throws
        -> String
    {
        let result = try capture(
            "/usr/bin/env",
            ["env"] + access + ["etcdctl", "--endpoints", endpoints ?? self.endpoints]
                + arguments,
            input: Array(input.utf8))
        let text = String(
            decoding: result.ending.succeeded ? result.output : result.errors, as: UTF8.self)
        return result.ending.succeeded
            ? text : text.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Puts until it is acknowledged: on a busy machine an election may come between.
    func put(_ arguments: String..., at endpoints: String? = nil) throws -> Bool {
        try Linux.eventually(within: 30_000, every: 50) {
            try etcdctl(arguments: ["put"] + arguments, at: endpoints) == "OK\n"
        }
    }

    /// The member that leads, as far as anybody who answers knows: ours call themselves 1, 2, 3 ….
    func leader() throws -> Int? {
        for id in members.keys.sorted() {
            let status = try? JSON(
                parsing: Array(etcdctl("endpoint", "status", "-w", "json", at: endpoint(id)).utf8))
            if let leader = status?[0]?.at("Status", "leader")?.int, members[leader] != nil {
                return leader
            }
        }
        return nil
    }

    func waitUntilReady() throws -> Bool {
        for _ in 0..<100 {
            if try etcdctl("put", "ready", "yes") == "OK\n" { return true }
            usleep(100_000)
        }
        return false
    }

    /// Where the build put the program.
    static let program: String = {
        let package = #filePath.split(separator: "/Tests/", maxSplits: 1)[0]
        let builds = ["\(package)/.build/release", "\(package)/Sources/Cluster/.build/release"]
        return "\(builds.first { Files.exists("\($0)/raft") } ?? builds[0])/raft"
    }()

    static let isBuilt = Files.exists(program)
    static let hasEtcd = Files.exists("/usr/bin/etcd") && Files.exists("/usr/bin/etcdctl")
}

/// A port of 127.0.0.1 that was free a moment ago.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutableBytes(of: &address) { bytes in
        let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
        try check("bind") { bind(descriptor, pointer, length) }
        try check("getsockname") { getsockname(descriptor, pointer, &length) }
    }
    return Int(UInt16(bigEndian: address.sin_port))
}
