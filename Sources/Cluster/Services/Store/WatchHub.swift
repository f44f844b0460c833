import EtcdAPI
import Revisions

/// All watches of this member's clients. Every watch has been told everything up to one revision.
struct WatchHub {
    struct Watch {
        var range: KeyRange
        /// Nothing before this revision.
        var firstRevision: Int
        var withPrevious: Bool
        var noPuts: Bool
        var noDeletes: Bool
        var wantsProgress: Bool
    }

    /// A client's stream, on which any number of watches answer.
    struct Stream {
        var send: AsyncStream<Etcdserverpb_WatchResponse>.Continuation
        var watches: [Int64: Watch] = [:]
        var nextID: Int64 = 0
    }

    private var streams: [Int: Stream] = [:]
    private var nextStream = 1
    /// Every watch has been told the changes up to here; nil before the first.
    private var toldRevision: Int?

    var count: Int { streams.values.reduce(0) { $0 + $1.watches.count } }

    mutating func open(_ send: AsyncStream<Etcdserverpb_WatchResponse>.Continuation) -> Int {
        defer { nextStream += 1 }
        streams[nextStream] = Stream(send: send)
        return nextStream
    }

    mutating func close(_ stream: Int) { streams[stream] = nil }

    mutating func closeAll() {
        for stream in streams.values { stream.send.finish() }
        streams = [:]
    }

    mutating func handle(
        _ request: Etcdserverpb_WatchRequest, on stream: Int, keyspace: Keyspace,
        header: Etcdserverpb_ResponseHeader
    ) {
        var response = Etcdserverpb_WatchResponse()
        response.header = header
        switch request.requestUnion {
        case .createRequest(let create):
            self.create(create, on: stream, keyspace: keyspace, header: header)
        case .cancelRequest(let cancel):
            guard streams[stream]?.watches.removeValue(forKey: cancel.watchID) != nil else { return }
            response.watchID = cancel.watchID
            response.canceled = true
            streams[stream]?.send.yield(response)
        case .progressRequest:
            // Everything up to the header's revision has been told on this stream.
            response.watchID = -1
            streams[stream]?.send.yield(response)
        case nil: break
        }
    }

    private mutating func create(
        _ request: Etcdserverpb_WatchCreateRequest, on stream: Int, keyspace: Keyspace,
        header: Etcdserverpb_ResponseHeader
    ) {
        guard var open = streams[stream] else { return }
        tell(keyspace, header: header)
        var response = Etcdserverpb_WatchResponse()
        response.header = header
        if request.watchID != 0, open.watches[request.watchID] != nil {
            response.watchID = -1
            response.created = true
            response.canceled = true
            response.cancelReason = "mvcc: duplicate watch ID provided on the WatchStream"
            open.send.yield(response)
            return
        }
        while open.watches[open.nextID] != nil { open.nextID += 1 }
        let id = request.watchID != 0 ? request.watchID : open.nextID
        if id == open.nextID { open.nextID += 1 }
        let watch = Watch(request, keyspace.revision)
        response.watchID = id
        response.created = true
        open.send.yield(response)
        if watch.firstRevision < keyspace.compactRevision {
            open.send.yield(.compacted(id, keyspace.compactRevision, header))
        } else {
            open.watches[id] = watch
            let past = keyspace.changes[keyspace.firstChange(from: watch.firstRevision)...]
            open.tell(past, of: keyspace, to: id, header: header)
        }
        streams[stream] = open
    }

    /// Tells every watch what has changed since the last time.
    mutating func tell(_ keyspace: Keyspace, header: Etcdserverpb_ResponseHeader) {
        let first = (toldRevision ?? keyspace.revision) + 1
        toldRevision = keyspace.revision
        guard first <= keyspace.revision else { return }
        let isGap = first < keyspace.compactRevision
        let changes = keyspace.changes[keyspace.firstChange(from: first)...]
        for stream in streams.keys {
            for id in streams[stream]!.watches.keys {
                if isGap {
                    streams[stream]!.watches[id] = nil
                    streams[stream]!.send.yield(.compacted(id, keyspace.compactRevision, header))
                } else {
                    streams[stream]!.tell(changes, of: keyspace, to: id, header: header)
                }
            }
        }
    }

    /// For those who asked: how far they are, though nothing happened.
    func tellProgress(header: Etcdserverpb_ResponseHeader) {
        for stream in streams.values {
            for (id, watch) in stream.watches where watch.wantsProgress {
                var response = Etcdserverpb_WatchResponse()
                response.header = header
                response.watchID = id
                stream.send.yield(response)
            }
        }
    }
}

extension WatchHub.Stream {
    func tell(
        _ changes: ArraySlice<Change>, of keyspace: Keyspace, to id: Int64,
        header: Etcdserverpb_ResponseHeader
    ) {
        guard let watch = watches[id] else { return }
        var response = Etcdserverpb_WatchResponse()
        for change in changes where watch.wants(change) {
            response.events.append(
                Mvccpb_Event(keyspace.event(for: change, withPrevious: watch.withPrevious)))
        }
        guard !response.events.isEmpty else { return }
        response.header = header
        response.watchID = id
        send.yield(response)
    }
}

extension WatchHub.Watch {
    init(_ request: Etcdserverpb_WatchCreateRequest, _ revision: Int) {
        let key = request.key.isEmpty ? [0] : Array(request.key)
        range = KeyRange(key: key, rangeEnd: Array(request.rangeEnd))
        firstRevision = request.startRevision > 0 ? Int(request.startRevision) : revision + 1
        withPrevious = request.prevKv
        noPuts = request.filters.contains(.noput)
        noDeletes = request.filters.contains(.nodelete)
        wantsProgress = request.progressNotify
    }

    func wants(_ change: Change) -> Bool {
        change.version.modRevision >= firstRevision && range.contains(change.key)
            && !(change.version.isDeleted ? noDeletes : noPuts)
    }
}

extension Etcdserverpb_WatchResponse {
    /// The last word on a watch whose past is gone. As with etcd it is told where the past begins, and nothing
    /// else: neither a revision that would say how far it has been told, nor a reason in words.
    static func compacted(
        _ id: Int64, _ compactRevision: Int, _ header: Etcdserverpb_ResponseHeader
    ) -> Self {
        var response = Self()
        response.header = header
        response.header.revision = 0
        response.watchID = id
        response.canceled = true
        response.compactRevision = Int64(compactRevision)
        return response
    }
}
