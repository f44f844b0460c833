import Revisions

// Requests as short as a test wants them.
extension Keyspace {
    /// - Returns: the revision that it made.
    @discardableResult
    mutating func put(_ key: String, _ value: String, lease: Int64 = 0) throws -> Int {
        try apply(.put(.of(key, value, lease: lease))).revision
    }

    /// - Returns: how many keys went.
    @discardableResult
    mutating func delete(_ key: String) throws -> Int {
        guard case .delete(let count, _, _) = try apply(.delete(DeleteRequest(range: .init(key)))) else {
            return -1
        }
        return count
    }

    /// - Parameter revision: 0: now.
    func get(_ key: String, at revision: Int = 0) throws -> KeyValue? {
        var request = RangeRequest(range: .init(key))
        request.revision = revision
        return try range(request).kvs.first
    }

    func text(_ key: String, at revision: Int = 0) throws -> String? {
        try get(key, at: revision).map { String(decoding: $0.value, as: UTF8.self) }
    }

    func keys(_ request: RangeRequest) throws -> [String] {
        try range(request).kvs.map { String(decoding: $0.key.bytes, as: UTF8.self) }
    }
}

extension PutRequest {
    static func of(_ key: String, _ value: String, lease: Int64 = 0) -> PutRequest {
        var put = PutRequest(key: Key(key), value: Array(value.utf8))
        put.lease = lease
        return put
    }
}

extension KeyRange {
    /// One key, or all from it up to another.
    init(_ key: String, to end: String = "") {
        self.init(key: Array(key.utf8), rangeEnd: Array(end.utf8))
    }

    /// Everything from a key on.
    static func from(_ key: String) -> KeyRange { KeyRange(key: Array(key.utf8), rangeEnd: [0]) }
}
