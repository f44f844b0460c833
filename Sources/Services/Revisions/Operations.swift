extension Keyspace {
    static let operationsMax = 128

    /// Does one request at one new revision, or refuses it and changes nothing.
    ///
    /// A transaction is first decided: all its comparisons, those of the transactions in it too, see the state before
    /// it. What is left is a list of operations of which each is checked against that state before the first is done.
    public mutating func apply(_ operation: Request) throws -> RequestResult {
        try operation.checkShape()
        let decided = decide(operation)
        try check(decided)
        defer { endRevision() }
        return try perform(decided)
    }

    /// The revision that the request being done sees as its own.
    private var presentRevision: Int { sub > 0 ? revision + 1 : revision }

    private mutating func perform(_ operation: Decided) throws -> RequestResult {
        switch operation {
        case .range(let request):
            return .range(try range(request))
        case .put(let request):
            let previous = put(request)
            return .put(previous: request.wantsPrevious ? previous : nil, revision: presentRevision)
        case .delete(let request):
            let gone = delete(request)
            return .delete(
                count: gone.count, previous: request.wantsPrevious ? gone : [],
                revision: presentRevision)
        case .txn(let succeeded, let operations):
            let results = try operations.map { try perform($0) }
            return .txn(succeeded: succeeded, results: results, revision: presentRevision)
        }
    }

    // MARK: Range

    /// Keys of a range, as they are or were.
    public func range(_ request: RangeRequest) throws -> RangeResponse {
        guard request.revision <= presentRevision else { throw RevisionError.futureRevision }
        if request.revision > 0, request.revision < compactRevision {
            throw RevisionError.compacted
        }
        let at = request.revision > 0 ? request.revision : presentRevision
        var response = RangeResponse(revision: presentRevision)
        // What is beyond the limit need only be counted, where it is known before sorting and filtering. So it is too
        // where a target is named but no order: etcd sorts what is left in the order of the keys.
        let isCutFirst = !request.isFiltered && (request.order == .none || request.isInKeyOrder)
        let collectMax =
            isCutFirst && request.limit > 0 ? min(request.limit, Int.max - 1) + 1 : Int.max
        keys.forEach(in: request.range) { key in
            guard let found = version(of: key, at: at) else { return true }
            response.count += 1
            if !request.countOnly, response.kvs.count < collectMax {
                response.kvs.append(keyValue(key, found))
            }
            return true
        }
        if request.countOnly { return response }
        sift(&response, by: request)
        if request.keysOnly { for place in response.kvs.indices { response.kvs[place].value = [] } }
        return response
    }

    private func sift(_ response: inout RangeResponse, by request: RangeRequest) {
        if request.isFiltered { response.kvs.removeAll { !request.admits($0) } }
        if !request.isInKeyOrder {
            let ascending = response.kvs.sorted { request.precedes($0, $1) }
            response.kvs =
                request.order == .descending ? request.descending(response.kvs) : ascending
        }
        if request.limit > 0, response.kvs.count > request.limit {
            response.more = true
            response.kvs.removeSubrange(request.limit...)
        }
    }

    // MARK: Put and delete

    private mutating func put(_ request: PutRequest) -> KeyValue? {
        let before = version(of: request.key, at: Int.max)
        let main = revision + 1
        note(
            request.key,
            Version(
                createRevision: before?.createRevision ?? main, modRevision: main, sub: sub,
                version: (before?.version ?? 0) + 1,
                value: request.ignoresValue ? before?.value ?? [] : request.value,
                lease: request.ignoresLease ? before?.lease ?? 0 : request.lease, isDeleted: false))
        return before.map { keyValue(request.key, $0) }
    }

    private mutating func delete(_ request: DeleteRequest) -> [KeyValue] {
        var doomed: [Key] = []
        keys.forEach(in: request.range) {
            doomed.append($0)
            return true
        }
        return doomed.compactMap { delete($0) }
    }

    /// Deletes a key, if it exists.
    mutating func delete(_ key: Key) -> KeyValue? {
        guard let before = version(of: key, at: Int.max) else { return nil }
        note(
            key,
            Version(
                createRevision: 0, modRevision: revision + 1, sub: sub, version: 0, value: [],
                lease: 0, isDeleted: true))
        return keyValue(key, before)
    }

    // MARK: Decide and check, before anything changes

    private func decide(_ operation: Request) -> Decided {
        switch operation {
        case .range(let request): return .range(request)
        case .put(let request): return .put(request)
        case .delete(let request): return .delete(request)
        case .txn(let request):
            let succeeded = request.comparisons.allSatisfy(holds)
            let branch = succeeded ? request.success : request.failure
            return .txn(succeeded: succeeded, branch.map(decide))
        }
    }

    /// Whether a comparison holds: for every key of its range; a missing key counts as all zeros, but has no value.
    private func holds(_ comparison: Comparison) -> Bool {
        var all = true
        var isEmpty = true
        keys.forEach(in: comparison.range) { key in
            guard let found = version(of: key, at: Int.max) else { return true }
            isEmpty = false
            all = comparison.holds(for: found)
            return all
        }
        guard isEmpty else { return all }
        if case .value = comparison.operand { return false }
        return comparison.holds(
            for: Version(
                createRevision: 0, modRevision: 0, sub: 0, version: 0, value: [], lease: 0,
                isDeleted: false))
    }

    /// Two faults in one request get the answer that etcd gives: of a transaction, the puts are checked before the reads.
    private func check(_ operation: Decided) throws {
        switch operation {
        case .range, .delete: break
        case .put(let request):
            try checkLease(request)
            try checkKept(request)
        case .txn:
            for case .put(let request) in operation.flat {
                try checkKept(request)
                try checkLease(request)
            }
            for case .range(let request) in operation.flat where request.revision != 0 {
                guard request.revision <= revision else { throw RevisionError.futureRevision }
                // Alone, a negative one means now.
                guard request.revision >= compactRevision else { throw RevisionError.compacted }
            }
        }
    }

    private func checkLease(_ request: PutRequest) throws {
        if request.lease != 0, leases[request.lease] == nil { throw RevisionError.leaseNotFound }
    }

    private func checkKept(_ request: PutRequest) throws {
        guard request.ignoresValue || request.ignoresLease else { return }
        if version(of: request.key, at: Int.max) == nil { throw RevisionError.keyNotFound }
    }
}

