import EtcdAPI
import Revisions

/// All watches of this member's clients.
///
/// Nothing is queued for them: every watch knows the first revision that it has not been told, and the history is there
/// to be read. A stream takes a batch, sends it, and takes the next one, so a client that doesn't read holds one batch
/// and no more, however much is written meanwhile. What it has missed by then is in the history, unless that was
/// compacted; then its watch is cancelled, and told where the past begins. That is etcd's way too.
struct WatchHub {
    /// A stream's batch ends with the event that makes it larger than this.
    static let batchBytesMax = 1 << 20
    /// So many changes are looked at for one batch, so that the member's other work is not held up.
    static let changesMax = 20_000
    /// Answers to requests that a client may leave unread before no more of its requests are.
    static let repliesMax = 64

    typealias Answers = [Etcdserverpb_WatchResponse]

    /// A client's stream, on which any number of watches answer.
    struct Stream {
        var watches: [Int64: Watch] = [:]
        /// Watches whose past was compacted. As with etcd their numbers are theirs until the client cancels them.
        var overtaken: Set<Int64> = []
        var nextID: Int64 = 0
        /// Answers to requests, and what was set aside; they go before further events.
        var replies: Answers = []
        var isSetAside = false
        /// Questions of how far the stream is, to be answered when all of it has been told.
        var progressWanted = 0
        /// The stream's writer, where there is nothing to be sent; nil ends it.
        var writer: CheckedContinuation<Answers?, Never>?
        /// The stream's reader, where too many replies wait.
        var reader: CheckedContinuation<Void, Never>?
    }

    private var streams: [Int: Stream] = [:]
    private var nextStream = 1

    mutating func open() -> Int {
        defer { nextStream += 1 }
        streams[nextStream] = Stream()
        return nextStream
    }

    mutating func close(_ stream: Int) {
        guard let closed = streams.removeValue(forKey: stream) else { return }
        closed.writer?.resume(returning: nil)
        closed.reader?.resume()
    }

    mutating func closeAll() {
        for stream in streams.keys.sorted() { close(stream) }
    }

    // MARK: What is to be sent

    /// Gives a stream's writer its next batch, once there is one; nil once the stream is closed.
    mutating func next(
        on stream: Int, keyspace: Keyspace, header: Etcdserverpb_ResponseHeader,
        for writer: CheckedContinuation<Answers?, Never>
    ) {
        guard streams[stream] != nil else { return writer.resume(returning: nil) }
        streams[stream]!.writer = writer
        serve(stream, keyspace, header)
    }

    /// Something has changed: whoever waits for it is told.
    mutating func tell(_ keyspace: Keyspace, header: Etcdserverpb_ResponseHeader) {
        for stream in streams.keys where streams[stream]!.writer != nil {
            serve(stream, keyspace, header)
        }
    }

    private mutating func serve(
        _ stream: Int, _ keyspace: Keyspace, _ header: Etcdserverpb_ResponseHeader
    ) {
        guard let writer = streams[stream]?.writer else { return }
        let (answers, isLevel) = streams[stream]!.take(keyspace, header: header)
        // An empty batch makes the writer come again: there is more history to look through.
        guard !answers.isEmpty || !isLevel else { return }
        streams[stream]!.writer = nil
        streams[stream]!.isSetAside = false
        streams[stream]!.reader?.resume()
        streams[stream]!.reader = nil
        writer.resume(returning: answers)
    }

    /// The past is about to go: each stream that is just sending a batch gets its next one set aside, so that only
    /// a client that really doesn't read loses its watches.
    mutating func setAside(_ keyspace: Keyspace, header: Etcdserverpb_ResponseHeader) {
        for stream in streams.keys where !streams[stream]!.isSetAside {
            streams[stream]!.replies = streams[stream]!.take(keyspace, header: header).answers
            streams[stream]!.isSetAside = true
        }
    }

    /// For those who asked: how far they are, though nothing happened. Who has a batch to read yet hears from that.
    mutating func tellProgress(_ keyspace: Keyspace, header: Etcdserverpb_ResponseHeader) {
        for stream in streams.keys where streams[stream]!.writer != nil {
            for (id, watch) in streams[stream]!.watches where watch.wantsProgress {
                streams[stream]!.replies.append(.progress(id, header))
            }
            serve(stream, keyspace, header)
        }
    }

    // MARK: What clients ask

    mutating func handle(
        _ request: Etcdserverpb_WatchRequest, on stream: Int, keyspace: Keyspace,
        header: Etcdserverpb_ResponseHeader
    ) {
        guard streams[stream] != nil else { return }
        switch request.requestUnion {
        case .createRequest(let create): streams[stream]!.create(create, keyspace, header)
        case .cancelRequest(let cancel): streams[stream]!.cancel(cancel.watchID, header)
        case .progressRequest: streams[stream]!.progressWanted += 1
        case nil: break
        }
        serve(stream, keyspace, header)
    }

