import ContractWatch
import HTTPServing
import JSON
import Kinds
import Linux

extension API {
    static let watchSecondsMax = 3600

    func watch(_ call: Call) async throws -> Response {
        let selection = try Selection(call)
        let options = try ListOptions(call.query, isWatch: true)
        if options.sendsInitialEvents == true {
            let revision: Int
            if let asked = options.revision {
                revision = asked
            } else {
                revision = try await store.currentRevision()
            }
            if await !hub.wait(for: revision) { throw tooLarge(revision) }
        }
        let feed = try subscribe(call, options)
        call.request.connection.whenClosed { feed.stop() }
        let encoder = WatchEncoder(call: call, selection: selection, watches: watches)
        return Response(
            status: 200,
            headers: [
                ("Content-Type", "application/json"), ("Cache-Control", "no-cache, private"),
            ],
            body: .stream { writer in
                defer { feed.stop() }
                var encoder = encoder
                try await encoder.write(feed.first, markAt: feed.mark, to: writer)
                for await signal in feed.signals { try await encoder.write(signal, to: writer) }
            })
    }

    /// Under one lock: where the watch begins, what it missed, and from now on what comes.
    private func subscribe(_ call: Call, _ options: ListOptions) throws -> Feed {
        let resource = call.kind.storage.plural
        let revision = options.revision
        let (signals, tell) = AsyncStream<WatchCache.Signal>.makeStream(
            bufferingPolicy: .bufferingOldest(4096))
        let wanted = options.timeoutSeconds ?? Self.watchSecondsMax
        let seconds = min(max(0, wanted), Self.watchSecondsMax)
        let watcher = WatchCache.Watcher(
            resource: resource, prefix: call.prefix,
            bookmarks: call.query.flag("allowWatchBookmarks"),
            deadlineMilliseconds: Clock.monotonicMilliseconds() + seconds * 1000, tell: tell)
        return try hub.change { cache in
            let start = try watches.start(
                WatchRequestFacts(
                    revision: revision,
                    sendInitialEvents: options.sendsInitialEvents ?? false,
                    oldest: cache.floor(resource)))
            let first: [WatchCache.Event]
            switch start {
            case .gone:
                throw StatusError.expired(
                    "too old resource version: \(revision ?? 0) (\(cache.floor(resource)))")
            case .resume:
                first = cache.history(resource, prefix: call.prefix, after: revision ?? 0)
            case .snapshot, .snapshotWithMark:
                first = cache.entries(resource, prefix: call.prefix).map {
                    WatchCache.Event(
                        key: $0.key, revision: $0.revision, bytes: $0.bytes, isDeletion: false)
                }
            }
            let id = cache.add(watcher)
            return Feed(
                first: first, mark: start == .snapshotWithMark ? cache.revision : nil,
                signals: signals
            ) { [hub] in
                hub.change { $0.removeWatcher(id) }
                tell.finish()
            }
        }
    }
}

/// What one watch sends: first what it missed, then what comes.
struct Feed: Sendable {
    var first: [WatchCache.Event]
    /// The revision to mark as the end of the initial events; nil where the client wants no mark.
    var mark: Int?
    var signals: AsyncStream<WatchCache.Signal>
    var stop: @Sendable () -> Void
}

/// Turns changes into the lines of a watch: `{"type":"ADDED","object":{…}}`.
struct WatchEncoder: Sendable {
    let call: Call
    let selection: Selection
    let watches: any WatchContract
    /// A table's columns go with the first line only.
    private var sentColumns = false

    init(call: Call, selection: Selection, watches: any WatchContract) {
        (self.call, self.selection, self.watches) = (call, selection, watches)
    }

    mutating func write(_ events: [WatchCache.Event], markAt mark: Int?, to writer: BodyWriter)
        async throws
    {
        var out: [UInt8] = []
        for event in events {
            out += try line(event) ?? []
            if out.count > 1 << 16 {
                try await writer.write(out)
                out = []
            }
        }
        if let mark { out += bookmark(mark, endsInitialEvents: true) }
        if !out.isEmpty { try await writer.write(out) }
    }

    mutating func write(_ signal: WatchCache.Signal, to writer: BodyWriter) async throws {
        switch signal {
        case .event(let event):
            if let line = try line(event) { try await writer.write(line) }
        case .bookmark(let revision):
            try await writer.write(bookmark(revision, endsInitialEvents: false))
        }
    }

    /// Nil where the selectors leave the change out.
    mutating func line(_ event: WatchCache.Event) throws -> [UInt8]? {
        var facts = ChangeFacts(matchedBefore: event.previous != nil, matchesNow: !event.isDeletion)
        var object: JSON?
        if !selection.isEverything {
            let now = try JSON(parsing: event.bytes)
            object = now
            facts.matchesNow = !event.isDeletion && selection.matches(now)
            facts.matchedBefore =
                try event.previous.map { selection.matches(try JSON(parsing: $0)) } ?? false
        }
        guard let type = try watches.told(facts) else { return nil }
        return envelope(type.rawValue, try shown(event, object))
    }

    private mutating func shown(_ event: WatchCache.Event, _ parsed: JSON?) throws -> [UInt8] {
        if call.isPlain { return event.bytes }
        let object = call.kind.fromStorage(try parsed ?? JSON(parsing: event.bytes))
        if call.wantsMetadataOnly { return partialMetadata(object).bytes }
        guard call.wantsTable else { return object.bytes }
        defer { sentColumns = true }
        return try call.table(
            [object], resourceVersion: String(event.revision), withColumns: !sentColumns
        ).bytes
    }

    private func bookmark(_ revision: Int, endsInitialEvents: Bool) -> [UInt8] {
        var metadata: JSON = [
            "resourceVersion": .string(String(revision)), "creationTimestamp": .null,
        ]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        var object: JSON = [
            "kind": .string(call.kind.kind), "apiVersion": .string(call.kind.apiVersion),
            "metadata": metadata,
        ]
        if call.wantsMetadataOnly { object = partialMetadata(object) }
        return envelope("BOOKMARK", object.bytes)
    }

    private func envelope(_ type: String, _ object: [UInt8]) -> [UInt8] {
        var out = Array("{\"type\":\"\(type)\",\"object\":".utf8)
        out.reserveCapacity(out.count + object.count + 2)
        out += object
        out.append(contentsOf: "}\n".utf8)
        return out
    }
}
