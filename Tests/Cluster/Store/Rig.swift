import Linux

/// Members as real processes, ours or Debian's etcd, in a folder of their own; gone when the test is.
final class StoreRig {
    enum Kind { case ours, etcd }

    let kind: Kind
    let count: Int
    private let folder: String
    private let clientPorts: [Int]
    private let peerPorts: [Int]
    private var members: [Int: Child] = [:]

    init(_ kind: Kind, members count: Int) throws {
        (self.kind, self.count) = (kind, count)
        folder = "/tmp/drydock-store-test-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        clientPorts = try (0..<count).map { _ in try freePort() }
        peerPorts = try (0..<count).map { _ in try freePort() }
        try Files.makeDirectories(folder, mode: 0o700)
        for id in 1...count { try start(id) }
    }

    deinit {
        for id in members.keys { kill(id) }
        try? Files.removeTree(folder)
    }

    var endpoints: String { clientPorts.map { "127.0.0.1:\($0)" }.joined(separator: ",") }
    func port(_ id: Int) -> Int { clientPorts[id - 1] }
    func endpoint(_ id: Int) -> String { "127.0.0.1:\(clientPorts[id - 1])" }

    func start(_ id: Int) throws {
        let (client, peer) = (endpoint(id), "127.0.0.1:\(peerPorts[id - 1])")
        let data = "\(folder)/\(id)"
        let log = try FileDescriptor.open("\(folder)/log-\(id)", O_WRONLY | O_CREAT | O_APPEND)
        switch kind {
        case .ours:
            let cluster = (1...count).map { "\($0)=127.0.0.1:\(peerPorts[$0 - 1])=http://\(endpoint($0))" }
            members[id] = try Child.spawn(
                Self.program,
                [
                    "raft", "serve", "--id", "\(id)", "--data", data, "--client", client, "--peer", peer,
                    "--cluster", cluster.joined(separator: ","),
                ], descriptors: [1: log.raw, 2: log.raw])
        case .etcd:
            let cluster = (1...count).map { "m\($0)=http://127.0.0.1:\(peerPorts[$0 - 1])" }
            members[id] = try Child.spawn(
                "/usr/bin/etcd",
                [
                    "etcd", "--name", "m\(id)", "--data-dir", data,
                    "--listen-client-urls", "http://\(client)",
                    "--advertise-client-urls", "http://\(client)", "--listen-peer-urls", "http://\(peer)",
                    "--initial-advertise-peer-urls", "http://\(peer)",
                    "--initial-cluster", cluster.joined(separator: ","),
                ], descriptors: [1: log.raw, 2: log.raw])
        }
    }

    /// SIGKILL.
    func kill(_ id: Int) {
        guard let member = members.removeValue(forKey: id) else { return }
        member.signal(SIGKILL)
        _ = try? member.wait()
    }

    /// What etcdctl says: its standard output, or the last line of its standard error.
    func etcdctl(_ arguments: String..., input: String = "", at endpoints: String? = nil) throws -> String {
        let result = try capture(
            "/usr/bin/env",
            ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", endpoints ?? self.endpoints] + arguments,
            input: Array(input.utf8))
        let text = String(decoding: result.ending.succeeded ? result.output : result.errors, as: UTF8.self)
        return result.ending.succeeded
            ? text : text.split(separator: "\n").last.map(String.init) ?? ""
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
private func freePort() throws -> Int {
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