    /// Lets a stream's reader go on, now or when the client has read what it was answered.
    mutating func whenReadable(_ stream: Int, _ reader: CheckedContinuation<Void, Never>) {
        guard let open = streams[stream],
            open.replies.count + open.progressWanted >= Self.repliesMax
        else { return reader.resume() }
        streams[stream]!.reader = reader
    }
}

extension WatchHub.Stream {
    mutating func create(
        _ request: Etcdserverpb_WatchCreateRequest, _ keyspace: Keyspace,
        _ header: Etcdserverpb_ResponseHeader
    ) {
        var reply = Etcdserverpb_WatchResponse()
        reply.header = header
        reply.created = true
        defer { replies.append(reply) }
        let watch = WatchHub.Watch(request, keyspace.revision)
        if let refusal = whyRefused(watch, id: request.watchID) {
            reply.watchID = -1
            reply.canceled = true
            reply.cancelReason = refusal
            return
        }
        while isTaken(nextID) { nextID += 1 }
        reply.watchID = request.watchID != 0 ? request.watchID : nextID
        if reply.watchID == nextID { nextID += 1 }
        watches[reply.watchID] = watch
    }

    private func whyRefused(_ watch: WatchHub.Watch, id: Int64) -> String? {
        if watch.range.isEmpty { return "mvcc: watcher range is empty" }
        return id != 0 && isTaken(id)
            ? "mvcc: duplicate watch ID provided on the WatchStream" : nil
    }

    private func isTaken(_ id: Int64) -> Bool { watches[id] != nil || overtaken.contains(id) }

    mutating func cancel(_ id: Int64, _ header: Etcdserverpb_ResponseHeader) {
        let wasThere = watches.removeValue(forKey: id) != nil || overtaken.remove(id) != nil
        guard wasThere else { return }
        var reply = Etcdserverpb_WatchResponse.progress(id, header)
        reply.canceled = true
        replies.append(reply)
    }

    /// The next batch, and whether nothing is left after it.
    mutating func take(
        _ keyspace: Keyspace, header: Etcdserverpb_ResponseHeader
    ) -> (answers: WatchHub.Answers, isLevel: Bool) {
        var answers = replies
        replies = []
        var budget = WatchHub.Budget()
        // Whoever is furthest behind comes first, so that a busy watch keeps no other one waiting.
        let order = watches.sorted {
            ($0.value.nextRevision, $0.key) < ($1.value.nextRevision, $1.key)
        }
        for id in order.map(\.key) where !budget.isSpent {
            guard watches[id]!.nextRevision >= keyspace.compactRevision else {
                watches[id] = nil
                overtaken.insert(id)
                answers.append(.compacted(id, keyspace.compactRevision, header))
                continue
            }
            let events = watches[id]!.take(keyspace, &budget)
            guard !events.isEmpty else { continue }
            var answer = Etcdserverpb_WatchResponse.progress(id, header)
            answer.events = events
            answers += watches[id]!.inFragments ? answer.fragments : [answer]
        }
        let isLevel = watches.values.allSatisfy { $0.nextRevision > keyspace.revision }
        if isLevel {
            // Everything up to the header's revision has been told on this stream.
            answers += (0..<progressWanted).map { _ in .progress(-1, header) }
            progressWanted = 0
        }
        return (answers, isLevel)
    }
}

extension Etcdserverpb_WatchResponse {
    /// That a watch has been told everything up to the header's revision.
    static func progress(_ id: Int64, _ header: Etcdserverpb_ResponseHeader) -> Self {
        var response = Self()
        response.header = header
        response.watchID = id
        return response
    }

    /// The last word on a watch whose past is gone. As with etcd it is told where the past begins, and nothing
    /// else: neither a revision that would say how far it has been told, nor a reason in words.
    static func compacted(
        _ id: Int64, _ compactRevision: Int, _ header: Etcdserverpb_ResponseHeader
    ) -> Self {
        var response = progress(id, header)
        response.header.revision = 0
        response.canceled = true
        response.compactRevision = Int64(compactRevision)
        return response
    }

    /// etcd's largest request and what it allows gRPC on top of it.
    static let fragmentBytes = (3 << 19) + (1 << 19)

    /// The same in pieces that gRPC's clients take with their usual bounds; all but the last say that more comes.
    var fragments: [Self] {
        var pieces: [Self] = []
        var bytes = 0
        for event in events {
            let size = event.approximateBytes
            if pieces.isEmpty || bytes + size >= Self.fragmentBytes {
                var piece = self
                (piece.events, piece.fragment, bytes) = ([], true, 0)
                pieces.append(piece)
            }
            bytes += size
            pieces[pieces.count - 1].events.append(event)
        }
        if !pieces.isEmpty { pieces[pieces.count - 1].fragment = false }
        return pieces
    }
}
