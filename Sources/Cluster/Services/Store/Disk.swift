import Consensus
import Foundation
import GRDB
import Revisions

/// A member's SQLite file: the Raft log with term and vote, and the keyspace as of some applied entry.
///
/// The log is the truth. The keyspace's rows follow it, some entries behind, so that a start need not
/// apply the log from its beginning, and so that the log's beginning can be dropped.
final class Disk: Sendable {
    private let queue: DatabaseQueue
    /// SQLite's present setting; touched on the queue alone.
    nonisolated(unsafe) private var fsyncsEveryCommit = true

    /// What goes to the disk together.
    struct Job: Sendable {
        var writes: [DiskWrite] = []
        /// Rows for the keyspace and the entry up to which it then is.
        var journal: [JournalItem] = []
        var applied: (index: Int, revision: Int)?
        /// With a snapshot among the writes: the state that it is of.
        var installed: Keyspace?
        /// Other members' disks, by the numbers under which they are to be remembered.
        var knownDisks: [Int: Int] = [:]
        /// Others have let this member in with this disk.
        var isAdmitted = false
        /// The log is dropped up to this entry, of this term.
        var compact: (index: Int, term: Int)?
    }

    /// What a start finds.
    struct Contents: Sendable {
        var restored = Restored()
        var keyspace = Keyspace()
        /// The member and cluster that the file belongs to; nil in a new one.
        var owner: Owner?
        /// The file's own number, and those of other members' files, as far as this member has seen them.
        var diskNumber: Int?
        var knownDisks: [Int: Int] = [:]
        var isAdmitted = false
    }

    struct Owner: Hashable, Sendable {
        var member: Int
        var cluster: Int
    }

    /// - Throws: `DatabaseError` where the file can't be opened or is no store of ours.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "disk"
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA locking_mode = EXCLUSIVE;
                    -- Pages of 4 KiB. The same few pages of the log table are written again and again, so the rarer
                    -- they are copied into the database, the fewer copies.
                    PRAGMA wal_autocheckpoint = 4000;
                    """)
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { try $0.execute(sql: Self.schema) }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS log (idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS versions (
            id INTEGER PRIMARY KEY, key BLOB NOT NULL, created INTEGER NOT NULL, version INTEGER NOT NULL,
            value BLOB NOT NULL, lease INTEGER NOT NULL, deleted INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS leases (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL);
        """

    /// Does a job as one transaction and answers on another thread, when all of it is on the disk or none.
    func perform(_ job: Job, then answer: @escaping @Sendable ((any Error)?) -> Void) {
        queue.asyncWriteWithoutTransaction { [self] database in
            do {
                // Rows that only follow the log can wait for the log's next fsync.
                let isOwed = !job.writes.isEmpty || job.isAdmitted || !job.knownDisks.isEmpty
                try setFsync(isOwed || job.compact != nil, database)
                try database.inTransaction(.immediate) {
                    try Self.write(job, database)
                    return .commit
                }
                answer(nil)
            } catch {
                answer(error)
            }
        }
    }

    /// Whether a commit waits until it is on the disk (FULL), or until the next that does (NORMAL).
    private func setFsync(_ everyCommit: Bool, _ database: Database) throws {
        guard everyCommit != fsyncsEveryCommit else { return }
        try database.execute(sql: "PRAGMA synchronous = \(everyCommit ? "FULL" : "NORMAL")")
        fsyncsEveryCommit = everyCommit
    }

    private static func write(_ job: Job, _ database: Database) throws {
        for write in job.writes { try Self.write(write, job.installed, database) }
        for item in job.journal { try Self.write(item, database) }
        if let applied = job.applied {
            try set("applied", applied.index, database)
            try set("revision", applied.revision, database)
        }
        for (member, number) in job.knownDisks {
            try set("\(knownDisk)\(member)", number, database)
        }
        if job.isAdmitted { try set("admitted", 1, database) }
        if let compact = job.compact {
            try run("DELETE FROM log WHERE idx <= ?", [compact.index], database)
            try set("logStart", compact.index, database)
            try set("logStartTerm", compact.term, database)
        }
    }

    private static let knownDisk = "diskOf"

    private static func write(
        _ write: DiskWrite, _ installed: Keyspace?, _ database: Database
    ) throws {
        if let state = write.hardState {
            try set("term", state.term, database)
            try set("votedFor", state.votedFor ?? 0, database)
        }
        if let snapshot = write.install, let installed {
            try install(snapshot, installed, write.keepsLaterEntries, database)
        }
        if let from = write.truncateFrom {
            try run("DELETE FROM log WHERE idx >= ?", [from], database)
        }
        for entry in write.entries {
            try run(
                "INSERT OR REPLACE INTO log VALUES (?, ?, ?)",
                [entry.index, entry.term, Data(entry.payload)], database)
        }
    }

