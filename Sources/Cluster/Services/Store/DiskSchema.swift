import Consensus
import Foundation
import GRDB
import Revisions

/// The tables of a member's file, and how those of an older kit become them.
enum DiskSchema {
    /// In the file's header (`PRAGMA user_version`). 0: a new file, or one of the first kit's, which had no checksums.
    static let version = 2

    private static let tables = """
        CREATE TABLE facts (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE entries (
            idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, payload BLOB NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE versions (
            revision INTEGER NOT NULL, sub INTEGER NOT NULL, key BLOB NOT NULL, created INTEGER NOT NULL,
            version INTEGER NOT NULL, value BLOB NOT NULL, lease INTEGER NOT NULL, deleted INTEGER NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY (revision, sub)) WITHOUT ROWID;
        CREATE TABLE leases (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL, checksum INTEGER NOT NULL);
        PRAGMA user_version = \(version);
        """

    /// Within one transaction.
    ///
    /// - Throws: `DamagedStore` where the file is of no kind that is known.
    static func prepare(_ database: Database, _ directory: String) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if found == version { return }
        let names = try String.fetchSet(
            database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        switch (found, names) {
        case (0, []): try database.execute(sql: tables)
        case (0, ["facts", "log", "versions", "leases"]): try rewrite(database)
        default:
            throw DamagedStore(
                directory: directory, file: "store.sqlite",
                place: "the header: format \(found), and this kit reads \(version)")
        }
    }

    // MARK: The first kit's file

    private static func rewrite(_ database: Database) throws {
        let contents = try oldContents(database)
        try database.execute(
            sql: "DROP TABLE facts; DROP TABLE log; DROP TABLE versions; DROP TABLE leases;")
        try database.execute(sql: tables)
        var writer = DiskWriter(database: database, facts: DiskFacts(of: contents))
        try writer.replaceRows(by: contents.keyspace)
        for entry in contents.restored.entries { try writer.insert(entry) }
        try writer.writeFacts()
    }

    private static func oldContents(_ database: Database) throws -> Disk.Contents {
        let facts = try Row.fetchAll(database, sql: "SELECT name, value FROM facts").reduce(
            into: [String: Int]()
        ) { $0[$1["name"]] = $1["value"] }
        var contents = Disk.Contents()
        if let member = facts["member"], let cluster = facts["cluster"] {
            contents.owner = Disk.Owner(member: member, cluster: cluster)
        }
        contents.diskNumber = facts["disk"]
        // Before disks had numbers, one that has an owner was a member's.
        contents.isAdmitted =
            facts["admitted"] == 1 || contents.owner != nil && contents.diskNumber == nil
        for (name, number) in facts where name.utf8.starts(with: "diskOf".utf8) {
            if let member = Int(name.dropFirst("diskOf".utf8.count)) {
                contents.knownDisks[member] = number
            }
        }
        let vote = facts["votedFor"] ?? 0
        contents.restored.hardState = HardState(
            term: facts["term"] ?? 0, votedFor: vote == 0 ? nil : vote)
        contents.restored.snapshotIndex = facts["logStart"] ?? 0
        contents.restored.snapshotTerm = facts["logStartTerm"] ?? 0
        contents.restored.appliedIndex = facts["applied"] ?? 0
        contents.restored.entries = try Row.fetchAll(
            database, sql: "SELECT idx, term, payload FROM log ORDER BY idx"
        ).map {
            Entry(index: $0["idx"], term: $0["term"], payload: Array($0["payload"] as Data))
        }
        contents.keyspace = try oldKeyspace(facts, database)
        return contents
    }

    /// Revision and place in it were one number, with 20 bits for the place.
    private static func oldKeyspace(_ facts: [String: Int], _ database: Database) throws -> Keyspace
    {
        let versions = try Row.fetchAll(database, sql: "SELECT * FROM versions ORDER BY id").map {
            row in
            let id: Int = row["id"]
            return Change(
                key: Key(row["key"] as Data),
                version: Version(
                    createRevision: row["created"], modRevision: id >> 20, sub: id & (1 << 20 - 1),
                    version: row["version"], value: Array(row["value"] as Data),
                    lease: row["lease"],
                    isDeleted: row["deleted"]))
        }
        let leases = try Row.fetchAll(database, sql: "SELECT id, ttl FROM leases").reduce(
            into: [Int64: Int]()
        ) { $0[$1["id"]] = $1["ttl"] }
        return Keyspace(
            revision: facts["revision"] ?? 1, compactRevision: facts["compacted"] ?? -1,
            leases: leases,
            versions: versions)
    }
}
