import JSON
import Linux
import PartPipe

/// Three members of the store as real processes that ask the student's part, in a folder of their own; gone when
/// the check is.
final class RaftProcesses {
    private let program: String
    private let part: String
    private let folder: String
    private let clientPorts: [Int]
    private let peerPorts: [Int]
    private var members: [Int: Child] = [:]

    init(program: String, part: String) throws {
        (self.program, self.part) = (program, part)
        folder = "/tmp/drydock-check-06-\(getpid())"
        let ports = try freePorts(6)
        (clientPorts, peerPorts) = (Array(ports[..<3]), Array(ports[3...]))
        try Files.makeDirectories(folder, mode: 0o700)
        for id in 1...3 { try start(id) }
    }

    deinit {
        for id in members.keys { kill(id) }
        try? Files.removeTree(folder)
    }

    func start(_ id: Int) throws {
        let log = try FileDescriptor.open("\(folder)/log-\(id)", O_WRONLY | O_CREAT | O_APPEND)
        let cluster = (1...3).map {
            "\($0)=127.0.0.1:\(peerPorts[$0 - 1])=http://127.0.0.1:\(clientPorts[$0 - 1])"
        }
        // Should the check itself be killed, the kernel ends the members.
        members[id] = try Child.spawn(
            "setpriv",
            [
                "setpriv", "--pdeathsig", "KILL", program, "serve", "--id", "\(id)",
                "--data", "\(folder)/\(id)", "--client", "127.0.0.1:\(clientPorts[id - 1])",
                "--peer", "127.0.0.1:\(peerPorts[id - 1])",
                "--cluster", cluster.joined(separator: ","),
            ],
            environment: [
                "DRYDOCK_PART_06=\(part)", "PATH=\(environmentVariable("PATH") ?? "/usr/bin:/bin")",
            ],
            descriptors: [1: log.raw, 2: log.raw])
    }

    /// SIGKILL.
    func kill(_ id: Int) {
        guard let member = members.removeValue(forKey: id) else { return }
        member.signal(SIGKILL)
        _ = try? member.wait()
    }

    func signal(_ id: Int, _ number: Int32) { members[id]?.signal(number) }

    /// Who leads, as the members tell; nil while nobody does within the time.
    func leader(otherThan former: Int? = nil, withinSeconds seconds: Int = 10) throws -> Int? {
        let end = Clock.monotonicMilliseconds() + 1000 * seconds
        // A member that stands still answers nothing, and asking it takes a second.
        let asked = (1...3).filter { $0 != former }.map { "127.0.0.1:\(clientPorts[$0 - 1])" }
        while Clock.monotonicMilliseconds() < end {
            let said = try capture(
                program,
                ["raft", "status", "--format", "json", "--endpoints", asked.joined(separator: ",")])
            let leader = try? JSON(parsing: said.output)["leader"]?.int
            if let leader, leader != 0, leader != former { return leader }
            usleep(100_000)
        }
        return nil
    }

    /// Puts a value, again and again until it is confirmed or the time is over.
    func put(_ key: String, _ value: String, withinSeconds seconds: Int = 10) throws -> Bool {
        let end = Clock.monotonicMilliseconds() + 1000 * seconds
        while Clock.monotonicMilliseconds() < end {
            if try etcdctl(["put", key, value], at: Array(1...3)) == "OK" { return true }
            usleep(100_000)
        }
        return false
    }

    /// A linearizable read through one member; nil where it gives none within the time.
    func get(_ key: String, through id: Int, withinSeconds seconds: Int = 10) throws -> String? {
        let end = Clock.monotonicMilliseconds() + 1000 * seconds
        while Clock.monotonicMilliseconds() < end {
            let answer = try etcdctl(["get", key, "--print-value-only"], at: [id])
            if let answer { return answer }
            usleep(100_000)
        }
        return nil
    }

    /// The last that a member said on its standard error.
    func lastWords(of id: Int) -> String {
        let text = (try? Files.readText("\(folder)/log-\(id)")) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "nothing"
    }

    /// What etcdctl prints; nil where it fails.
    private func etcdctl(_ arguments: [String], at ids: [Int]) throws -> String? {
        let endpoints = ids.map { "127.0.0.1:\(clientPorts[$0 - 1])" }.joined(separator: ",")
        let result = try capture(
            "env",
            [
                "env", "ETCDCTL_API=3", "etcdctl", "--command-timeout=2s", "--endpoints", endpoints,
            ]
                + arguments)
        guard result.ending.succeeded else { return nil }
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").first
            .map(String.init) ?? ""
    }
}

/// Ports of 127.0.0.1 that were free a moment ago, all different.
private func freePorts(_ count: Int) throws -> [Int] {
    let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
    defer { for socket in sockets { close(socket) } }
    return try sockets.map { socket in
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            try check("bind") { bind(socket, pointer, length) }
            try check("getsockname") { getsockname(socket, pointer, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
