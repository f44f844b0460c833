import Consensus
import Crypto
import Foundation
import GRDB
import Linux
import Revisions

/// The keyspace in one file: what `etcdctl snapshot save` is given, and what `raft restore` makes a member of.
///
/// It is SQLite's, with a member's own tables (`DiskSchema`), no owner, no vote and an empty log that begins after the
/// entry that the keyspace was of. As etcd's it ends with the SHA-256 of all before, by which etcdctl sees that it is
/// whole: pages of 512 bytes, and 32 more.
enum Backup {
    static let checksumBytes = 32
    private static let pieceBytes = 1 << 16

    /// Writes all but the checksum.
    static func write(_ keyspace: Keyspace, appliedIndex: Int, to path: String) throws {
        var contents = Disk.Contents()
        contents.keyspace = keyspace
        contents.restored.hardState = HardState(term: 1, votedFor: nil)
        contents.restored.snapshotTerm = 1
        contents.restored.snapshotIndex = max(1, appliedIndex)
        contents.restored.appliedIndex = max(1, appliedIndex)
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            try DiskSchema.prepare(database, path)
            var writer = DiskWriter(database: database, facts: DiskFacts(of: contents))
            try writer.replaceRows(by: keyspace)
            try writer.writeFacts()
        }
        try queue.close()
    }

    /// Reads a file in pieces, and its checksum after them.
    struct Reader: ~Copyable {
        private let file: FileDescriptor
        private var hash = SHA256()
        private(set) var bytesLeft: Int

        /// Bytes and checksum together.
        init(_ path: String) throws {
            var status = stat()
            try check("look at \(path)") { stat(path, &status) }
            file = try FileDescriptor.open(path)
            bytesLeft = Int(status.st_size) + Backup.checksumBytes
        }

        /// nil after the last.
        mutating func next() throws -> [UInt8]? {
            guard bytesLeft > 0 else { return nil }
            var piece = try file.read(upTo: Backup.pieceBytes)
            if piece.isEmpty { piece = Array(hash.finalize()) } else { hash.update(data: piece) }
            bytesLeft -= piece.count
            return piece
        }
    }

    /// - Returns: what a start of a member on it finds; the owner is nobody.
    /// - Throws: `BackupError`.
    static func read(_ path: String) throws -> Disk.Contents {
        let folder = try Files.makeTemporaryDirectory(prefix: "\(path)-")
        defer { try? Files.removeTree(folder) }
        let copy = "\(folder)/store.sqlite"
        try copyChecked(path, to: copy)
        do {
            let queue = try DatabaseQueue(path: copy)
            return try queue.read { database in
                let format = try Int.fetchOne(database, sql: "PRAGMA user_version")
                guard format == DiskSchema.version else {
                    throw BackupError(path: path, what: "is no snapshot of this store")
                }
                var reader = try DiskReader(database: database, directory: folder)
                return try reader.load()
            }
        } catch let damage as DamagedStore {
            throw BackupError(path: path, what: "is damaged (\(damage.place))")
        } catch is DatabaseError {
            throw BackupError(path: path, what: "is no snapshot of this store")
        }
    }

    /// The file without its checksum, if that is right.
    private static func copyChecked(_ path: String, to copy: String) throws {
        let source = try FileDescriptor.open(path)
        let target = try FileDescriptor.open(copy, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        var hash = SHA256()
        // What may be the checksum is held back.
        var held: [UInt8] = []
        while true {
            let piece = try source.read(upTo: pieceBytes)
            if piece.isEmpty { break }
            held += piece
            let ready = Array(held.dropLast(checksumBytes))
            held.removeFirst(ready.count)
            hash.update(data: ready)
            try target.write(ready)
        }
        guard Array(hash.finalize()) == held else {
            throw BackupError(path: path, what: "is damaged: its checksum is another one")
        }
    }
}

/// Why a file can't be restored.
struct BackupError: Error, CustomStringConvertible {
    var path: String
    var what: String
    var description: String { "\(path) \(what)" }
}

/// Makes a member's directory of a snapshot; every member of the cluster is made so, of the same one.
public struct Restoring {
    private let settings: StoreSettings
    private let snapshot: String

    public init(_ settings: StoreSettings, from snapshot: String) {
        (self.settings, self.snapshot) = (settings, snapshot)
    }

    /// - Returns: the revision that the member then has.
    /// - Throws: `BackupError`, `RebuildError`, `SystemError`.
    public func run() throws -> Int {
        guard !Files.exists(Disk.path(in: settings.directory)) else {
            throw RebuildError.directoryTaken(settings.directory)
        }
        var contents = try Backup.read(snapshot)
        contents.owner = Disk.Owner(member: settings.id, cluster: settings.clusterID)
        contents.isAdmitted = true
        try Files.makeDirectories(settings.directory, mode: 0o700)
        let lock = try DirectoryLock(settings.directory)
        let disk = try Disk(directory: settings.directory)
        try disk.fill(with: contents)
        try disk.close()
        lock.end()
        return contents.keyspace.revision
    }
}
