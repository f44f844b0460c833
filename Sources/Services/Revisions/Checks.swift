extension Request {
    /// What is wrong with a request whatever the store holds.
    public func checkShape() throws {
        switch self {
        case .range(let request): try request.range.checkKey()
        case .delete(let request): try request.range.checkKey()
        case .put(let request):
            if request.key.bytes.isEmpty { throw RevisionError.emptyKey }
            if request.ignoresValue, !request.value.isEmpty { throw RevisionError.valueProvided }
            if request.ignoresLease, request.lease != 0 { throw RevisionError.leaseProvided }
        case .txn(let request):
            try request.checkShape()
        }
    }

    /// The keys that it puts, and the ranges that it deletes, in whichever branch.
    var written: (puts: [Key], deletes: [KeyRange]) {
        switch self {
        case .range: return ([], [])
        case .put(let request): return ([request.key], [])
        case .delete(let request): return ([], [request.range])
        case .txn(let request):
            let inner = (request.success + request.failure).map(\.written)
            return (inner.flatMap(\.puts), inner.flatMap(\.deletes))
        }
    }
}

extension KeyRange {
    func checkKey() throws {
        if start.bytes.isEmpty { throw RevisionError.emptyKey }
    }
}

extension TxnRequest {
    func checkShape() throws {
        let most = max(comparisons.count, max(success.count, failure.count))
        if most > Keyspace.operationsMax { throw RevisionError.tooManyOperations }
        for comparison in comparisons { try comparison.range.checkKey() }
        for operation in success + failure { try operation.checkShape() }
        for branch in [success, failure] { try checkDuplicates(branch) }
    }

    /// One revision can hold one change of a key.
    private func checkDuplicates(_ branch: [Request]) throws {
        var puts: Set<Key> = []
        var deletes: [KeyRange] = []
        for operation in branch {
            let (newPuts, newDeletes) = operation.written
            for key in Set(newPuts) where !puts.insert(key).inserted { throw RevisionError.duplicateKey }
            deletes += newDeletes
        }
        for range in deletes where puts.contains(where: range.contains) {
            throw RevisionError.duplicateKey
        }
    }
}
