import Bytes

/// A whole keyspace as bytes, for a member that lags too far behind to be told every change: in pieces, each made
/// when it is asked for, so that no more than a piece is there twice.
public struct KeyspaceArchive: Sendable {
    private let head: [UInt8]
    private let versions: [Change]
    /// Where each piece begins among the versions. The head goes with the first.
    private let starts: [Int]

    /// Takes time in proportion to the versions kept.
    public init(_ keyspace: Keyspace, pieceBytes: Int = 256 << 10) {
        versions = keyspace.allVersions
        var writer = ByteWriter()
        writer.int(keyspace.revision)
        writer.int(keyspace.compactRevision)
        writer.int(keyspace.leases.count)
        for id in keyspace.leases.keys.sorted() {
            writer.int(id)
            writer.int(keyspace.leases[id]!.ttl)
        }
        writer.int(versions.count)
        head = writer.bytes
        var (starts, bytes) = ([0], 0)
        for (place, change) in versions.enumerated() {
            if bytes >= pieceBytes {
                starts.append(place)
                bytes = 0
            }
            bytes += change.key.bytes.count + change.version.value.count
        }
        self.starts = starts
    }

    public var count: Int { starts.count }

    public func piece(_ number: Int) -> [UInt8] {
        var writer = ByteWriter()
        if number == 0 { writer.raw(head) }
        let end = number + 1 < starts.count ? starts[number + 1] : versions.count
        for change in versions[starts[number]..<end] { change.encode(to: &writer) }
        return writer.bytes
    }
}

extension Keyspace {
    /// All pieces of its archive.
    public var archived: [[UInt8]] {
        let archive = KeyspaceArchive(self)
        return (0..<archive.count).map(archive.piece)
    }

    /// - Throws: `ByteReader.Malformed`, also where a piece is missing.
    public init(archived pieces: [[UInt8]]) throws {
        var reader = ByteReader(pieces.first ?? [])
        let revision = try reader.int()
        let compactRevision = try reader.int()
        var leases: [Int64: Int] = [:]
        for _ in 0..<max(0, try reader.int()) { leases[Int64(try reader.int())] = try reader.int() }
        let count = try reader.int()
        var changes: [Change] = []
        while !reader.isAtEnd { changes.append(try Change(from: &reader)) }
        for piece in pieces.dropFirst() {
            reader = ByteReader(piece)
            while !reader.isAtEnd { changes.append(try Change(from: &reader)) }
        }
        guard changes.count == count else { throw ByteReader.Malformed(offset: 0) }
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
