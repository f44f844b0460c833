import ArgumentParser
import ContractRaft
import Dispatch
import EtcdAPI
import Foundation
import Logging
import PartPipe
import SolutionRaft
import Store

/// `raft`: the program of lab 06.
@main
struct RaftProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raft", abstract: "A replicated key-value store that speaks etcd's v3 API.",
        discussion: "Example: raft status --endpoints 10.88.0.1:2379,10.88.0.1:2389",
        subcommands: [
            Serve.self, Status.self, Bench.self, Simulate.self, Rebuild.self, Restore.self,
        ])
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one member of the store until SIGTERM.",
        discussion: """
            Example, a store of one member:
              raft serve --id 1 --data /tmp/store --client 127.0.0.1:2379 --peer 127.0.0.1:2380 \\
                --cluster 1=127.0.0.1:2380=http://127.0.0.1:2379
              ETCDCTL_API=3 etcdctl --endpoints 127.0.0.1:2379 put hello world
            """)

    @Option(help: "This member's number in the cluster.") var id: Int
    @Option(help: "The directory for its log and state.") var data: String
    @Option(help: "Where clients connect: HOST:PORT.") var client: String
    @Option(help: "Where the other members connect: HOST:PORT.") var peer: String
    @Option(help: "All members: ID=PEER-HOST:PORT=CLIENT-URL, separated by commas.") var cluster:
        String
    @Option(
        help:
            "The directory of `pki init`: clients and members then speak TLS, and show certificates. Without it: on loopback only."
    )
    var pki: String?
    @Option(
        help:
            "Where /health, /version and /metrics are answered over plain HTTP: HOST:PORT. Without it: nowhere."
    )
    var metrics: String?
    @Option(
        help:
            "How many applied entries the log may hold; what is cut reaches a slow member as a snapshot."
    )
    var logEntriesMax = 10_000
    @Option(help: "How often a watch that asked for it hears how far it is, in seconds.")
    var watchProgressSeconds = 60

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        // SQLite's files, too, are for nobody else to read.
        umask(0o077)
        let log = Logger(label: "raft-\(id)")
        let settings = try settings()
        let rules: any RaftContract
        if let student = StudentPart(lab: "06") {
            log.notice("lab 06, your part: \(student.path)")
            rules = RemoteRaft(asking: student)
        } else {
            rules = Raft()
        }
        let server = StoreServer(settings: settings, rules: rules, log: log)
        try await untilTerminated { try await server.run() }
    }

    private func settings() throws -> StoreSettings {
        let members = try parseMembers(cluster, including: id)
        guard let client = HostPort(client) else {
            throw ValidationError("--client: not HOST:PORT")
        }
        guard let peer = HostPort(peer) else { throw ValidationError("--peer: not HOST:PORT") }
        guard pki != nil || client.isLoopback && peer.isLoopback else {
            throw ValidationError(
                "without --pki anybody who reaches a member may read and write everything: "
                    + "give --pki, or addresses of 127.0.0.1")
        }
        guard logEntriesMax > 1 else { throw ValidationError("--log-entries-max: 2 at least") }
        guard watchProgressSeconds > 0 else {
            throw ValidationError("--watch-progress-seconds: 1 at least")
        }
        var settings = StoreSettings(
            id: id, directory: data, client: client, peer: peer, members: members)
        settings.credentials = pki.map(StoreCredentials.init(pki:))
        settings.health = try metrics.map {
            guard let address = HostPort($0) else {
                throw ValidationError("--metrics: not HOST:PORT")
            }
            return address
        }
        settings.logEntriesMax = logEntriesMax
        settings.watchProgressMilliseconds = watchProgressSeconds * 1000
        return settings
    }
}

/// The members that `--cluster` names, each once, this one among them.
func parseMembers(_ cluster: String, including id: Int) throws -> [StoreSettings.Peer] {
    let members = try cluster.split(separator: ",").map {
        guard let member = StoreSettings.Peer(String($0)) else {
            throw ValidationError("--cluster: \"\($0)\" is not ID=HOST:PORT=URL")
        }
        return member
    }
    guard members.contains(where: { $0.id == id }) else {
        throw ValidationError("--cluster does not name member \(id)")
    }
    guard Set(members.map(\.id)).count == members.count else {
        throw ValidationError("--cluster names a member twice")
    }
    return members
}

/// Runs a service and cancels it on SIGTERM or SIGINT.
func untilTerminated(_ service: @escaping @Sendable () async throws -> Void) async throws {
    let (signals, send) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { send.yield() }
        source.resume()
        return source
    }
    defer { for source in sources { source.cancel() } }
    try await withThrowingTaskGroup { group in
        group.addTask { try await service() }
        group.addTask { for await _ in signals { return } }
        try await group.next()
        group.cancelAll()
        try await group.waitForAll()
    }
}
