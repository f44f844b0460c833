import EtcdAPI
import Foundation
import GRPCCore
import Linux
import Testing

/// One watch stream and the same steps, to a fresh store of ours and a fresh etcd: what comes is compared.
@Suite(
    .serialized,
    .enabled(if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct WatchConformanceTests {
    enum Step: Sendable {
        case send(Etcdserverpb_WatchRequest)
        case etcdctl([String])
    }

    /// A step, and how many answers have to come before the next one.
    static let script: [(step: Step, answers: Int)] = [
        (watch("x/", prefix: true) { ($0.startRevision, $0.prevKv) = (2, true) }, 2),
        (watch("x/", prefix: true) { $0.filters = [.noput] }, 1),
        (watch("x/", prefix: true) { $0.filters = [.nodelete] }, 1),
        (watch("y"), 1), (.etcdctl(["put", "x/2", "a"]), 2), (.etcdctl(["del", "x/2"]), 2),
        (.etcdctl(["put", "yy", "nobody watches this"]), 0), (.etcdctl(["put", "y", "b"]), 1),
        (.etcdctl(["put", "x/4", "a"]), 2), (.etcdctl(["del", "", "--prefix"]), 3),
        (.etcdctl(["put", "x/3", "a"]), 2),
        (cancel(1), 1), (.etcdctl(["del", "x/3"]), 1), (cancel(99), 0), (progress, 1),
        // A watch of the future hears of nothing before; whose number is taken, or whose past is gone, ends.
        (watch("z") { $0.startRevision = 16 }, 1), (.etcdctl(["put", "z", "too early"]), 0),
        (.etcdctl(["put", "z", "now"]), 1), (watch("z") { $0.watchID = 3 }, 1),
        (.etcdctl(["compaction", "10"]), 0), (watch("x/", prefix: true) { $0.startRevision = 4 }, 2),
        (watch("x/", prefix: true) { $0.startRevision = 10 }, 2), (cancel(0), 1), (cancel(3), 1),
        // A range that can't hold a key, and one of a single key by its two ends.
        (watch("b") { $0.rangeEnd = Data("a".utf8) }, 1), (watch("b") { $0.rangeEnd = Data("b".utf8) }, 1),
        (watch("b") { $0.rangeEnd = Data("b0".utf8) }, 1),
    ]

    @Test func `a stream of watches says the same as etcd's, answer by answer`() async throws {
        let ours = try await heard(from: StoreRig(.ours, members: 1))
        let etcd = try await heard(from: StoreRig(.etcd, members: 1))
        for (place, (mine, theirs)) in zip(ours, etcd).enumerated() {
            #expect(mine == theirs, "step \(place): \(Self.script[place])")
        }
        #expect(ours.count == Self.script.count && etcd.count == Self.script.count)
    }

    @Test func `a watch that wants it is told how far it is though nothing happens`() async throws {
        let rig = try StoreRig(.ours, members: 1, options: ["--watch-progress-seconds", "1"])
        #expect(try rig.waitUntilReady())
        let steps: [(step: Step, answers: Int)] = [
            (Self.watch("x"), 1), (Self.watch("x") { $0.progressNotify = true }, 1),
            (.etcdctl(["get", "x"]), 3),
        ]
        let told = try await talk(with: rig, steps).last ?? []
        #expect(told.count == 3)
        for answer in told {
            #expect(answer.watchID == 1 && answer.events.isEmpty)
            #expect(answer.header.revision >= 2 && answer.header.revision == told[0].header.revision)
        }
    }

    /// What came at each step: in the order of the watches, since one store tells them in any.
    private func heard(from rig: StoreRig) async throws -> [[String]] {
        #expect(try rig.waitUntilReady())
        for step in [["put", "x/1", "a"], ["put", "x/1", "b"], ["put", "y", "c"], ["del", "x/1"]] {
            _ = try rig.etcdctl(arguments: step)
        }
        return try await talk(with: rig, Self.script).map { answers in
            answers.enumerated().sorted {
                ($0.element.watchID, $0.offset) < ($1.element.watchID, $1.offset)
            }.map { Self.text($0.element) }
        }
    }

    private static func text(_ answer: Etcdserverpb_WatchResponse) -> String {
        var answer = answer
        (answer.header.clusterID, answer.header.memberID, answer.header.raftTerm) = (0, 0, 0)
        return answer.textFormatString()
    }

    /// Takes the steps on one stream.
    private func talk(
        with rig: StoreRig, _ script: [(step: Step, answers: Int)]
    ) async throws -> [[Etcdserverpb_WatchResponse]] {
        let client = GRPCClient(transport: try etcdClientTransport(host: "127.0.0.1", port: rig.port(1)))
        let (requests, send) = AsyncStream.makeStream(of: Etcdserverpb_WatchRequest.self)
        let (answers, came) = AsyncStream.makeStream(of: Etcdserverpb_WatchResponse.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            group.addTask {
                defer { came.finish() }
                try await Etcdserverpb_Watch.Client(wrapping: client).watch { writer in
                    for await request in requests { try await writer.write(request) }
                } onResponse: { response in
                    for try await message in response.messages { came.yield(message) }
                }
            }
            // A store that says too little must not hold the test up. Beside tests that keep Swift's few threads busy an
            // answer can take a minute to be looked at.
            group.addTask {
                try await Task.sleep(for: .seconds(300))
                came.finish()
            }
            var heard: [[Etcdserverpb_WatchResponse]] = []
            var messages = answers.makeAsyncIterator()
            for (step, count) in script {
                switch step {
                case .send(let request): send.yield(request)
                case .etcdctl(let arguments): _ = try rig.etcdctl(arguments: arguments)
                }
                heard.append([])
                while heard[heard.count - 1].count < count, let message = await messages.next() {
                    heard[heard.count - 1].append(message)
                }
            }
            send.finish()
            client.beginGracefulShutdown()
            group.cancelAll()
            return heard
        }
    }

    private static func watch(
        _ key: String, prefix: Bool = false,
        _ adjust: (inout Etcdserverpb_WatchCreateRequest) -> Void = { _ in }
    ) -> Step {
        var create = Etcdserverpb_WatchCreateRequest()
        create.key = Data(key.utf8)
        // The first key after all with the prefix: every one here ends in "/", and "0" follows that.
        if prefix { create.rangeEnd = Data((key.dropLast() + "0").utf8) }
        adjust(&create)
        var request = Etcdserverpb_WatchRequest()
        request.createRequest = create
        return .send(request)
    }

    private static func cancel(_ id: Int64) -> Step {
        var request = Etcdserverpb_WatchRequest()
        request.cancelRequest.watchID = id
        return .send(request)
    }

    private static var progress: Step {
        var request = Etcdserverpb_WatchRequest()
        request.progressRequest = .init()
        return .send(request)
    }
}
