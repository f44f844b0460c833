import Bytes
import Consensus
import Foundation
import GRDB
import Revisions

/// Writes a job's rows, and keeps count of them in the facts.
struct DiskWriter {
    let database: Database
    var facts: DiskFacts

    mutating func write(_ job: Disk.Job) throws {
        facts.lastIndex = facts.lastIndex(after: job)
        for write in job.writes { try self.write(write, installed: job.installed) }
        for item in job.journal { try write(item) }
        if let applied = job.applied { (facts.applied, facts.revision) = applied }
        facts.knownDisks.merge(job.knownDisks) { $1 }
        if job.isAdmitted { facts.isAdmitted = true }
        if let compact = job.compact {
            try run("DELETE FROM entries WHERE idx <= ?", [compact.index])
            (facts.logStart, facts.logStartTerm) = compact
        }
    }

    func writeFacts() throws {
        let bytes = facts.encoded
        try run(
            "INSERT OR REPLACE INTO facts VALUES (1, ?, ?)", [Data(bytes), Int(CRC32C.of(bytes))])
    }

    private mutating func write(_ write: DiskWrite, installed: Keyspace?) throws {
        if let state = write.hardState { facts.hardState = state }
        if let snapshot = write.install, let installed {
            try install(snapshot, installed, write.keepsLaterEntries)
        }
        if let from = write.truncateFrom { try run("DELETE FROM entries WHERE idx >= ?", [from]) }
        for entry in write.entries { try insert(entry) }
    }

    func insert(_ entry: Entry) throws {
        try run(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)",
            [entry.index, entry.term, Data(entry.payload), Int(CRC32C.of(entry))])
    }

    /// A snapshot from the leader takes the place of everything.
    private mutating func install(
        _ snapshot: Snapshot, _ keyspace: Keyspace, _ keepsLaterEntries: Bool
    ) throws {
        try run(
            "DELETE FROM entries WHERE idx <= ?", [keepsLaterEntries ? snapshot.index : Int.max])
        try replaceRows(by: keyspace)
        (facts.logStart, facts.logStartTerm) = (snapshot.index, snapshot.term)
        facts.applied = snapshot.index
    }

    mutating func replaceRows(by keyspace: Keyspace) throws {
        try database.execute(sql: "DELETE FROM versions; DELETE FROM leases")
        facts.rows = DiskFacts.RowSum()
        (facts.revision, facts.compacted) = (keyspace.revision, keyspace.compactRevision)
        for change in keyspace.allVersions { try insert(change) }
        for (id, lease) in keyspace.leases { try insert(lease: id, ttl: lease.ttl) }
    }

    private mutating func write(_ item: JournalItem) throws {
        switch item {
        case .change(let change): try insert(change)
        case .compacted(let revision, let removed):
            for change in removed { try remove(change) }
            facts.compacted = revision
        case .leaseGranted(let id, let ttl): try insert(lease: id, ttl: ttl)
        case .leaseRevoked(let id): try remove(lease: id)
        }
    }

    private mutating func insert(_ change: Change) throws {
        let version = change.version
        let checksum = CRC32C.of(change)
        try run(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                version.modRevision, version.sub, Data(change.key.bytes), version.createRevision,
                version.version, Data(version.value), version.lease, version.isDeleted,
                Int(checksum),
            ])
        facts.rows.add(checksum)
    }

    private mutating func remove(_ change: Change) throws {
        try run(
            "DELETE FROM versions WHERE revision = ? AND sub = ?",
            [change.version.modRevision, change.version.sub])
        facts.rows.remove(CRC32C.of(change))
    }

    private mutating func insert(lease id: Int64, ttl: Int) throws {
        let checksum = CRC32C.of(lease: id, ttl: ttl)
        try run("INSERT INTO leases VALUES (?, ?, ?)", [id, ttl, Int(checksum)])
        facts.rows.add(checksum)
    }

    private mutating func remove(lease id: Int64) throws {
        let ttl = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT ttl FROM leases WHERE id = ?"), arguments: [id])
        guard let ttl else { return }
        try run("DELETE FROM leases WHERE id = ?", [id])
        facts.rows.remove(CRC32C.of(lease: id, ttl: ttl))
    }

    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
