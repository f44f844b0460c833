import Consensus
import ContractRaft

// Snapshots: made by the leader's driver, brought in pieces, read by the follower's driver.
extension Replica {
    mutating func bringSnapshot(to member: MemberID, now: Int) {
        if let archive = sender.archive, archive.name.index >= raft.log.shape.snapshotIndex {
            raft.beganSnapshot(of: archive.name.index, to: member)
            sender.begin(member, now: now)
        } else if let term = raft.log.term(at: appliedIndex),
            let name = sender.want(member, present: SnapshotName(index: appliedIndex, term: term))
        {
            actions.makeSnapshot = name
        }
    }

    /// The state that `makeSnapshot` asked for is ready to be sent.
    public mutating func madeSnapshot(_ name: SnapshotName, _ pieces: any SnapshotPieces, now: Int)
    {
        for member in sender.made(name, pieces, now: now) {
            raft.beganSnapshot(of: name.index, to: member)
        }
        tickSnapshots(now: now)
    }

    mutating func tickSnapshots(now: Int) {
        let (offers, silent) = sender.tick(now: now) { raft.isLeader && raft.awaitsSnapshot($0) }
        for member in silent { raft.failedSnapshot(to: member) }
        if let archive = sender.archive {
            for member in offers {
                say(.offer(pieces: archive.pieces.count), archive.name, to: member, term: raft.term)
            }
        }
        if let ask = receiver.tick(now: now) { say(ask) }
    }

    /// A peer's word on a snapshot.
    public mutating func receive(_ message: SnapshotMessage, now: Int) {
        guard message.to == raft.id, raft.members.contains(message.from) else { return }
        switch message.body {
        case .offer(let pieces):
            // What is committed here needs no snapshot, and the next heartbeat's answer says so.
            guard message.term >= raft.term, message.name.index > raft.commitIndex else { return }
            let ask = receiver.offered(
                message.name, pieces: pieces, by: message.from, term: message.term, now: now)
            if let ask { say(ask) }
        case .ask(let numbers):
            for piece in sender.asked(numbers, of: message.name, by: message.from, now: now) {
                say(
                    .piece(piece.number, bytes: piece.bytes), message.name, to: message.from,
                    term: message.term)
            }
        case .piece(let number, let bytes):
            let (ask, whole) = receiver.received(number, bytes, of: message.name, now: now)
            if let ask { say(ask) }
            if let whole { actions.arrived = (message.name, whole) }
        }
    }

    /// The driver has read a snapshot that arrived.
    ///
    /// - Parameter data: what the driver wants to get back in `install`; nil: it could not be read.
    public mutating func readSnapshot(_ name: SnapshotName, data: [UInt8]?, now: Int) throws {
        guard let source = receiver.source(of: name) else { return }
        guard let data else { return receiver.forget() }
        let snapshot = Snapshot(index: name.index, term: name.term, data: data)
        let message = Message(
            from: source.leader, to: raft.id, term: source.term, body: .snapshot(snapshot, round: 0)
        )
        try raft.receive(message, now: now)
        receiver.forget()
    }

    private mutating func say(_ ask: SnapshotReceiver.Ask) {
        say(.ask(ask.numbers), ask.name, to: ask.leader, term: ask.term)
    }

    private mutating func say(
        _ body: SnapshotMessage.Body, _ name: SnapshotName, to member: MemberID, term: Int
    ) {
        actions.stream.append(
            SnapshotMessage(from: raft.id, to: member, term: term, name: name, body: body))
    }
}
