import Bytes

extension Keyspace {
    /// The whole keyspace, for a member that lags too far behind to be told every change.
    public var archived: [UInt8] {
        var writer = ByteWriter()
        writer.int(revision)
        writer.int(compactRevision)
        writer.int(leases.count)
        for id in leases.keys.sorted() {
            writer.int(id)
            writer.int(leases[id]!.ttl)
        }
        for change in allVersions { change.encode(to: &writer) }
        return writer.bytes
    }

    /// - Throws: `ByteReader.Malformed`.
    public init(archived bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        let revision = try reader.int()
        let compactRevision = try reader.int()
        var leases: [Int64: Int] = [:]
        for _ in 0..<(try reader.int()) { leases[Int64(try reader.int())] = try reader.int() }
        var changes: [Change] = []
        while !reader.isAtEnd { changes.append(try Change(from: &reader)) }
        self.init(
            revision: revision, compactRevision: compactRevision, leases: leases, versions: changes)
    }

    /// Puts a keyspace together again.
    ///
    /// - Parameters:
    ///   - leases: id and time to live in seconds.
    ///   - versions: every version kept, ordered by revision.
    public init(revision: Int, compactRevision: Int, leases: [Int64: Int], versions: [Change]) {
        self.init()
        self.leases = leases.mapValues { Lease(ttl: $0) }
        for change in versions { record(change) }
        changes.removeAll { $0.version.modRevision < compactRevision }
        self.revision = revision
        self.compactRevision = compactRevision
    }

    /// Every version of every key, ordered by revision.
    public var allVersions: [Change] {
        histories
            .flatMap { key, versions in versions.map { Change(key: key, version: $0) } }
            .sorted {
                ($0.version.modRevision, $0.version.sub) < ($1.version.modRevision, $1.version.sub)
            }
    }
}

extension Change {
    func encode(to writer: inout ByteWriter) {
        writer.blob(key.bytes)
        writer.int(version.createRevision)
        writer.int(version.modRevision)
        writer.int(version.sub)
        writer.int(version.version)
        writer.blob(version.value)
        writer.int(version.lease)
        writer.bool(version.isDeleted)
    }

    init(from reader: inout ByteReader) throws {
        key = Key(try reader.blob())
        version = Version(
            createRevision: try reader.int(), modRevision: try reader.int(), sub: try reader.int(),
            version: try reader.int(), value: try reader.blob(), lease: Int64(try reader.int()),
            isDeleted: try reader.bool())
    }
}
