/// A key's state at some revision, as clients see it.
public struct KeyValue: Hashable, Sendable {
    public var key: Key
    public var createRevision: Int
    public var modRevision: Int
    public var version: Int
    public var value: [UInt8]
    /// 0: none.
    public var lease: Int64
}

/// A change that a watcher sees.
public struct Event: Hashable, Sendable {
    public var isDelete: Bool
    public var kv: KeyValue
    public var previous: KeyValue?
}

public struct RangeRequest: Sendable {
    public enum Order: Sendable { case none, ascending, descending }
    public enum Target: Sendable { case key, version, create, mod, value }
    public var range: KeyRange
    /// 0: all.
    public var limit = 0
    /// 0 or less: now.
    public var revision = 0
    public var order = Order.none
    public var target = Target.key
    public var keysOnly = false
    public var countOnly = false
    /// Bounds of the revisions, 0: none.
    public var modRevisionMin = 0
    public var modRevisionMax = 0
    public var createRevisionMin = 0
    public var createRevisionMax = 0
    public init(range: KeyRange) { self.range = range }
}

public struct RangeResponse: Hashable, Sendable {
    public var kvs: [KeyValue] = []
    public var more = false
    public var count = 0
    public var revision = 0
}

public struct PutRequest: Sendable {
    public var key: Key
    public var value: [UInt8]
    public var lease: Int64 = 0
    public var wantsPrevious = false
    public var ignoresValue = false
    public var ignoresLease = false
    public init(key: Key, value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

public struct DeleteRequest: Sendable {
    public var range: KeyRange
    public var wantsPrevious = false
    public init(range: KeyRange) { self.range = range }
}

public struct Comparison: Sendable {
    public enum Relation: Sendable { case equal, greater, less, notEqual }
    public enum Operand: Sendable {
        case version(Int), create(Int), mod(Int), value([UInt8]), lease(Int64)
    }
    public var range: KeyRange
    public var relation: Relation
    public var operand: Operand
    public init(range: KeyRange, relation: Relation, operand: Operand) {
        self.range = range
        self.relation = relation
        self.operand = operand
    }
}

public struct TxnRequest: Sendable {
    public var comparisons: [Comparison]
    public var success: [Request]
    public var failure: [Request]
    public init(comparisons: [Comparison], success: [Request], failure: [Request]) {
        self.comparisons = comparisons
        self.success = success
        self.failure = failure
    }
}

public enum Request: Sendable {
    case range(RangeRequest)
    case put(PutRequest)
    case delete(DeleteRequest)
    indirect case txn(TxnRequest)
}

public enum RequestResult: Hashable, Sendable {
    case range(RangeResponse)
    case put(previous: KeyValue?, revision: Int)
    case delete(count: Int, previous: [KeyValue], revision: Int)
    indirect case txn(succeeded: Bool, results: [RequestResult], revision: Int)

    /// The store's revision once it was done.
    public var revision: Int {
        switch self {
        case .range(let response): response.revision
        case .put(_, let revision), .delete(_, _, let revision), .txn(_, _, let revision): revision
        }
    }
}

/// Why a request was refused; `description` is etcd's own wording.
public enum RevisionError: Error, Hashable, Sendable, CustomStringConvertible {
    case emptyKey, compacted, futureRevision, leaseNotFound, leaseExists, leaseTTLTooLarge
    case valueProvided, leaseProvided, keyNotFound, duplicateKey, tooManyOperations

    public var description: String {
        switch self {
        case .emptyKey: "etcdserver: key is not provided"
        case .compacted: "etcdserver: mvcc: required revision has been compacted"
        case .futureRevision: "etcdserver: mvcc: required revision is a future revision"
        case .leaseNotFound: "etcdserver: requested lease not found"
        case .leaseExists: "etcdserver: lease already exists"
        case .leaseTTLTooLarge: "etcdserver: too large lease TTL"
        case .valueProvided: "etcdserver: value is provided"
        case .leaseProvided: "etcdserver: lease is provided"
        case .keyNotFound: "etcdserver: key not found"
        case .duplicateKey: "etcdserver: duplicate key given in txn request"
        case .tooManyOperations: "etcdserver: too many operations in txn request"
        }
    }
}