/// A request whose branches are chosen.
private enum Decided {
    case range(RangeRequest)
    case put(PutRequest)
    case delete(DeleteRequest)
    indirect case txn(succeeded: Bool, [Decided])

    /// The operations in the order in which they are done.
    var flat: [Decided] {
        guard case .txn(_, let operations) = self else { return [self] }
        return operations.flatMap(\.flat)
    }
}

extension Comparison {
    func holds(for found: Version) -> Bool {
        switch operand {
        case .version(let wanted): relation.holds(found.version, wanted)
        case .create(let wanted): relation.holds(found.createRevision, wanted)
        case .mod(let wanted): relation.holds(found.modRevision, wanted)
        case .value(let wanted): relation.holds(Key(found.value), Key(wanted))
        case .lease(let wanted): relation.holds(found.lease, wanted)
        }
    }
}

extension Comparison.Relation {
    func holds<T: Comparable>(_ left: T, _ right: T) -> Bool {
        switch self {
        case .equal: left == right
        case .greater: left > right
        case .less: left < right
        case .notEqual: left != right
        }
    }
}

extension RangeRequest {
    var isInKeyOrder: Bool { target == .key && order != .descending }

    var isFiltered: Bool {
        modRevisionMin != 0 || modRevisionMax != 0 || createRevisionMin != 0
            || createRevisionMax != 0
    }

    func admits(_ kv: KeyValue) -> Bool {
        (modRevisionMin == 0 || kv.modRevision >= modRevisionMin)
            && (modRevisionMax == 0 || kv.modRevision <= modRevisionMax)
            && (createRevisionMin == 0 || kv.createRevision >= createRevisionMin)
            && (createRevisionMax == 0 || kv.createRevision <= createRevisionMax)
    }

    func precedes(_ left: KeyValue, _ right: KeyValue) -> Bool {
        switch target {
        case .key: left.key < right.key
        case .version: left.version < right.version
        case .create: left.createRevision < right.createRevision
        case .mod: left.modRevision < right.modRevision
        case .value: Key(left.value) < Key(right.value)
        }
    }

    func descending(_ kvs: [KeyValue]) -> [KeyValue] { kvs.sorted { precedes($1, $0) } }
}
