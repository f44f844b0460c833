import Bytes
import Consensus
import Foundation
import Revisions

/// What a member's file says in one row: whose it is, the Raft state beside the log, and how much the tables hold.
struct DiskFacts: Hashable, Sendable {
    var owner: Disk.Owner?
    /// The file's own number, and those of other members' files, as far as this member has seen them.
    var diskNumber: Int?
    var knownDisks: [Int: Int] = [:]
    /// Others have let this member in with this file.
    var isAdmitted = false
    var hardState = HardState()
    /// The log begins after this entry.
    var logStart = 0
    var logStartTerm = 0
    /// The entry up to which the rows of the keyspace are, and what they are then.
    var applied = 0
    var revision = 1
    var compacted = -1
    /// Of the rows of the keyspace and its leases.
    var rows = RowSum()

    /// The log's last entry. Not in the row: the log itself tells.
    var lastIndex = 0

    /// Without what the row doesn't hold.
    var row: DiskFacts {
        var row = self
        row.lastIndex = 0
        return row
    }

    /// How many rows there are, and the sum of their checksums: a row that is missing, or is there twice, shows.
    struct RowSum: Hashable, Sendable {
        var count = 0
        var sum = 0

        mutating func add(_ checksum: UInt32) {
            count += 1
            sum &+= Int(checksum)
        }

        mutating func remove(_ checksum: UInt32) {
            count -= 1
            sum &-= Int(checksum)
        }
    }

    /// The log's last entry after a job.
    func lastIndex(after job: Disk.Job) -> Int {
        job.writes.reduce(lastIndex) { last, write in
            var last = last
            if let snapshot = write.install {
                last = write.keepsLaterEntries ? max(last, snapshot.index) : snapshot.index
            }
            if let from = write.truncateFrom { last = min(last, from - 1) }
            return write.entries.last?.index ?? last
        }
    }
}

extension DiskFacts {
    init(of contents: Disk.Contents) {
        (owner, diskNumber) = (contents.owner, contents.diskNumber)
        (knownDisks, isAdmitted) = (contents.knownDisks, contents.isAdmitted)
        hardState = contents.restored.hardState
        (logStart, logStartTerm) = (contents.restored.snapshotIndex, contents.restored.snapshotTerm)
        applied = contents.restored.appliedIndex
        lastIndex = contents.restored.entries.last?.index ?? logStart
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.optional(owner?.member)
        writer.int(owner?.cluster ?? 0)
        writer.optional(diskNumber)
        writer.bool(isAdmitted)
        writer.int(knownDisks.count)
        for (member, number) in knownDisks.sorted(by: { $0.key < $1.key }) {
            writer.int(member)
            writer.int(number)
        }
        writer.int(hardState.term)
        writer.optional(hardState.votedFor)
        for number in [logStart, logStartTerm, applied, revision, compacted, rows.count, rows.sum] {
            writer.int(number)
        }
        return writer.bytes
    }

    /// - Throws: `ByteReader.Malformed`.
    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        let member = try reader.optional()
        let cluster = try reader.int()
        owner = member.map { Disk.Owner(member: $0, cluster: cluster) }
        (diskNumber, isAdmitted) = (try reader.optional(), try reader.bool())
        for _ in 0..<max(0, try reader.int()) { knownDisks[try reader.int()] = try reader.int() }
        hardState = HardState(term: try reader.int(), votedFor: try reader.optional())
        (logStart, logStartTerm) = (try reader.int(), try reader.int())
        (applied, revision, compacted) = (try reader.int(), try reader.int(), try reader.int())
        rows = RowSum(count: try reader.int(), sum: try reader.int())
    }
}

extension CRC32C {
    static func of(_ bytes: [UInt8]) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(bytes)
        return checksum.value
    }

    static func of(_ entry: Entry) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(entry.index)
        checksum.add(entry.term)
        checksum.add(entry.payload)
        return checksum.value
    }

    static func of(_ change: Change) -> UInt32 {
        let version = change.version
        var checksum = CRC32C()
        // The key's length, so that no byte can pass from the key to the value.
        for number in [
            version.modRevision, version.sub, version.createRevision, version.version,
            Int(version.lease), version.isDeleted ? 1 : 0, change.key.bytes.count,
        ] { checksum.add(number) }
        checksum.add(change.key.bytes)
        checksum.add(version.value)
        return checksum.value
    }

    static func of(lease id: Int64, ttl: Int) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(id)
        checksum.add(ttl)
        return checksum.value
    }
}
