import Consensus
import ContractRaft
import Simulation
import StoreRules

/// A member with its disk and its state machine (a register), as a computer that can crash and start again.
struct SimulatedMember: Sendable {
    /// What a member's journal holds.
    enum Record: Sendable {
        case hardState(HardState)
        case install(Snapshot, keepsLaterEntries: Bool)
        case truncate(from: Int)
        case entry(Entry)
    }

    let id: MemberID
    /// Clients wait by the place of their operation in the history.
    typealias Machine = Replica<Int, Int>
    /// nil while it is down.
    var replica: Machine?
    var raft: RaftMember? { replica?.raft }
    var disk = SimulatedDisk<Record>()
    /// Counts the starts: what was meant for an earlier life does not arrive.
    var life = 0
    /// When the next tick comes; any other is an old one.
    var tickAt = Int.max

    /// The disk's number, and what is on it about other members' disks.
    private(set) var diskNumber = 0
    var roster = Roster()
    /// Whether others have let the member in with this disk.
    var isAdmitted = false
    /// While it asks them.
    var admission: Admission?

    /// The state machine: the last value written, and the entry up to which it is.
    var value = 0
    var appliedIndex = 0

    mutating func start(
        members: [MemberID], settings: RaftMember.Settings, rules: any RaftContract, seed: UInt64,
        incarnation: Int, now: Int
    ) throws {
        let restored = Self.replay(disk.recover())
        value = 0
        if let snapshot = restored.snapshot { value = decodeValue(snapshot.data) }
        appliedIndex = restored.raft.snapshotIndex
        life += 1
        tickAt = Int.max
        let raft = try RaftMember(
            id: id, members: members, settings: settings, rules: rules, restored: restored.raft,
            seed: seed, now: now)
        replica = Replica(
            raft: raft, appliedIndex: restored.raft.snapshotIndex, incarnation: incarnation,
            now: now)
    }

    /// A new, empty disk, on which nothing is but what members are known by.
    mutating func getDisk(numbered number: Int, known: [MemberID: Int]) {
        disk = SimulatedDisk()
        (diskNumber, roster, isAdmitted) = (number, Roster(disks: known), false)
    }

    mutating func crash(dice: inout Dice) {
        replica = nil
        life += 1
        disk.crash(dice: &dice)
    }

    mutating func crashLosingAll() {
        replica = nil
        life += 1
        disk.crashLosingAll()
    }

    /// What a timeline tells of.
    struct Look: Equatable {
        var role: RaftMember.Role
        var term: Int
        var votedFor: MemberID?
        var lastIndex: Int
        var commitIndex: Int
    }

    /// nil while it is down.
    var look: Look? {
        guard raft != nil else { return nil }
        return Look(
            role: raft!.role, term: raft!.hardState.term, votedFor: raft!.hardState.votedFor,
            lastIndex: raft!.log.lastIndex, commitIndex: raft!.commitIndex)
    }

    static func records(of write: DiskWrite) -> [Record] {
        var records: [Record] = []
        if let state = write.hardState { records.append(.hardState(state)) }
        if let snapshot = write.install {
            records.append(.install(snapshot, keepsLaterEntries: write.keepsLaterEntries))
        }
        if let from = write.truncateFrom { records.append(.truncate(from: from)) }
        return records + write.entries.map(Record.entry)
    }

    static func replay(_ records: [Record]) -> (raft: Restored, snapshot: Snapshot?) {
        var restored = Restored()
        var snapshot: Snapshot?
        for record in records {
            switch record {
            case .hardState(let state): restored.hardState = state
            case .install(let installed, let keeps):
                snapshot = installed
                restored.snapshotIndex = installed.index
                restored.snapshotTerm = installed.term
                restored.entries.removeAll { !keeps || $0.index <= installed.index }
            case .truncate(let from): restored.entries.removeAll { $0.index >= from }
            case .entry(let entry): restored.entries.append(entry)
            }
        }
        return (restored, snapshot)
    }

    /// Makes a snapshot of the state machine and forgets the log before it.
    mutating func compact() {
        // A member that is being brought a snapshot needs what follows it.
        guard let replica, replica.compactionFloor > appliedIndex, appliedIndex > 0,
            let term = replica.raft.log.term(at: appliedIndex)
        else { return }
        let snapshot = Snapshot(index: appliedIndex, term: term, data: encodeValue(value))
        disk.write([.install(snapshot, keepsLaterEntries: true)])
        disk.sync()
        self.replica!.compact(to: snapshot.index)
        let kept = Self.replay(disk.recover())
        disk.replace(
            with: [.hardState(kept.raft.hardState), .install(snapshot, keepsLaterEntries: true)]
                + kept.raft.entries.map(Record.entry))
    }
}

func encodeValue(_ value: Int) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
func decodeValue(_ bytes: [UInt8]) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
}
