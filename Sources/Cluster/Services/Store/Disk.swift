import Consensus
import Foundation
import GRDB
import Revisions

/// A member's directory: in an SQLite file the Raft log with term and vote, and the keyspace as of some applied entry;
/// beside it the high-water mark (`WaterMark`).
///
/// The log is the truth. The keyspace's rows follow it, some entries behind, so that a start need not
/// apply the log from its beginning, and so that the log's beginning can be dropped.
///
/// SQLite checks neither the pages of its file, nor does it say when its write-ahead log ends early. So every row has a
/// checksum, all rows together have a number and a sum, the log has no gaps, and the mark tells how far it once went. A
/// member that doesn't find what it wrote refuses to start (`DamagedStore`): it could break the promises it has made.
package final class Disk: Sendable {
    let queue: DatabaseQueue
    // Touched on the queue alone.
    nonisolated(unsafe) private var fsyncsEveryCommit = true
    nonisolated(unsafe) private var facts = DiskFacts()
    nonisolated(unsafe) private var mark: WaterMark

    /// What goes to the disk together.
    package struct Job: Sendable {
        package var writes: [DiskWrite] = []
        /// Rows for the keyspace and the entry up to which it then is.
        package var journal: [JournalItem] = []
        package var applied: (index: Int, revision: Int)?
        /// With a snapshot among the writes: the state that it is of.
        package var installed: Keyspace?
        /// Other members' disks, by the numbers under which they are to be remembered.
        package var knownDisks: [Int: Int] = [:]
        /// Others have let this member in with this disk.
        package var isAdmitted = false
        /// The log is dropped up to this entry, of this term.
        package var compact: (index: Int, term: Int)?

        package init(
            writes: [DiskWrite] = [], knownDisks: [Int: Int] = [:], isAdmitted: Bool = false
        ) {
            (self.writes, self.knownDisks, self.isAdmitted) = (writes, knownDisks, isAdmitted)
        }
    }

    /// What a start finds.
    package struct Contents: Sendable {
        package var restored = Restored()
        package var keyspace = Keyspace()
        /// The member and cluster that the file belongs to; nil in a new one.
        package var owner: Owner?
        /// The file's own number, and those of other members' files, as far as this member has seen them.
        package var diskNumber: Int?
        package var knownDisks: [Int: Int] = [:]
        package var isAdmitted = false
    }

    package struct Owner: Hashable, Sendable {
        package var member: Int
        package var cluster: Int

        package init(member: Int, cluster: Int) { (self.member, self.cluster) = (member, cluster) }
    }

    static func path(in directory: String) -> String { "\(directory)/store.sqlite" }

    /// - Throws: `DamagedStore`, `SystemError`, or `DatabaseError` where the file can't be opened.
    package init(directory: String) throws {
        mark = try WaterMark(directory: directory)
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
        queue = try noticingDamage(in: directory) {
            let queue = try DatabaseQueue(
                path: Self.path(in: directory), configuration: configuration)
            try queue.write { try DiskSchema.prepare($0, directory) }
            return queue
        }
    }

    /// Does a job as one transaction and answers on another thread, when all of it is on the disk or none.
    package func perform(_ job: Job, then answer: @escaping @Sendable ((any Error)?) -> Void) {
        queue.asyncWriteWithoutTransaction { [self] database in
            do {
                try perform(job, database)
                answer(nil)
            } catch {
                answer(error)
            }
        }
    }

    private func perform(_ job: Job, _ database: Database) throws {
        // Rows that only follow the log can wait for the log's next fsync.
        let isOwed = !job.writes.isEmpty || job.isAdmitted || !job.knownDisks.isEmpty
        let isDurable = isOwed || job.compact != nil
        try setFsync(isDurable, database)
        // Where the log gets shorter, the mark goes first, else a crash in between would look like a loss.
        let lastIndex = facts.lastIndex(after: job)
        if lastIndex < facts.lastIndex { try mark.set(lastIndex: lastIndex) }
        var next = facts
        try database.inTransaction(.immediate) {
            var writer = DiskWriter(database: database, facts: facts)
            try writer.write(job)
            if writer.facts.row != facts.row { try writer.writeFacts() }
            next = writer.facts
            return .commit
        }
        facts = next
        // It is done, whatever becomes of the mark: an old one is harmless.
        if isDurable { try? mark.set(facts.hardState, lastIndex: facts.lastIndex) }
    }

    /// Whether a commit waits until it is on the disk (FULL), or until the next that does (NORMAL).
    private func setFsync(_ everyCommit: Bool, _ database: Database) throws {
        guard everyCommit != fsyncsEveryCommit else { return }
        try database.execute(sql: "PRAGMA synchronous = \(everyCommit ? "FULL" : "NORMAL")")
        fsyncsEveryCommit = everyCommit
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
            (facts.owner, facts.diskNumber, facts.isAdmitted) = (owner, number, isAdmitted)
            try DiskWriter(database: $0, facts: facts).writeFacts()
        }
    }

    /// Writes all of a start's contents into a new file.
    package func fill(with contents: Contents) throws {
        try queue.write { database in
            var writer = DiskWriter(database: database, facts: DiskFacts(of: contents))
            try writer.replaceRows(by: contents.keyspace)
            for entry in contents.restored.entries { try writer.insert(entry) }
            try writer.writeFacts()
            facts = writer.facts
        }
        try mark.set(facts.hardState, lastIndex: facts.lastIndex)
    }

    package func close() throws { try queue.close() }

    /// Reads and checks everything.
    ///
    /// - Throws: `DamagedStore`.
    package func load(_ directory: String) throws -> Contents {
        try noticingDamage(in: directory) {
            try queue.read { database in
                var reader = try DiskReader(database: database, directory: directory)
                let contents = try reader.load()
                try reader.check(against: mark)
                facts = reader.facts
                return contents
            }
        }
    }
}
