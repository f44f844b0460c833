import Launcher
import Linux

/// Durable puts a second of three members, ours and etcd's, on the same disk, turn by turn.
struct StoreBench {
    let layout: Layout
    let terminal: Terminal
    /// A client alone asks one member, and a follower has to pass on what the leader does at once. So each member is
    /// asked twice, in both stores.
    static let rounds = 6
    static let seconds = 3
    static let clients = [1, 64]

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    func figures() throws -> [Figure] {
        let folder = "\(layout.state)/store-bench"
        try Files.removeTree(folder)
        defer { try? Files.removeTree(folder) }
        let ours = try Members(folder: "\(folder)/ours", basePort: 23_100) { members, id in
            let all = (1...3).map {
                "\($0)=\(members.peer($0))=http://\(members.client($0))"
            }
            return (
                layout.clusterProgram("raft"),
                [
                    "serve", "--id", "\(id)", "--data", "\(members.folder)/\(id)",
                    "--client", members.client(id), "--peer", members.peer(id),
                    "--cluster", all.joined(separator: ","),
                ]
            )
        }
        defer { ours.end() }
        let etcd = try Members(folder: "\(folder)/etcd", basePort: 23_200) { members, id in
            let all = (1...3).map { "m\($0)=http://\(members.peer($0))" }
            return (
                which("etcd") ?? "etcd",
                [
                    "--name", "m\(id)", "--data-dir", "\(members.folder)/\(id)",
                    "--listen-client-urls", "http://\(members.client(id))",
                    "--advertise-client-urls", "http://\(members.client(id))",
                    "--listen-peer-urls", "http://\(members.peer(id))",
                    "--initial-advertise-peer-urls", "http://\(members.peer(id))",
                    "--initial-cluster", all.joined(separator: ","),
                ]
            )
        }
        defer { etcd.end() }
        for members in [ours, etcd] { try waitUntilServing(members) }
        return try Self.clients.map { try compare(ours, etcd, clients: $0) }
    }

    private struct Puts {
        var ours: [Int] = []
        var etcd: [Int] = []
    }

    private func compare(_ ours: Members, _ etcd: Members, clients: Int) throws -> Figure {
        var puts = Puts()
        for round in 1...Self.rounds {
            terminal.progress("store, \(clients) clients, round \(round) of \(Self.rounds)")
            for (members, list) in [(ours, \Puts.ours), (etcd, \Puts.etcd)] {
                puts[keyPath: list].append(
                    try putsPerSecond(
                        members, clients: clients, seconds: Self.seconds, first: round % 3))
            }
        }
        let (own, others) = (puts.ours.median, puts.etcd.median)
        return Figure(
            name: "store: durable puts, 3 members, \(clients) client\(clients == 1 ? "" : "s")",
            goal: "1 x etcd 3.4", measured: "\(own) /s, median of \(Self.rounds)",
            peer: "etcd \(others) /s", ratio: "\(rounded(Double(own) / Double(others))) x")
    }

    /// `raft bench` is one client program for both. It says `64 clients: 3000 puts/s, …`.
    /// - Parameter first: the member that the first client asks, counted from 0.
    private func putsPerSecond(
        _ members: Members, clients: Int, seconds: Int, first: Int = 0
    ) throws -> Int {
        let raft = layout.clusterProgram("raft")
        let result = try capture(
            raft,
            [
                raft, "bench", "--endpoints", members.endpoints(first: first), "--clients",
                "\(clients)",
                "--seconds", "\(seconds)",
            ])
        let words = String(decoding: result.output, as: UTF8.self).split(separator: " ")
        guard result.ending.succeeded, let unit = words.firstIndex(of: "puts/s,"), unit > 0,
            let puts = Int(words[unit - 1])
        else {
            throw LauncherError(
                "raft bench: " + String(decoding: result.output + result.errors, as: UTF8.self))
        }
        return puts
    }

    private func waitUntilServing(_ members: Members) throws {
        let end = Clock.monotonicMilliseconds() + 15_000
        while true {
            do {
                _ = try putsPerSecond(members, clients: 3, seconds: 1)
                return
            } catch {
                guard Clock.monotonicMilliseconds() < end else { throw error }
                usleep(200_000)
            }
        }
    }
}

/// Three processes on the host's loopback.
private final class Members {
    let folder: String
    private let basePort: Int
    private var children: [Child] = []

    /// - Parameter command: the program of member `id`, and its arguments.
    init(
        folder: String, basePort: Int, _ command: (Members, Int) -> (String, [String])
    ) throws {
        (self.folder, self.basePort) = (folder, basePort)
        try Files.makeDirectories(folder)
        for id in 1...3 {
            let (program, arguments) = command(self, id)
            let log = try FileDescriptor.open(
                "\(folder)/\(id).log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
            children.append(
                try Child.spawn(
                    program, [program] + arguments, descriptors: [1: log.raw, 2: log.raw]))
        }
    }

    func client(_ id: Int) -> String { "127.0.0.1:\(basePort + id * 2)" }
    func peer(_ id: Int) -> String { "127.0.0.1:\(basePort + id * 2 + 1)" }
    /// All members, beginning with this one, counted from 0.
    func endpoints(first: Int) -> String {
        (0..<3).map { client(($0 + first) % 3 + 1) }.joined(separator: ",")
    }

    func end() {
        for child in children {
            child.signal(SIGKILL)
            _ = try? child.wait()
        }
    }
}
