/// Linearizable reads that wait: first for the leader's word on the index, then for that index to be applied.
///
/// One question to the leader is under way at a time; reads that come meanwhile share the next one.
struct ReadBarrier {
    struct Reader {
        var deadline: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private var context = 0
    private var askedAt: Int?
    private var asking: [Reader] = []
    private var next: [Reader] = []
    private var confirmed: [(index: Int, readers: [Reader])] = []

    mutating func add(_ reader: Reader) { next.append(reader) }

    /// The number of a question to be asked now, if there is one.
    mutating func question(now: Int, retryMilliseconds: Int) -> Int? {
        if let askedAt, now - askedAt < retryMilliseconds { return nil }
        if askedAt == nil, next.isEmpty { return nil }
        asking += next
        next = []
        askedAt = now
        context += 1
        return context
    }

    mutating func refused(_ context: Int) {
        if context == self.context { retry() }
    }

    /// The next `question` asks again at once.
    mutating func retry() {
        if askedAt != nil { askedAt = Int.min / 2 }
    }

    mutating func confirmed(_ context: Int, index: Int) {
        guard context == self.context else { return }
        confirmed.append((index, asking))
        asking = []
        askedAt = nil
    }

    /// Readers whose index is applied.
    mutating func ready(appliedIndex: Int) -> [Reader] {
        let ready = confirmed.filter { $0.index <= appliedIndex }.flatMap(\.readers)
        if !ready.isEmpty { confirmed.removeAll { $0.index <= appliedIndex } }
        return ready
    }

    mutating func takeExpired(now: Int) -> [Reader] {
        var expired: [Reader] = []
        func sift(_ readers: inout [Reader]) {
            expired += readers.filter { $0.deadline <= now }
            readers.removeAll { $0.deadline <= now }
        }
        sift(&asking)
        sift(&next)
        for place in confirmed.indices { sift(&confirmed[place].readers) }
        if asking.isEmpty, next.isEmpty { askedAt = nil }
        return expired
    }
}
