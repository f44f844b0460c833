import APIServer
import Linux

/// A real API server in a process of its own, over a real etcd, with certificates by the kit's own `pki`.
struct Rig: Sendable {
    let folder: String
    let etcd: Child
    let server: Child
    let port: Int
    let storePort: Int

    /// Starts everything, runs `body`, and leaves nothing behind.
    /// - Parameter descriptors: how many the server may have open; nil for as many as this process.
    static func with(
        descriptors: Int? = nil, _ body: (Rig) async throws -> Void
    ) async throws {
        let folder = "/tmp/drydock-apiserver-test-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        try Files.makeDirectories(folder, mode: 0o700)
        defer { try? Files.removeTree(folder) }
        let pki = try capture(
            programs + "/pki", ["pki", "init", "--dir", folder, "--node", "node-1=127.0.0.1"])
        guard pki.ending.succeeded else { throw SystemError("pki init", .invalid) }
        let storePort = try freePort()
        let etcd = try startStore(folder, storePort)
        defer { etcd.end() }
        try await serving(folder, etcd, storePort, descriptors, body)
    }

    /// A second server over the same store, started now.
    /// - Parameter program: another one than the kit's, with the same options.
    func again(program: String = "apiserver", _ body: (Rig) async throws -> Void) async throws {
        try await Rig.serving(folder, etcd, storePort, nil, program: program, body)
    }

    private static func serving(
        _ folder: String, _ etcd: Child, _ storePort: Int, _ descriptors: Int?,
        program: String = "apiserver", _ body: (Rig) async throws -> Void
    ) async throws {
        let port = try freePort()
        // As a launcher does it: the socket is bound here and handed down.
        let socket = FileDescriptor(owning: try listeningSocket(port))
        let limit = descriptors.map { ["--nofile=\($0):\($0)"] } ?? []
        let server = try Child.spawn(
            "prlimit",
            ["prlimit"] + limit + [
                "\(programs)/\(program)", "--store", "http://127.0.0.1:\(storePort)", "--pki",
                folder,
                "--listen", "127.0.0.1:\(try freePort())", "--listen-fd", "5",
            ], descriptors: [5: socket.raw])
        defer { server.end() }
        let rig = Rig(folder: folder, etcd: etcd, server: server, port: port, storePort: storePort)
        let isReady = try await eventually {
            try rig.kubectl("get", "--raw", "/readyz", "--request-timeout=2s").text == "ok"
        }
        guard isReady else { throw SystemError("wait for the API server", .tryAgain) }
        try await body(rig)
    }

    private static func startStore(_ folder: String, _ port: Int) throws -> Child {
        let (client, peer) = ("http://127.0.0.1:\(port)", "http://127.0.0.1:\(try freePort())")
        return try Child.spawn(
            "etcd",
            [
                "etcd", "--data-dir", "\(folder)/etcd", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=\(peer)",
            ])
    }

    struct Answer: Sendable {
        var code: Int32
        /// Standard output and standard error, without the last line's end.
        var text: String
    }

    /// The stock kubectl, to its end.
    func kubectl(_ arguments: String..., user: String = "admin", input: String = "") throws
        -> Answer
    {
        let result = try capture("kubectl", connection(user) + arguments, input: Array(input.utf8))
        var text = String(decoding: result.output + result.errors, as: UTF8.self)
        while text.last == "\n" { text.removeLast() }
        return Answer(code: result.ending.code, text: text)
    }

    /// The stock kubectl, beside whatever else runs.
    func startKubectl(_ arguments: String...) throws -> Child {
        try Child.spawn("kubectl", connection("admin") + arguments)
    }

    private func connection(_ user: String) -> [String] {
        [
            "kubectl", "--kubeconfig", "\(folder)/\(user).kubeconfig",
            "--server", "https://127.0.0.1:\(port)", "--cache-dir", "\(folder)/cache",
        ]
    }

    /// Where the build put the programs.
    static let programs: String = {
        let package = #filePath.split(separator: "/Tests/", maxSplits: 1)[0]
        let builds = ["\(package)/.build/release", "\(package)/Sources/Cluster/.build/release"]
        return builds.first { Files.exists("\($0)/apiserver") } ?? builds[0]
    }()
}

extension Child {
    /// Ends it, stopped or not, and waits until it is gone.
    func end() {
        signal(SIGKILL)
        _ = try? wait()
    }
}

/// A TCP socket on loopback that listens, as a launcher would hand it down.
func listeningSocket(_ port: Int) throws -> Int32 {
    let descriptor = try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(
                descriptor, $0,
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard bound == 0, listen(descriptor, 64) == 0 else {
        throw SystemError("listen on port \(port)", .current)
    }
    return descriptor
}

/// A port that nobody listens on at this moment.
func freePort() throws -> Int {
    let descriptor = try listeningSocket(0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getsockname(descriptor, $0, &size)
        }
    }
    return Int(UInt16(bigEndian: address.sin_port))
}
