import Consensus
import ContractRaft
import EtcdAPI
import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import NIOPosix

/// A member of the store: Raft and keyspace behind etcd's gRPC API.
public struct StoreServer: Sendable {
    private let settings: StoreSettings
    private let rules: any RaftContract
    private let log: Logger

    public init(settings: StoreSettings, rules: any RaftContract, log: Logger) {
        self.settings = settings
        self.rules = rules
        self.log = log
    }

    /// Serves until the task is cancelled.
    ///
    /// - Throws: `StartError`, or what kept the member from its addresses or its file.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let member = try Member(settings: settings, rules: rules, loop: loop, log: log)
        let contexts = try settings.credentials?.peers()
        let peers = try await loop.submit { [settings, log] in
            Peers(settings: settings, tls: contexts, loop: loop, log: log)
        }.get()
        try await peers.start(for: member)
        let health: HealthServer? =
            if let address = settings.health { try await HealthServer(address, for: member) } else {
                nil
            }
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: settings.client.host, port: settings.client.port),
                transportSecurity: settings.credentials?.server ?? .plaintext,
                config: .defaults {
                    $0.answerPingsOfGo()
                    $0.rpc.maxRequestPayloadSize = 16 << 20
                    $0.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(1)
                    $0.connection.keepalive.clientBehavior.allowWithoutCalls = true
                }, eventLoopGroup: group),
            services: [
                KVService(member: member), WatchService(member: member),
                LeaseService(member: member),
                ClusterService(member: member), MaintenanceService(member: member),
            ])
        do {
            try await withTaskExecutorPreference(LoopTaskExecutor(loop)) {
                try await serve(server, member, peers)
            }
        } catch {
            // Told to stop, the gRPC server throws its own kind of cancellation.
            guard error is CancellationError || Task.isCancelled else { throw error }
        }
        health?.close()
        await peers.close()
        await member.closeDisk()
        // The loop's thread stays until the process ends: late answers of the disk still come to it.
    }

    /// Until one of the three ends.
    private func serve(
        _ server: GRPCServer<some ServerTransport>, _ member: Member, _ peers: Peers
    ) async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await server.serve() }
            tasks.addTask { try await member.run(peers: peers) }
            tasks.addTask {
                let address = try await server.listeningAddress
                log.notice("serving", metadata: ["address": "\(address.map { "\($0)" } ?? "")"])
                try await Task.sleep(for: .seconds(1 << 40))
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}

extension Member {
    /// Gives the office away and tells whoever waits, so that the gRPC server can end its calls.
    func stop() async {
        // A follower that knows at once saves the cluster an election timeout.
        if handOver() { try? await loop.scheduleTask(in: .milliseconds(100)) {}.futureResult.get() }
        isStopping = true
        for writer in replica.takeWriters() { writer.resume(throwing: StoreError.stopped) }
        for reader in replica.takeReaders() { reader.resume(throwing: StoreError.stopped) }
        watches.closeAll()
        log.notice("member stops")
    }

    func closeDisk() { try? disk.close() }
}
