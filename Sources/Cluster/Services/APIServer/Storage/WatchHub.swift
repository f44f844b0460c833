import EtcdAPI
import Foundation
import GRPCCore
import Linux
import Logging

/// Keeps the `WatchCache` in step with the store, and lets requests wait until it is far enough.
final class WatchHub: Sendable {
    let store: EtcdStore
    private let logger: Logger
    private let lock = Lock()
    nonisolated(unsafe) private var cache = WatchCache()  // guarded by `lock`
    nonisolated(unsafe) private var waiting: [Int: Waiting] = [:]
    nonisolated(unsafe) private var nextWaiting = 0
    /// Ends the watch that is being followed, so that another member is asked.
    nonisolated(unsafe) private var kick: AsyncStream<Void>.Continuation?

    private struct Waiting {
        var revision: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// Everything in the store, whatever its prefix: so the cache's revision keeps up with the
    /// store's own.
    static let everything = (key: Data([0]), end: Data([0]))
    static let bookmarkSeconds = 30
    /// The store keeps at least this much of its history, and at most twice as much.
    static let compactionSeconds = 300

    init(store: EtcdStore, logger: Logger) {
        (self.store, self.logger) = (store, logger)
    }

    func read<Result>(_ body: (WatchCache) throws -> Result) rethrows -> Result {
        try lock.hold { try body(cache) }
    }
    func change<Result>(_ body: (inout WatchCache) throws -> Result) rethrows -> Result {
        try lock.hold { try body(&cache) }
    }

    /// Waits until the cache has seen `revision`.
    /// - Returns: false where it has not come so far within the time.
    func wait(for revision: Int, milliseconds: Int = 3000) async -> Bool {
        if read({ $0.revision >= revision }) { return true }
        let id = lock.hold {
            nextWaiting += 1
            return nextWaiting
        }
        let timer = Task {
            try await Task.sleep(for: .milliseconds(milliseconds))
            finishWaiting(id, reached: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let there = lock.hold {
                if cache.revision >= revision { return true }
                waiting[id] = Waiting(revision: revision, continuation: continuation)
                return false
            }
            if there { continuation.resume(returning: true) }
        }
    }

    private func finishWaiting(_ id: Int, reached: Bool) {
        let found = lock.hold { waiting.removeValue(forKey: id) }
        found?.continuation.resume(returning: reached)
    }

    private func wakeWaiting() {
        let ready = lock.hold { () -> [Waiting] in
            let ready = waiting.filter { $0.value.revision <= cache.revision }
            for id in ready.keys { waiting[id] = nil }
            return Array(ready.values)
        }
        for one in ready { one.continuation.resume(returning: true) }
    }

    // MARK: Following the store

    /// Loads everything. Called once before the server listens, and again when the history was
    /// compacted away.
    func load() async throws {
        var items: [Stored] = []
        var page = try await store.page(prefix: "/registry/", limit: 500)
        let revision = page.revision
        items += page.items
        while page.more, let last = page.items.last {
            page = try await store.page(
                prefix: "/registry/", from: last.key + "\0", limit: 500, revision: revision)
            items += page.items
        }
        change { $0.load(items, revision: revision) }
        wakeWaiting()
        logger.info("store: \(items.count) objects at revision \(revision)")
    }

    /// Follows the store until the task is cancelled; goes on with another member when one fails.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.tick() }
            group.addTask { try await self.followForever() }
        }
    }

    private func followForever() async throws {
        var failures = 0
        while true {
            try Task.checkCancellation()
            let member = store.preferredMember
            let start = Clock.monotonicMilliseconds()
            do {
                if try await follow(member) == .compacted { try await load() }
            } catch {
                try Task.checkCancellation()
                store.avoid(member)
                // A store without a quorum fails many times a second: one line a round says enough.
                if failures % (4 * store.members.count) == 0 {
                    logger.warning(
                        "store \(member.address): watch ended (\(error)); trying the next member")
                }
            }
            failures = Clock.monotonicMilliseconds() - start > 5000 ? 0 : failures + 1
            try await Task.sleep(for: .milliseconds(min(500, 20 * failures)))
        }
    }

    private enum Ending { case ended, compacted }

    private struct Kicked: Error, CustomStringConvertible {
        var description: String { "it fell behind the other members" }
    }

    private func follow(_ member: EtcdStore.Member) async throws -> Ending {
        // A stream of its own each time: one that was waited for in a task that was cancelled is
        // finished.
        let (kicks, kick) = AsyncStream<Void>.makeStream()
        lock.hold { self.kick = kick }
        return try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { try await self.receive(member) }
            group.addTask {
                for await _ in kicks { throw Kicked() }
                return .ended
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .ended
        }
    }

    private func receive(_ member: EtcdStore.Member) async throws -> Ending {
        var create = Etcdserverpb_WatchRequest()
        create.createRequest.key = Self.everything.key
        create.createRequest.rangeEnd = Self.everything.end
        create.createRequest.startRevision = Int64(read { $0.revision } + 1)
        create.createRequest.progressNotify = true
        let request = create
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = 1 << 30
        return try await member.watch.watch(
            metadata: ["hasleader": "true"], options: options
        ) { writer in
            try await writer.write(request)
            // The stream lives as long as its sending side is open.
            while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
        } onResponse: { response in
            for try await message in response.messages {
                if message.canceled { return message.compactRevision > 0 ? .compacted : .ended }
                self.take(message)
            }
            return .ended
        }
    }

    private func take(_ message: Etcdserverpb_WatchResponse) {
        change { cache in
            for event in message.events {
                cache.apply(
                    key: String(decoding: event.kv.key, as: UTF8.self),
                    value: event.type == .delete ? nil : Array(event.kv.value),
                    revision: Int(event.kv.modRevision))
            }
            // An answer without events says how far the watch has come. One that announces the
            // watch does not.
            if message.events.isEmpty, !message.created {
                cache.advance(to: Int(message.header.revision))
            }
        }
        wakeWaiting()
    }

    // MARK: Time

    private func tick() async throws {
        var seconds = 0
        var compactNext = 0
        while true {
            try await Task.sleep(for: .seconds(1))
            seconds += 1
            change {
                $0.tick(
                    nowMilliseconds: Clock.monotonicMilliseconds(),
                    sendBookmarks: seconds % Self.bookmarkSeconds == 0)
            }
            if seconds % 5 == 0 { try await checkThatTheWatchKeepsUp() }
            if seconds % Self.compactionSeconds == 0 {
                await compact(before: compactNext)
                compactNext = read { $0.revision }
            }
        }
    }

    private func compact(before revision: Int) async {
        guard revision > 0 else { return }
        do { try await store.compact(revision) } catch {
            logger.warning("store: compaction at revision \(revision) failed: \(error)")
        }
    }

    /// A member that was cut off from the others may keep its connection and say nothing for ever.
    private func checkThatTheWatchKeepsUp() async throws {
        do {
            let revision = try await store.currentRevision()
            if await !wait(for: revision) { lock.hold { kick }?.yield() }
        } catch let error as StoreError {
            logger.warning("store: \(error.status.message)")
        }
    }
}
