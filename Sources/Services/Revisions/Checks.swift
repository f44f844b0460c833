// What is wrong with a request whatever the store holds. A request that passes here and in `Operations` is done
// as a whole; etcd's order of checks is kept, so that a request with two faults gets the same answer.
extension Request {
    /// - Throws: `RevisionError`.
    public func checkShape() throws {
        try checkShape(operationsMax: Keyspace.operationsMax)
        guard case .txn(let request) = self else { return }
        for branch in [request.success, request.failure] { _ = try Written(by: branch) }
    }

    fileprivate func checkShape(operationsMax: Int) throws {
        switch self {
        case .range(let request): try request.range.checkKey()
        case .delete(let request): try request.range.checkKey()
        case .put(let request):
            if request.key.bytes.isEmpty { throw RevisionError.emptyKey }
            if request.ignoresValue, !request.value.isEmpty { throw RevisionError.valueProvided }
            if request.ignoresLease, request.lease != 0 { throw RevisionError.leaseProvided }
        case .txn(let request): try request.checkShape(operationsMax: operationsMax)
        }
    }
}

extension KeyRange {
    func checkKey() throws {
        if start.bytes.isEmpty { throw RevisionError.emptyKey }
    }
}

extension TxnRequest {
    /// A transaction in a transaction may have as many operations as its outer one has left of its own: with 128 and
    /// three outside, each of them may have 125.
    fileprivate func checkShape(operationsMax: Int) throws {
        let most = max(comparisons.count, max(success.count, failure.count))
        if most > operationsMax { throw RevisionError.tooManyOperations }
        for comparison in comparisons { try comparison.range.checkKey() }
        for operation in success + failure {
            try operation.checkShape(operationsMax: operationsMax - most)
        }
    }
}

/// What one branch of a transaction writes, transactions inside it in either of their branches.
///
/// No key may be put twice, nor put and deleted. Two branches of which only one is taken may name the same key. Of
/// two transactions side by side the second may delete what the first puts: etcd 3.4 takes that, and so does it take
/// a put beside a deletion of everything from a key on.
private struct Written {
    private var puts: Set<Key> = []
    private var deletes = KeyRanges()

    init(by branch: [Request]) throws {
        for case .delete(let request) in branch { deletes.add([request.range]) }
        for case .txn(let inner) in branch {
            let (success, failure) = (
                try Written(by: inner.success), try Written(by: inner.failure)
            )
            for key in success.puts.union(failure.puts) { try put(key) }
            deletes.add(success.deletes.ranges + failure.deletes.ranges)
        }
        for case .put(let request) in branch { try put(request.key) }
    }

    private mutating func put(_ key: Key) throws {
        guard !deletes.contains(key), puts.insert(key).inserted else {
            throw RevisionError.duplicateKey
        }
    }
}

/// Ranges with an end, put together where they overlap, so that a key is looked up in a few steps.
private struct KeyRanges {
    private(set) var ranges: [KeyRange] = []

    mutating func add(_ more: [KeyRange]) {
        let bounded = more.compactMap(\.bounded)
        guard !bounded.isEmpty else { return }
        var joined: [KeyRange] = []
        for range in (ranges + bounded).sorted(by: { $0.start < $1.start }) {
            if let last = joined.last, range.start <= last.end! {
                joined[joined.count - 1].end = max(last.end!, range.end!)
            } else {
                joined.append(range)
            }
        }
        ranges = joined
    }

    func contains(_ key: Key) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].start <= key { low = middle + 1 } else { high = middle }
        }
        return low > 0 && ranges[low - 1].contains(key)
    }
}

extension KeyRange {
    /// With an end: a single key's is the next key there is. nil where the range has none, or holds no key.
    fileprivate var bounded: KeyRange? {
        if isSingle { return KeyRange(key: start.bytes, rangeEnd: start.bytes + [0]) }
        return isEmpty || end == nil ? nil : self
    }
}
