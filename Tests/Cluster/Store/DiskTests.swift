import Consensus
import ContractRaft
import Foundation
import GRDB
import Linux
import Revisions
import Simulation
import Store
import Testing

/// A member's files, without the member.
@Suite struct DiskTests {
    /// A directory that goes with the test.
    final class Place {
        let path: String
        init() throws { path = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-disk-") }
        deinit { try? Files.removeTree(path) }
    }

    private func perform(_ job: Disk.Job, on disk: Disk) async throws {
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            disk.perform(job) { error in
                if let error { continuation.resume(throwing: error) } else { continuation.resume() }
            }
        }
    }

    private func write(_ ticket: Int, term: Int, _ range: ClosedRange<Int>) -> DiskWrite {
        var write = DiskWrite(ticket: ticket)
        write.hardState = HardState(term: term, votedFor: 1)
        write.entries = range.map {
            Entry(index: $0, term: term, payload: Array("entry \($0) of \(term)".utf8))
        }
        return write
    }

    /// A store with a life behind it: entries written over, a log that was cut, rows, leases, a compaction.
    private func fill(_ disk: Disk) async throws -> Keyspace {
        var keyspace = Keyspace()
        try keyspace.grantLease(id: 7, ttl: 60)
        try keyspace.grantLease(id: 8, ttl: 60)
        for number in 0..<60 {
            var put = PutRequest(
                key: Key("key \(number % 25)"), value: Array("value \(number)".utf8))
            put.lease = number % 3 == 0 ? 7 : 0
            _ = try keyspace.apply(.put(put))
        }
        try keyspace.revokeLease(id: 8)
        try keyspace.compact(to: 40)
        var job = Disk.Job()
        job.writes = [write(1, term: 1, 1...30)]
        try await perform(job, on: disk)
        // A new leader's entries take the place of some: the log gets shorter, and longer again.
        job.writes = [write(2, term: 2, 21...25), write(3, term: 2, 26...40)]
        job.writes[0].truncateFrom = 21
        job.journal = keyspace.takeJournal()
        job.applied = (35, keyspace.revision)
        try await perform(job, on: disk)
        job = Disk.Job()
        job.compact = (10, 1)
        try await perform(job, on: disk)
        job = Disk.Job()
        job.writes = [write(4, term: 2, 41...42)]
        try await perform(job, on: disk)
        return keyspace
    }

    /// What a start finds, as something to compare; nil where it is refused as damaged.
    private func found(in directory: String) throws -> String? {
        do {
            let disk = try Disk(directory: directory)
            defer { try? disk.close() }
            let contents = try disk.load(directory)
            let restored = contents.restored
            return "\(restored.hardState) \(restored.snapshotIndex) \(restored.appliedIndex) "
                + "\(restored.entries.map { "\($0.index).\($0.term)" }) \(contents.keyspace.archived)"
        } catch let damage as DamagedStore {
            #expect(damage.description.contains(directory) && !damage.place.isEmpty)
            return nil
        } catch let error as StartError {
            #expect(error.description.contains(directory))
            return nil
        }
    }

