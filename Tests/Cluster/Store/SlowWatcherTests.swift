import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Linux
import Testing

/// Watchers that don't read: what they cost, and what they are told when they do.
@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct SlowWatcherTests {
    private static let puts = 80
    private static let watchers = 8
    private static let valueBytes = 500_000

    @Test func `a watcher that doesn't read costs a batch, and is told everything once it reads`()
        async throws
    {
        let alone = try StoreRig(.ours, members: 1)
        let watched = try StoreRig(.ours, members: 1)
        for rig in [alone, watched] { #expect(try rig.waitUntilReady()) }
        let usual = try await growth(of: alone) { try await putAll(to: alone) }
        try await SlowWatchers.with(Self.watchers, at: watched.port(1)) { watchers in
            let grown = try await growth(of: watched) { try await putAll(to: watched) }
            // What gRPC takes ahead for each is 8 MiB; all that they miss would be 40 MB for each.
            #expect(
                grown - usual < Self.watchers * 16 << 20,
                "\(usual) bytes without them, \(grown) with them")
            let told = await watchers.read(count: Self.puts)
            let wanted = (0..<Self.puts).map { "w/\($0)" }
            #expect(told.count == Self.watchers && told.allSatisfy { $0 == wanted })
        }
    }

    @Test
    func `one whose past is compacted meanwhile is cancelled, and told where the past begins`()
        async throws
    {
        let rig = try StoreRig(.ours, members: 1)
        #expect(try rig.waitUntilReady())
        try await SlowWatchers.with(1, at: rig.port(1)) { watchers in
            try await putAll(to: rig)
            let newest = try rig.etcdctl("get", "x", "-w", "json").split(separator: ",").compactMap
            {
                $0.hasPrefix("\"revision\":") ? Int($0.dropFirst(11)) : nil
            }.first
            let revision = try #require(newest)
            _ = try rig.etcdctl("compaction", "\(revision)")
            let told = await watchers.read(count: Self.puts + 1)
            #expect(told[0].last == "compacted \(revision)", "\(told[0].count) answers")
            #expect(told[0].count < Self.puts)
        }
    }

    /// Bytes of resident memory that a member has more after something.
    private func growth(of rig: StoreRig, _ body: () async throws -> Void) async throws -> Int {
        let before = try resident(rig)
        try await body()
        return try resident(rig) - before
    }

    private func resident(_ rig: StoreRig) throws -> Int {
        let pid = try #require(rig.pid(1))
        let status = try Files.readText("/proc/\(pid)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) << 10
    }

    private func putAll(to rig: StoreRig) async throws {
        let transport = try etcdClientTransport(host: "127.0.0.1", port: rig.port(1))
        try await withGRPCClient(transport: transport) { client in
            var put = Etcdserverpb_PutRequest()
            put.value = Data(repeating: 0x78, count: Self.valueBytes)
            for number in 0..<Self.puts {
                put.key = Data("w/\(number)".utf8)
                _ = try await Etcdserverpb_KV.Client(wrapping: client).put(put)
            }
        }
    }
}

/// Watches of everything below w/, each on a connection of its own, whose answers nobody takes until `read`.
actor SlowWatchers {
    private var gates: [AsyncStream<Void>.Continuation] = []
    private var told: [[String]]

    private init(_ count: Int) { told = Array(repeating: [], count: count) }

    static func with(_ count: Int, at port: Int, _ body: (SlowWatchers) async throws -> Void)
        async throws
    {
        let watchers = SlowWatchers(count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                let client = GRPCClient(
                    transport: try etcdClientTransport(host: "127.0.0.1", port: port))
                group.addTask { try await client.runConnections() }
                let (created, isCreated) = AsyncStream.makeStream(of: Void.self)
                group.addTask { try? await watchers.watch(number, client, isCreated) }
                for await _ in created { break }
            }
            try await body(watchers)
            group.cancelAll()
        }
    }

    private func watch(
        _ number: Int, _ client: GRPCClient<HTTP2ClientTransport.Posix>,
        _ created: AsyncStream<Void>.Continuation
    ) async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        gates.append(open)
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = 1 << 30
        try await Etcdserverpb_Watch.Client(wrapping: client).watch(options: options) { writer in
            var request = Etcdserverpb_WatchRequest()
            (request.createRequest.key, request.createRequest.rangeEnd) = (
                Data("w/".utf8), Data("w0".utf8)
            )
            try await writer.write(request)
            // The request stream stays open.
            try await Task.sleep(for: .seconds(1 << 30))
        } onResponse: { response in
            for try await message in response.messages {
                if message.created {
                    created.finish()
                    for await _ in gate { break }
                    continue
                }
                await self.note(number, message)
            }
        }
    }

    private func note(_ number: Int, _ message: Etcdserverpb_WatchResponse) {
        told[number] += message.events.map { String(decoding: $0.kv.key, as: UTF8.self) }
        if message.canceled { told[number].append("compacted \(message.compactRevision)") }
    }

    /// Lets all of them read, until each has been told so much, or nothing more comes.
    func read(count: Int) async -> [[String]] {
        for gate in gates { gate.finish() }
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end,
            told.contains(where: { $0.count < count && $0.last?.hasPrefix("comp") != true })
        {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return told
    }
}
