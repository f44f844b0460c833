import Bytes
import Consensus
import Foundation
import GRDB
import Revisions

/// Reads a member's file at the start, and believes nothing in it that has not the right checksum.
struct DiskReader {
    let database: Database
    let directory: String
    private(set) var facts: DiskFacts
    private var found = DiskFacts.RowSum()

    init(database: Database, directory: String) throws {
        (self.database, self.directory) = (database, directory)
        facts = DiskFacts()
        guard let row = try Row.fetchOne(database, sql: "SELECT bytes, checksum FROM facts") else {
            return
        }
        guard let bytes = row.bytes("bytes"), row.hasChecksum(CRC32C.of(bytes)),
            let facts = try? DiskFacts(decoding: bytes)
        else { throw damage("the row of facts") }
        self.facts = facts
    }

    private func damage(_ what: String) -> DamagedStore {
        DamagedStore(directory: directory, file: "store.sqlite", place: what)
    }

    mutating func load() throws -> Disk.Contents {
        // The pages' own order, before anything is read through it.
        let complaint = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        if let complaint, complaint != "ok" { throw damage(complaint) }
        var contents = Disk.Contents()
        contents.owner = facts.owner
        contents.diskNumber = facts.diskNumber
        contents.knownDisks = facts.knownDisks
        contents.isAdmitted = facts.isAdmitted
        contents.restored.hardState = facts.hardState
        contents.restored.snapshotIndex = facts.logStart
        contents.restored.snapshotTerm = facts.logStartTerm
        contents.restored.appliedIndex = facts.applied
        contents.restored.entries = try loadLog()
        contents.keyspace = try loadKeyspace()
        return contents
    }

    private mutating func loadLog() throws -> [Entry] {
        var entries: [Entry] = []
        facts.lastIndex = facts.logStart
        let rows = try Row.fetchCursor(
            database, sql: "SELECT idx, term, payload, checksum FROM entries ORDER BY idx")
        while let row = try rows.next() {
            guard let entry = Entry(row), row.hasChecksum(CRC32C.of(entry)) else {
                throw damage("entry \(facts.lastIndex + 1) of the log")
            }
            guard entry.index == facts.lastIndex + 1 else {
                throw damage(
                    "the log: entry \(facts.lastIndex + 1) is missing, \(entry.index) is there")
            }
            facts.lastIndex = entry.index
            entries.append(entry)
        }
        guard facts.applied <= facts.lastIndex else {
            throw damage(
                "the log: it ends with entry \(facts.lastIndex), and the keys are those of \(facts.applied)"
            )
        }
        return entries
    }

    private mutating func loadKeyspace() throws -> Keyspace {
        let versions = try loadVersions()
        let leases = try loadLeases()
        guard found == facts.rows else {
            throw damage(
                "the tables of keys and leases: \(found.count) rows of \(facts.rows.count), or others"
            )
        }
        return Keyspace(
            revision: facts.revision, compactRevision: facts.compacted, leases: leases,
            versions: versions)
    }

    private mutating func loadVersions() throws -> [Change] {
        var versions: [Change] = []
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT revision, sub, key, created, version, value, lease, deleted, checksum FROM versions
                ORDER BY revision, sub
                """)
        while let row = try rows.next() {
            let name =
                "the row of revision \(row.number("revision") ?? 0), \(row.number("sub") ?? 0)"
            guard let change = Change(row) else { throw damage(name) }
            try note(CRC32C.of(change), row, name)
            versions.append(change)
        }
        return versions
    }

    private mutating func loadLeases() throws -> [Int64: Int] {
        var leases: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT id, ttl, checksum FROM leases")
        while let row = try rows.next() {
            guard let id = row.number("id"), let ttl = row.number("ttl") else {
                throw damage("a lease")
            }
            try note(CRC32C.of(lease: Int64(id), ttl: ttl), row, "lease \(id)")
            leases[Int64(id)] = ttl
        }
        return leases
    }

    private mutating func note(_ checksum: UInt32, _ row: Row, _ what: String) throws {
        guard row.hasChecksum(checksum) else { throw damage(what) }
        found.add(checksum)
    }

    /// The file goes at least as far as it once went.
    func check(against mark: borrowing WaterMark) throws {
        let (then, now) = (mark.hardState, facts.hardState)
        let isVoteLost =
            now.term < then.term
            || now.term == then.term && then.votedFor != nil && now.votedFor != then.votedFor
        guard facts.lastIndex < mark.lastIndex || isVoteLost else { return }
        let what =
            isVoteLost
            ? "term \(now.term), and term \(then.term) had been written"
            : "the log up to entry \(facts.lastIndex), and entry \(mark.lastIndex) had been written"
        throw DamagedStore(
            directory: directory, file: "store.sqlite or store.sqlite-wal",
            place: "the end: they hold \(what)")
    }
}

// What a damaged row holds may be of any type: GRDB's own subscripts end the program where it is another one.
extension Row {
    fileprivate func number(_ name: String) -> Int? { Int.fromDatabaseValue(self[name]) }

    fileprivate func bytes(_ name: String) -> [UInt8]? {
        Data.fromDatabaseValue(self[name]).map(Array.init)
    }

    fileprivate func hasChecksum(_ checksum: UInt32) -> Bool { number("checksum") == Int(checksum) }
}

extension Entry {
    fileprivate init?(_ row: Row) {
        guard let index = row.number("idx"), let term = row.number("term"),
            let payload = row.bytes("payload")
        else { return nil }
        self.init(index: index, term: term, payload: payload)
    }
}

extension Change {
    fileprivate init?(_ row: Row) {
        let names = ["created", "revision", "sub", "version", "lease", "deleted"]
        let numbers = names.compactMap(row.number)
        guard numbers.count == names.count, let key = row.bytes("key"),
            let value = row.bytes("value")
        else { return nil }
        self.init(
            key: Key(key),
            version: Version(
                createRevision: numbers[0], modRevision: numbers[1], sub: numbers[2],
                version: numbers[3],
                value: value, lease: Int64(numbers[4]), isDeleted: numbers[5] != 0))
    }
}
