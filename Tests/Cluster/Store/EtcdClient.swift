import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import SwiftProtobuf

/// What a client asks of a store.
enum EtcdRequest: Sendable {
    case range(Etcdserverpb_RangeRequest)
    case put(Etcdserverpb_PutRequest)
    case delete(Etcdserverpb_DeleteRangeRequest)
    case txn(Etcdserverpb_TxnRequest)
    case compact(Etcdserverpb_CompactionRequest)
    case grant(Etcdserverpb_LeaseGrantRequest)
    case revoke(Etcdserverpb_LeaseRevokeRequest)
    case timeToLive(Etcdserverpb_LeaseTimeToLiveRequest)
    case leases
    case watch(Etcdserverpb_WatchRequest)
}

/// What it was answered, without what must differ from one store to another.
struct EtcdAnswer: Equatable, Sendable {
    var text: String
    var revision: Int64 = 0
}

/// One client of one member: calls, and one stream of watches.
struct EtcdClient: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    private let client: GRPCClient<Transport>
    private let watching: AsyncStream<Etcdserverpb_WatchRequest>.Continuation
    let heard = Heard()

    /// Everything that the watches were told, in the order of each.
    actor Heard {
        private(set) var events: [Int64: [String]] = [:]

        func note(_ answer: Etcdserverpb_WatchResponse) {
            var list = events[answer.watchID] ?? []
            if answer.created { list.append("created \(answer.canceled) \(answer.cancelReason)") }
            list += answer.events.map { $0.textFormatString() }
            if answer.canceled, !answer.created {
                list.append("cancelled at \(answer.compactRevision)")
            }
            events[answer.watchID] = list
        }
    }

    static func with(_ port: Int, _ body: (EtcdClient) async throws -> Void) async throws {
        let transport = try etcdClientTransport(host: "127.0.0.1", port: port)
        let client = GRPCClient(transport: transport)
        let (requests, send) = AsyncStream.makeStream(of: Etcdserverpb_WatchRequest.self)
        let one = EtcdClient(client: client, watching: send)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            group.addTask {
                try? await Etcdserverpb_Watch.Client(wrapping: client).watch { writer in
                    for await request in requests { try await writer.write(request) }
                } onResponse: { response in
                    for try await message in response.messages { await one.heard.note(message) }
                }
            }
            try await body(one)
            send.finish()
            client.beginGracefulShutdown()
            group.cancelAll()
        }
    }

    private init(
        client: GRPCClient<Transport>, watching: AsyncStream<Etcdserverpb_WatchRequest>.Continuation
    ) {
        (self.client, self.watching) = (client, watching)
    }

    /// Whether both have been told the same in the end.
    func hears(the other: EtcdClient, within patience: Duration) async -> Bool {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            if await heard.events == other.heard.events { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    func answer(_ request: EtcdRequest) async throws -> EtcdAnswer {
        do { return try await ask(request) } catch let error as RPCError {
            return EtcdAnswer(text: "\(error.code): \(error.message)")
        }
    }

    private func ask(_ request: EtcdRequest) async throws -> EtcdAnswer {
        let kv = Etcdserverpb_KV.Client(wrapping: client)
        let lease = Etcdserverpb_Lease.Client(wrapping: client)
        switch request {
        case .range(let message): return try await kv.range(message).plain(asked: message)
        case .put(let message): return try await kv.put(message).plain(\.header)
        case .delete(let message): return try await kv.deleteRange(message).plain(\.header)
        case .txn(let message): return try await kv.txn(message).plain(\.header)
        case .compact(let message): return try await kv.compact(message).plain(\.header)
        case .grant(let message): return try await lease.leaseGrant(message).plain(\.header)
        case .revoke(let message): return try await lease.leaseRevoke(message).plain(\.header)
        case .timeToLive(let message):
            var answer = try await lease.leaseTimeToLive(message)
            if answer.ttl > 0 { answer.ttl = 1 }
            answer.keys.sort { $0.lexicographicallyPrecedes($1) }
            return answer.plain(\.header)
        case .leases:
            var answer = try await lease.leaseLeases(.init())
            answer.leases.sort { $0.id < $1.id }
            return answer.plain(\.header)
        case .watch(let message):
            watching.yield(message)
            // A watch of the past is told it within this time, by etcd too: a compaction does not come between.
            try await Task.sleep(for: .milliseconds(250))
            return EtcdAnswer(text: "sent")
        }
    }
}

extension Message {
    /// As text, without who answered.
    fileprivate func plain(
        _ header: WritableKeyPath<Self, Etcdserverpb_ResponseHeader>
    ) -> EtcdAnswer {
        var copy = self
        let revision = copy[keyPath: header].revision
        copy[keyPath: header] = .init()
        copy[keyPath: header].revision = revision
        return EtcdAnswer(text: copy.textFormatString(), revision: revision)
    }
}

extension Etcdserverpb_RangeResponse {
    /// etcd sorts without keeping the order of equals: those are put in the order of their keys.
    fileprivate func plain(asked request: Etcdserverpb_RangeRequest) -> EtcdAnswer {
        guard request.sortTarget != .key, !request.keysOnly || request.sortTarget != .value else {
            return plain(\.header)
        }
        func rank(_ kv: Mvccpb_KeyValue) -> [UInt8] {
            switch request.sortTarget {
            case .version: withUnsafeBytes(of: kv.version.bigEndian) { Array($0) }
            case .create: withUnsafeBytes(of: kv.createRevision.bigEndian) { Array($0) }
            case .mod: withUnsafeBytes(of: kv.modRevision.bigEndian) { Array($0) }
            default: Array(kv.value)
            }
        }
        var copy = self
        copy.kvs = []
        var ranks: [[UInt8]] = []
        for kv in kvs {
            let rank = rank(kv)
            if ranks.last != rank { ranks.append(rank) }
        }
        copy.kvs = ranks.flatMap { wanted in
            kvs.filter { rank($0) == wanted }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        }
        return copy.plain(\.header)
    }
}
