import APIServer
import Linux
import Logging
import SolutionAdmission
import SolutionWatch

/// A real API server in this process, over a real etcd, with certificates by the kit's own `pki`.
struct Rig: Sendable {
    let folder: String
    let etcd: Child
    let port: Int
    let storePort: Int

    /// Starts everything, runs `body`, and leaves nothing behind.
    static func with(_ body: @Sendable (Rig) async throws -> Void) async throws {
        let rig = try Rig()
        defer {
            rig.etcd.signal(SIGCONT)
            rig.etcd.signal(SIGKILL)
            _ = try? rig.etcd.wait()
            try? Files.removeTree(rig.folder)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rig.serve() }
            group.addTask {
                try await rig.waitUntilReady()
                try await body(rig)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// A second server over the same store, started now.
    func again(_ body: @Sendable (Rig) async throws -> Void) async throws {
        let later = Rig(folder: folder, etcd: etcd, port: try freePort(), storePort: storePort)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await later.serve() }
            group.addTask {
                try await later.waitUntilReady()
                try await body(later)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private init(folder: String, etcd: Child, port: Int, storePort: Int) {
        (self.folder, self.etcd, self.port, self.storePort) = (folder, etcd, port, storePort)
    }

    private init() throws {
        folder = "/tmp/drydock-apiserver-test-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        try Files.makeDirectories(folder, mode: 0o700)
        port = try freePort()
        storePort = try freePort()
        let peerPort = try freePort()
        let pki = try capture(
            Rig.programs + "/pki", ["pki", "init", "--dir", folder, "--node", "node-1=127.0.0.1"])
        guard pki.ending.succeeded else { throw SystemError("pki init", .invalid) }
        let (client, peer) = ("http://127.0.0.1:\(storePort)", "http://127.0.0.1:\(peerPort)")
        etcd = try Child.spawn(
            "etcd",
            [
                "etcd", "--data-dir", "\(folder)/etcd", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=\(peer)",
            ])
    }

    private func serve() async throws {
        guard let range = AddressRange("10.96.0.0/16") else { return }
        var logger = Logger(label: "apiserver")
        logger.logLevel = .critical
        let options = APIServer.Options(
            endpoints: ["http://127.0.0.1:\(storePort)"], pki: folder,
            sockets: [.inherited(descriptor: try listeningSocket(port))],
            advertise: ("127.0.0.1", port),
            serviceRange: range)
        try await APIServer(options, watches: Watch(), admission: Admission(), logger: logger).run()
    }

    private func waitUntilReady() async throws {
        for _ in 0..<100 {
            if (try? kubectl("get", "--raw", "/readyz"))?.text == "ok" { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw SystemError("wait for the API server", .tryAgain)
    }

    struct Answer: Sendable {
        var code: Int32
        /// Standard output and standard error, without the last line's end.
        var text: String
    }

    /// The stock kubectl.
    func kubectl(_ arguments: String..., user: String = "admin", input: String = "") throws
        -> Answer
    {
        let result = try capture(
            "kubectl",
            [
                "kubectl", "--kubeconfig", "\(folder)/\(user).kubeconfig",
                "--server", "https://127.0.0.1:\(port)", "--cache-dir", "\(folder)/cache",
            ] + arguments, input: Array(input.utf8))
        var text = String(decoding: result.output + result.errors, as: UTF8.self)
        while text.last == "\n" { text.removeLast() }
        return Answer(code: result.ending.code, text: text)
    }

    /// Where the build put the programs: beside these tests.
    static let programs: String = {
        let here = #filePath.split(separator: "/Tests/")[0]
        let candidates = [
            "\(here)/.build/release", "\(here)/Sources/Cluster/.build/release",
            "\(here)/Sources/Cluster/.build/debug",
        ]
        return candidates.first { Files.exists("\($0)/pki") } ?? candidates[0]
    }()
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
                descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0),
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
            getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), &size)
        }
    }
    return Int(UInt16(bigEndian: address.sin_port))
}