    /// A snapshot from the leader takes the place of everything.
    private static func install(
        _ snapshot: Snapshot, _ keyspace: Keyspace, _ keepsLaterEntries: Bool, _ database: Database
    ) throws {
        try database.execute(sql: "DELETE FROM versions; DELETE FROM leases")
        try run(
            "DELETE FROM log WHERE idx <= ?", [keepsLaterEntries ? snapshot.index : Int.max],
            database)
        for change in keyspace.allVersions { try insert(change, database) }
        for (id, lease) in keyspace.leases {
            try run("INSERT INTO leases VALUES (?, ?)", [id, lease.ttl], database)
        }
        try set("compacted", keyspace.compactRevision, database)
        try set("revision", keyspace.revision, database)
        try set("applied", snapshot.index, database)
        try set("logStart", snapshot.index, database)
        try set("logStartTerm", snapshot.term, database)
    }

    private static func write(_ item: JournalItem, _ database: Database) throws {
        switch item {
        case .change(let change): try insert(change, database)
        case .compacted(let revision, let removed):
            for change in removed {
                try run("DELETE FROM versions WHERE id = ?", [id(change)], database)
            }
            try set("compacted", revision, database)
        case .leaseGranted(let id, let ttl):
            try run("INSERT OR REPLACE INTO leases VALUES (?, ?)", [id, ttl], database)
        case .leaseRevoked(let id): try run("DELETE FROM leases WHERE id = ?", [id], database)
        }
    }

    private static func insert(_ change: Change, _ database: Database) throws {
        let version = change.version
        try run(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                id(change), Data(change.key.bytes), version.createRevision, version.version,
                Data(version.value), version.lease, version.isDeleted,
            ], database)
    }

    private static let changesPerRevisionBits = 20

    /// Revision and place in it as one number, so that rows lie in the order of history.
    private static func id(_ change: Change) -> Int {
        change.version.modRevision << changesPerRevisionBits | change.version.sub
    }

    private static func set(_ name: String, _ value: Int, _ database: Database) throws {
        try run("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value], database)
    }

    private static func run(
        _ sql: String, _ arguments: StatementArguments, _ database: Database
    ) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The bytes of the file.
    func size() throws -> Int {
        try queue.read {
            let pages = try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int.fetchOne($0, sql: "PRAGMA page_size") ?? 0)
        }
    }

    /// - Parameter number: the disk's own, by which others know it.
    func claim(_ owner: Owner, number: Int, isAdmitted: Bool) throws {
        try queue.write {
            try Self.set("member", owner.member, $0)
            try Self.set("cluster", owner.cluster, $0)
            try Self.set("disk", number, $0)
            try Self.set("admitted", isAdmitted ? 1 : 0, $0)
        }
    }

    func close() throws { try queue.close() }

    // MARK: Reading at the start

    func load() throws -> Contents {
        try queue.read { database in
            let facts = try Row.fetchAll(database, sql: "SELECT name, value FROM facts").reduce(
                into: [String: Int]()
            ) { $0[$1["name"]] = $1["value"] }
            var contents = Contents()
            if let member = facts["member"], let cluster = facts["cluster"] {
                contents.owner = Owner(member: member, cluster: cluster)
            }
            contents.diskNumber = facts["disk"]
            contents.isAdmitted = facts["admitted"] == 1
            for (name, value) in facts where name.utf8.starts(with: Self.knownDisk.utf8) {
                if let member = Int(name.dropFirst(Self.knownDisk.utf8.count)) {
                    contents.knownDisks[member] = value
                }
            }
            let vote = facts["votedFor"] ?? 0
            contents.restored.hardState = HardState(
                term: facts["term"] ?? 0, votedFor: vote == 0 ? nil : vote)
            contents.restored.snapshotIndex = facts["logStart"] ?? 0
            contents.restored.snapshotTerm = facts["logStartTerm"] ?? 0
            contents.restored.appliedIndex = facts["applied"] ?? 0
            contents.restored.entries = try Self.loadLog(database)
            contents.keyspace = try Self.loadKeyspace(facts, database)
            return contents
        }
    }

    private static func loadLog(_ database: Database) throws -> [Entry] {
        try Row.fetchAll(database, sql: "SELECT idx, term, payload FROM log ORDER BY idx").map {
            Entry(index: $0["idx"], term: $0["term"], payload: Array($0["payload"] as Data))
        }
    }

    private static func loadKeyspace(_ facts: [String: Int], _ database: Database) throws
        -> Keyspace
    {
        let versions = try Row.fetchAll(database, sql: "SELECT * FROM versions ORDER BY id").map {
            row in
            let id: Int = row["id"]
            let isDeleted: Bool = row["deleted"]
            return Change(
                key: Key(row["key"] as Data),
                version: Version(
                    createRevision: row["created"], modRevision: id >> changesPerRevisionBits,
                    sub: id & (1 << changesPerRevisionBits - 1), version: row["version"],
                    value: Array(row["value"] as Data), lease: row["lease"], isDeleted: isDeleted))
        }
        let leases = try Row.fetchAll(database, sql: "SELECT id, ttl FROM leases").reduce(
            into: [Int64: Int]()
        ) { $0[$1["id"]] = $1["ttl"] }
        return Keyspace(
            revision: facts["revision"] ?? 1, compactRevision: facts["compacted"] ?? 0,
            leases: leases,
            versions: versions)
    }
}
