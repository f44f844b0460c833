import Consensus
import ContractRaft
import Simulation
import StoreRules

// What a member's replica wants done, performed on the simulated network, disk and state machine.
extension RaftCluster {
    /// Lets one member do something, and does what comes of it.
    mutating func update(
        _ id: MemberID, _ change: (inout SimulatedMember.Machine, Int) throws -> Void
    ) throws {
        guard let before = members[id].look else { return }
        try change(&members[id].replica!, agenda.now)
        repeat {
            try perform(try members[id].replica!.takeActions(now: agenda.now), for: id)
        } while members[id].replica!.hasMore
        noteChanges(of: id, since: before)
        if members[id].raft!.role == .leader, before.role != .leader {
            try watch.noteLeader(members[id].raft!, at: agenda.now)
        }
        scheduleTick(id)
    }

    private mutating func perform(_ actions: ReplicaActions<Int, Int>, for id: MemberID) throws {
        for message in actions.messages { send(message) }
        for message in actions.stream { send(message) }
        if let batch = actions.write { try write(batch, for: id) }
        if let snapshot = actions.install {
            (members[id].value, members[id].appliedIndex) = (
                decodeValue(snapshot.data), snapshot.index
            )
            note(id, "installs a snapshot of \(snapshot.index)")
        }
        for applied in actions.applied { try apply(applied, at: id) }
        for reader in actions.readers {
            clients.didRead(reader, value: members[id].value, at: agenda.now)
            if plan.isDetailed { note(id, "answers a read: \(members[id].value)") }
        }
        for (writer, refusal) in actions.refusedWriters where refusal != .timedOut {
            clients.refusedForCertain(writer)
        }
        if let name = actions.makeSnapshot {
            let pieces = StatePieces(state: encodeValue(members[id].value))
            agenda.add(
                .made(id, life: members[id].life, name, pieces), after: dice.roll(plan.diskDelay))
        }
        if let (name, pieces) = actions.arrived {
            agenda.add(
                .decoded(id, life: members[id].life, name, data: pieces.flatMap { $0 }),
                after: dice.roll(plan.diskDelay))
        }
    }

    private mutating func write(_ batch: WriteBatch, for id: MemberID) throws {
        for write in batch.writes { try noteAppended(write.entries, to: id) }
        members[id].disk.write(batch.writes.flatMap(SimulatedMember.records))
        agenda.add(
            .written(id, life: members[id].life, batch),
            after: dice.roll(plan.diskDelays[id] ?? plan.diskDelay))
    }

    private mutating func send(_ message: Message) {
        sent[message.kind, default: 0] += 1
        if let isLost, isLost(message) { return }
        var arrivals = network.arrivals(from: message.from, to: message.to, dice: &dice)
        // Raft stands any message twice. A client's command twice would be done twice, so the members' transport
        // (a TCP connection, nothing sent again) never delivers one twice.
        if case .forward = message.body { arrivals = Array(arrivals.prefix(1)) }
        for delay in arrivals { agenda.add(.arrive(message), after: delay) }
    }

    private mutating func send(_ message: SnapshotMessage) {
        if plan.isDetailed, case .offer = message.body {
            note(message.from, "offers S\(message.to) a snapshot of \(message.name.index)")
        }
        for delay in network.arrivals(from: message.from, to: message.to, dice: &dice) {
            agenda.add(.arrivePiece(message), after: delay)
        }
    }

    private mutating func apply(_ applied: ReplicaActions<Int, Int>.Applied, at id: MemberID) throws
    {
        try watch.noteApplied(applied.entry, by: id, at: agenda.now)
        members[id].appliedIndex = applied.entry.index
        guard let body = applied.body else { return }
        members[id].value = decodeValue(body)
        if let writer = applied.writer { clients.wrote(writer, at: agenda.now) }
        let isDue = plan.snapshotEvery > 0 && applied.entry.index % plan.snapshotEvery == 0
        if isDue, !members[id].replica!.isDiskBusy { members[id].compact() }
    }
}

/// A state of the register, in pieces so small that it takes some of them: more than are asked for at a time.
struct StatePieces: SnapshotPieces {
    private static let pieceCount = 12
    let state: [UInt8]
    var count: Int { Self.pieceCount }
    func piece(_ number: Int) -> [UInt8] { state.indices.contains(number) ? [state[number]] : [] }
}
