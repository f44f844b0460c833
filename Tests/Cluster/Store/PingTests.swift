import EtcdAPI
import Foundation
import GRPCCore
import Linux
import NIOCore
import Testing

@Suite struct PingFilterTests {
    /// A frame of HTTP/2: length, type, flags, stream, payload.
    private func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8])
        -> [UInt8]
    {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream]
            + payload
    }

    @Test(
        "Only PINGs that want an answer are taken out, however the bytes are cut",
        arguments: [0, 24])
    func cuts(preface: Int) throws {
        let ping = frame(6, [1, 2, 3, 4, 5, 6, 7, 8])
        let other: [[UInt8]] = [
            frame(4, [0, 5, 0, 0, 64, 0]), frame(0, stream: 3, ping),
            frame(6, flags: 1, [8, 7, 6, 5, 4, 3, 2, 1]),
            frame(6, [1, 2, 3]), frame(0, flags: 1, stream: 3, []),
            frame(0, stream: 5, Array(repeating: 6, count: 300)),
        ]
        let beginning = Array(repeating: UInt8(6), count: preface)
        let whole = beginning + other.map { $0 + ping }.joined() + ping
        for size in 1...whole.count {
            var filter = PingFilter(preface: preface)
            var passed: [UInt8] = []
            var pings: [UInt64] = []
            for start in stride(from: 0, to: whole.count, by: size) {
                let piece = ByteBuffer(bytes: whole[start..<min(start + size, whole.count)])
                let taken = filter.take(piece)
                passed += Array(taken.passed.readableBytesView)
                pings += taken.pings
            }
            #expect(passed == beginning + other.joined(), "in pieces of \(size)")
            #expect(
                pings == Array(repeating: 0x0102_0304_0506_0708, count: 7), "in pieces of \(size)")
        }
    }
}

@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct PingsOfGoTests {
    /// The local ports of a process's connections to `port`, from /proc.
    private func connections(of process: pid_t, to port: Int) throws -> Set<String> {
        let folder = "/proc/\(process)/fd"
        let sockets = Set(
            try Files.list(folder).compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
            })
        let remote = ":" + String(port, radix: 16, uppercase: true)
        let rows = try Files.readText("/proc/net/tcp").split(separator: "\n").dropFirst().map {
            $0.split(separator: " ")
        }
        return Set(
            rows.filter {
                $0[2].hasSuffix(remote) && $0[3] == "01" && sockets.contains("socket:[\($0[9])]")
            }
            .map { String($0[1]) })
    }

    /// Puts one key after the other, and says through which connections.
    private func put(_ count: Int, into rig: StoreRig) async throws -> Set<String> {
        let client = GRPCClient(
            transport: try etcdClientTransport(host: "127.0.0.1", port: rig.port(1)))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            let kv = Etcdserverpb_KV.Client(wrapping: client)
            var seen: Set<String> = []
            for number in 1...count {
                var put = Etcdserverpb_PutRequest()
                (put.key, put.value) = (Data("w/\(number)".utf8), Data("value".utf8))
                _ = try await kv.put(put)
                if number % 100 == 0 {
                    seen.formUnion(try connections(of: getpid(), to: rig.port(1)))
                }
            }
            client.beginGracefulShutdown()
            return seen
        }
    }

    @Test func `2,000 puts into Debian's etcd go over one connection`() async throws {
        let rig = try StoreRig(.etcd, members: 1)
        #expect(try rig.waitUntilReady())
        #expect(try await put(2000, into: rig).count == 1)
    }

    @Test func `etcdctl watches 1,000 changes of our store over one connection`() async throws {
        let rig = try StoreRig(.ours, members: 1)
        #expect(try rig.waitUntilReady())
        let output = try Linux.Pipe()
        let watcher = try Child.spawn(
            "/usr/bin/env",
            [
                "env", "ETCDCTL_API=3", "etcdctl", "--endpoints", rig.endpoints, "watch",
                "--prefix", "w/",
            ],
            descriptors: [1: output.write.raw])
        defer {
            watcher.signal(SIGTERM)
            _ = try? watcher.wait()
        }
        var before: Set<String> = []
        while before.isEmpty { before = try connections(of: watcher.pid, to: rig.port(1)) }
        usleep(300_000)  // the watch begins a little after the connection, and says nothing of it
        _ = try await put(1000, into: rig)
        var seen = ""
        while !seen.hasSuffix("w/1000\nvalue\n") {
            var some = [UInt8](repeating: 0, count: 4096)
            let count = read(output.read.raw, &some, some.count)
            try #require(count > 0)
            seen += String(decoding: some.prefix(count), as: UTF8.self)
        }
        #expect(seen.split(separator: "\n").count { $0 == "PUT" } == 1000)
        #expect(try connections(of: watcher.pid, to: rig.port(1)) == before)
    }
}