    @Test func `a start finds what was written`() async throws {
        let place = try Place()
        let disk = try Disk(directory: place.path)
        _ = try disk.load(place.path)
        let keyspace = try await fill(disk)
        try disk.close()
        let again = try Disk(directory: place.path)
        let contents = try again.load(place.path)
        #expect(contents.keyspace.archived == keyspace.archived)
        #expect(contents.restored.entries.map(\.index) == Array(11...42))
        #expect(
            contents.restored.entries.map(\.term) == Array(repeating: 1, count: 10)
                + Array(repeating: 2, count: 22))
        #expect(contents.restored.appliedIndex == 35 && contents.restored.snapshotIndex == 10)
        #expect(contents.restored.hardState == HardState(term: 2, votedFor: 1))
        try again.close()
    }

    @Test func `no byte of any file can change unnoticed where it matters`() async throws {
        let (place, kept) = (try Place(), try Place())
        let disk = try Disk(directory: place.path)
        _ = try disk.load(place.path)
        _ = try await fill(disk)
        // As a crash leaves it: SQLite's log is not yet in its file.
        for file in ["store.sqlite", "store.sqlite-wal", "high-water-mark"] {
            let bytes = try Files.read("\(place.path)/\(file)")
            try Data(bytes).write(to: URL(fileURLWithPath: "\(kept.path)/\(file)"))
        }
        try disk.close()
        let whole = try #require(try openedCopy(of: kept.path) { _ in })
        var refusals = 0
        for seed: UInt64 in 0..<200 {
            var dice = Dice(seed: seed)
            // Before and after SQLite has put its log into its file.
            let from = seed % 2 == 0 ? kept.path : place.path
            let file = [
                ["store.sqlite-wal", "high-water-mark"], ["store.sqlite", "store.sqlite"],
            ][Int(seed % 2)][dice.roll(0...1)]
            var what = ""
            let answer = try openedCopy(of: from) { directory in
                var bytes = try Files.read("\(directory)/\(file)")
                let at = dice.roll(0...bytes.count - 4)
                what = "seed \(seed): \(file) at \(at)"
                for offset in 0..<4 { bytes[at + offset] ^= UInt8(dice.roll(1...255)) }
                try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
            }
            #expect(answer == nil || answer == whole, "\(what)")
            if answer == nil { refusals += 1 }
        }
        #expect(refusals > 60)
    }

    /// What a start finds in a copy that was changed before.
    private func openedCopy(of directory: String, _ change: (String) throws -> Void) throws
        -> String?
    {
        let copy = try Place()
        for file in try Files.list(directory) {
            let bytes = try Files.read("\(directory)/\(file)")
            try Data(bytes).write(to: URL(fileURLWithPath: "\(copy.path)/\(file)"))
        }
        try change(copy.path)
        return try found(in: copy.path)
    }

    @Test func `an entry or a row that is gone is missed, and so is a term`() async throws {
        let place = try Place()
        let disk = try Disk(directory: place.path)
        _ = try disk.load(place.path)
        _ = try await fill(disk)
        try disk.close()
        let statements = [
            "DELETE FROM entries WHERE idx = 20", "DELETE FROM entries WHERE idx > 41",
            "DELETE FROM facts",
            "DELETE FROM versions WHERE revision = 50", "DELETE FROM leases", "DROP TABLE versions",
            "UPDATE entries SET term = 'x' WHERE idx = 20", "PRAGMA user_version = 3",
            "UPDATE versions SET sub = 'x' WHERE revision = 50",
        ]
        for statement in statements {
            let answer = try openedCopy(of: place.path) { directory in
                let queue = try DatabaseQueue(path: "\(directory)/store.sqlite")
                try? queue.writeWithoutTransaction { try $0.execute(sql: statement) }
                try queue.close()
            }
            #expect(answer == nil, "\(statement)")
        }
    }

    @Test func `more than 2^20 changes of one revision are there again`() async throws {
        let place = try Place()
        let disk = try Disk(directory: place.path)
        _ = try disk.load(place.path)
        let count = 1 << 20 + 1000
        var job = Disk.Job()
        job.writes = [write(1, term: 1, 1...1)]
        job.journal = (0..<count).map { number in
            .change(
                Change(
                    key: Key("k\(number)"),
                    version: Version(
                        createRevision: 0, modRevision: 2, sub: number, version: 0, value: [],
                        lease: 0,
                        isDeleted: true)))
        }
        job.applied = (1, 2)
        try await perform(job, on: disk)
        try disk.close()
        let again = try Disk(directory: place.path)
        let changes = try again.load(place.path).keyspace.changes
        #expect(changes.count == count && changes.last?.version.sub == count - 1)
        #expect(changes.allSatisfy { $0.version.modRevision == 2 })
        try again.close()
    }

    @Test func `the first kit's file is read and rewritten`() async throws {
        let place = try Place()
        let old = try DatabaseQueue(path: "\(place.path)/store.sqlite")
        try await old.write { try $0.execute(sql: Self.firstKit) }
        try old.close()
        for _ in 0..<2 {
            let disk = try Disk(directory: place.path)
            let contents = try disk.load(place.path)
            #expect(contents.owner == Disk.Owner(member: 2, cluster: 99))
            #expect(contents.restored.hardState == HardState(term: 5, votedFor: 3))
            #expect(contents.restored.entries.map(\.index) == [8, 9])
            #expect(contents.restored.appliedIndex == 8 && contents.restored.snapshotIndex == 7)
            #expect(contents.keyspace.revision == 4 && contents.keyspace.leases[12]?.ttl == 60)
            #expect(contents.keyspace.leases[12]?.keys == [Key("a")])
            #expect(contents.keyspace.changes.map(\.version.modRevision) == [2, 3, 3, 4])
            #expect(contents.isAdmitted && contents.diskNumber == nil)
            try disk.close()
        }
    }

    @Test(arguments: [0, 1])
    func `a file that had disk numbers and no checksums keeps them`(admitted: Int) async throws {
        let place = try Place()
        let old = try DatabaseQueue(path: "\(place.path)/store.sqlite")
        try await old.write {
            try $0.execute(sql: Self.firstKit)
            try $0.execute(
                sql: """
                    INSERT INTO facts VALUES
                        ('disk', 77), ('admitted', \(admitted)), ('diskOf1', 78), ('diskOf3', 79)
                    """)
        }
        try old.close()
        for _ in 0..<2 {
            let disk = try Disk(directory: place.path)
            let contents = try disk.load(place.path)
            #expect(contents.diskNumber == 77 && contents.isAdmitted == (admitted == 1))
            #expect(contents.knownDisks == [1: 78, 3: 79])
            try disk.close()
        }
    }

    private static let firstKit = """
        CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE log (idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE versions (
            id INTEGER PRIMARY KEY, key BLOB NOT NULL, created INTEGER NOT NULL, version INTEGER NOT NULL,
            value BLOB NOT NULL, lease INTEGER NOT NULL, deleted INTEGER NOT NULL);
        CREATE TABLE leases (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL);
        INSERT INTO facts VALUES ('member', 2), ('cluster', 99), ('term', 5), ('votedFor', 3), ('logStart', 7),
            ('logStartTerm', 4), ('applied', 8), ('revision', 4);
        INSERT INTO log VALUES (8, 5, x'01'), (9, 5, x'02');
        INSERT INTO versions VALUES (2 << 20, x'61', 2, 1, x'31', 0, 0), (3 << 20, x'61', 2, 2, x'32', 12, 0),
            (3 << 20 | 1, x'62', 3, 1, x'33', 0, 0), (4 << 20, x'62', 0, 0, x'', 0, 1);
        INSERT INTO leases VALUES (12, 60);
        """
}
