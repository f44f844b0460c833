import ArgumentParser
import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Store

/// Durable puts a second, of any store that speaks etcd's API.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure durable puts a second on a store, ours or etcd.",
        discussion: "Example: raft bench --endpoints 127.0.0.1:2379 --clients 64 --seconds 5")

    @Option(help: "HOST:PORT of the members, separated by commas.") var endpoints: String
    @Option(help: "How many clients put at the same time, each one put after the other.")
    var clients = 1
    @Option(help: "The directory of `pki init`, for members that speak TLS.") var pki: String?
    @Option(help: "How long.") var seconds = 5
    @Option(help: "The value's size.") var valueBytes = 256

    func run() async throws {
        let addresses = try endpoints.split(separator: ",").map {
            guard let address = HostPort(String($0)) else {
                throw ValidationError("--endpoints: \"\($0)\" is not HOST:PORT")
            }
            return address
        }
        try await withThrowingDiscardingTaskGroup { group in
            var connections: [GRPCClient<HTTP2ClientTransport.Posix>] = []
            for address in addresses {
                let client = GRPCClient(
                    transport: try etcdClientTransport(
                        host: address.host, port: address.port,
                        credentials: pki.map(StoreCredentials.init(pki:))))
                group.addTask { try await client.runConnections() }
                connections.append(client)
            }
            let done = try await measure(connections)
            for client in connections { client.beginGracefulShutdown() }
            report(done.times.sorted(), failed: done.failed)
        }
    }

    private struct Done {
        /// Of each put that was acknowledged, in milliseconds.
        var times: [Double] = []
        /// Puts that a store without a leader, or a very slow one, refused.
        var failed = 0
    }

    private func measure(
        _ connections: [GRPCClient<HTTP2ClientTransport.Posix>]
    ) async throws -> Done {
        let value = Data(repeating: 0x78, count: valueBytes)
        let end = ContinuousClock.now + .seconds(seconds)
        return try await withThrowingTaskGroup(of: Done.self) { group in
            for number in 0..<clients {
                let kv = Etcdserverpb_KV.Client(wrapping: connections[number % connections.count])
                group.addTask { try await Self.put(kv, client: number, value: value, until: end) }
            }
            return try await group.reduce(into: Done()) {
                $0.times += $1.times
                $0.failed += $1.failed
            }
        }
    }

    private static func put(
        _ kv: Etcdserverpb_KV.Client<HTTP2ClientTransport.Posix>, client: Int, value: Data,
        until end: ContinuousClock.Instant
    ) async throws -> Done {
        var done = Done()
        var request = Etcdserverpb_PutRequest()
        request.value = value
        while ContinuousClock.now < end {
            request.key = Data("bench/\(client)/\(done.times.count)".utf8)
            let start = ContinuousClock.now
            do {
                _ = try await kv.put(request)
                done.times.append((ContinuousClock.now - start) / .milliseconds(1))
            } catch let error as RPCError where error.code == .unavailable {
                done.failed += 1
                if done.times.isEmpty { throw error }  // there is no store at all
            }
        }
        return done
    }

    private func report(_ times: [Double], failed: Int) {
        guard !times.isEmpty else { return print("no put was answered") }
        func at(_ share: Double) -> String {
            String(format: "%.2f", times[min(times.count - 1, Int(Double(times.count) * share))])
        }
        print(
            "\(clients) clients: \(times.count / seconds) puts/s, ms: median \(at(0.5)), "
                + "90 % \(at(0.9)), 99 % \(at(0.99)), longest \(at(1))"
                + (failed == 0 ? "" : "; \(failed) failed"))
    }
}
