/// Linearizable reads that wait: first for the leader's word on the index, then for that index to be applied.
///
/// One question to the leader is under way at a time; reads that come meanwhile share the next one. Questions are
/// numbered from a random number on, another in each life of the member: an answer that was on its way to a former
/// life says nothing about what was asked in this one.
public struct ReadBarrier<Reader: Sendable>: Sendable {
    private struct Waiting {
        var deadline: Int
        var reader: Reader
    }

    private var context: Int
    private var askedAt: Int?
    private var asking: [Waiting] = []
    private var next: [Waiting] = []
    private var confirmed: [(index: Int, readers: [Waiting])] = []

    /// - Parameter incarnation: random, of this life of the member.
    public init(incarnation: Int) { context = incarnation }

    public var isEmpty: Bool {
        asking.isEmpty && next.isEmpty && confirmed.allSatisfy(\.readers.isEmpty)
    }

    public mutating func add(_ reader: Reader, deadline: Int) {
        next.append(Waiting(deadline: deadline, reader: reader))
    }

    /// The number of a question to be asked now, if there is one.
    public mutating func question(now: Int, retryMilliseconds: Int) -> Int? {
        guard hasQuestion(now: now, retryMilliseconds) else { return nil }
        asking += next
        next = []
        askedAt = now
        context &+= 1
        return context
    }

    func hasQuestion(now: Int, _ retryMilliseconds: Int) -> Bool {
        askedAt.map { now - $0 >= retryMilliseconds } ?? !next.isEmpty
    }

    public mutating func refused(_ context: Int) {
        if context == self.context { retry() }
    }

    /// The next `question` asks again at once.
    public mutating func retry() {
        if askedAt != nil { askedAt = Int.min / 2 }
    }

    public mutating func confirmed(_ context: Int, index: Int) {
        guard context == self.context, askedAt != nil else { return }
        confirmed.append((index, asking))
        asking = []
        askedAt = nil
    }

    /// Readers whose index is applied.
    public mutating func ready(appliedIndex: Int) -> [Reader] {
        let ready = confirmed.filter { $0.index <= appliedIndex }.flatMap(\.readers)
        confirmed.removeAll { $0.index <= appliedIndex }
        return ready.map(\.reader)
    }

    public mutating func takeExpired(now: Int) -> [Reader] {
        var expired: [Waiting] = []
        func sift(_ readers: inout [Waiting]) {
            expired += readers.filter { $0.deadline <= now }
            readers.removeAll { $0.deadline <= now }
        }
        sift(&asking)
        sift(&next)
        for place in confirmed.indices { sift(&confirmed[place].readers) }
        if asking.isEmpty, next.isEmpty { askedAt = nil }
        return expired.map(\.reader)
    }
}
