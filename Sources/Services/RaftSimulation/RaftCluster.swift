import Consensus
import ContractRaft
import Simulation
import StoreRules

/// A whole Raft cluster in virtual time: one seed gives the clock, the dice, the network, the disks and the crashes.
///
/// What runs is what the store runs: `Replica`, the Raft machine with the shell around it, which says what clients hear.
/// After every event the paper's safety properties (figure 3) are checked; the clients' history is kept for a check of
/// linearizability at the end.
public struct RaftCluster {
    enum Event: Sendable {
        case tick(MemberID, life: Int)
        case arrive(Message)
        case arrivePiece(SnapshotMessage)
        case written(MemberID, life: Int, WriteBatch)
        case made(MemberID, life: Int, SnapshotName, StatePieces)
        case decoded(MemberID, life: Int, SnapshotName, data: [UInt8])
        case admission(MemberID, life: Int)
        case client
        case trouble
        case heal
        case restart(MemberID)
    }

    public let seed: UInt64
    var plan: Plan
    let rules: any RaftContract
    var dice: Dice
    var agenda = Agenda<Event>()
    var network = Network()
    /// By number; the first place is nobody's.
    var members: [SimulatedMember]
    var watch = SafetyWatch()
    var clients = ClientHistory()
    /// Messages that a script loses.
    var isLost: (@Sendable (Message) -> Bool)?
    /// How many messages of each kind were sent: for budgets.
    public internal(set) var sent: [MessageKind: Int] = [:]
    public private(set) var timeline: Timeline

    public init(seed: UInt64, plan: Plan = Plan(), rules: any RaftContract) throws {
        (self.seed, self.plan, self.rules) = (seed, plan, rules)
        dice = Dice(seed: seed)
        network.faults = plan.faults
        members = (0...plan.members).map { SimulatedMember(id: $0) }
        timeline = Timeline(lanes: (1...plan.members).map { "S\($0)" })
        for id in ids {
            members[id].getDisk(numbered: Int(dice.next() >> 2), known: [:])
            if let old = plan.restored[id] { members[id].disk.replace(with: old.records) }
        }
        for id in ids {
            for other in ids { members[id].roster.remember(other, disk: members[other].diskNumber) }
            members[id].isAdmitted = true
            if !plan.down.contains(id) { try start(id) }
        }
        if plan.clientEvery > 0 { agenda.add(.client, after: plan.clientEvery) }
        if plan.troubleEvery > 0 { agenda.add(.trouble, after: plan.troubleEvery) }
    }

    var ids: [MemberID] { Array(1...plan.members) }

    /// Runs to the end.
    ///
    /// - Throws: `Violation`, or what a rule threw.
    public mutating func run() throws {
        while let time = agenda.nextTime, time <= plan.duration, try step() {}
        try finish()
    }

    /// The clients' history has an order in which it makes sense, and everything that was acknowledged is there.
    public mutating func finish() throws {
        guard isLinearizable(clients.history) else {
            try fail(Violation(what: "the clients' history is not linearizable", at: agenda.now))
        }
        let written = Set(watch.committed.compactMap(value))
        if let lost = clients.acknowledged.first(where: { !written.contains($0) }) {
            try fail(
                Violation(what: "the write of \(lost) was acknowledged and lost", at: agenda.now))
        }
    }

    /// What a command writes; nil for one that writes nothing.
    func value(_ entry: Entry) -> Int? {
        guard !entry.payload.isEmpty else { return nil }
        return (try? LoggedCommand(decoding: entry.payload)).map { decodeValue($0.body) }
    }

    /// One event; false where there is none.
    mutating func step() throws -> Bool {
        guard let event = agenda.next() else { return false }
        do { try handle(event) } catch let violation as Violation { try fail(violation) }
        return true
    }

    private mutating func fail(_ violation: Violation) throws -> Never {
        // A lane's line begins with its name anyway.
        let name = violation.member.map { "S\($0) " } ?? ""
        let text =
            violation.what.hasPrefix(name)
            ? String(violation.what.dropFirst(name.count)) : violation.what
        timeline.add(violation.at, violation.member ?? 0, text, isBad: true)
        throw violation
    }

    /// Elections won, entries committed, operations answered: so that a test can see that something happened.
    public var summary: Summary {
        Summary(
            terms: watch.leaders.count, committed: watch.committed.count,
            answered: clients.answered,
            torn: members.reduce(0) { $0 + $1.disk.tornCount })
    }

    public struct Summary: Sendable {
        public var terms: Int
        public var committed: Int
        public var answered: Int
        /// Crashes that left a part of a write on a disk.
        public var torn: Int
    }

    // MARK: Events

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .tick(let id, let life):
            guard members[id].life == life, members[id].tickAt == agenda.now else { return }
            members[id].tickAt = Int.max
            try update(id) { try $0.tick(now: $1) }
        case .arrive(let message):
            guard network.reaches(from: message.from, to: message.to) else { return }
            try update(message.to) { try $0.receive(message, now: $1) }
        case .arrivePiece(let message):
            guard network.reaches(from: message.from, to: message.to) else { return }
            try update(message.to) { $0.receive(message, now: $1) }
        case .written(let id, let life, let batch):
            guard members[id].life == life else { return }
            members[id].disk.sync()
            try update(id) { replica, _ in try replica.wrote(batch) }
        case .made(let id, let life, let name, let pieces):
            guard members[id].life == life else { return }
            try update(id) { $0.madeSnapshot(name, pieces, now: $1) }
        case .decoded(let id, let life, let name, let data):
            guard members[id].life == life else { return }
            try update(id) { try $0.readSnapshot(name, data: data, now: $1) }
        case .admission(let id, let life):
            guard members[id].life == life else { return }
            try askForAdmission(id)
        case .client:
            try actAsClient()
            agenda.add(.client, after: dice.roll(1...plan.clientEvery * 2))
        case .trouble:
            makeTrouble()
            agenda.add(.trouble, after: dice.roll(1...plan.troubleEvery * 2))
        case .heal: heal()
        case .restart(let id):
            if members[id].raft == nil { try start(id) }
        }
    }

    /// A member comes up with what its disk has; with an empty one it has to ask the others first.
    public mutating func start(_ id: MemberID) throws {
        guard members[id].isAdmitted || plan.admitsAnybody else {
            members[id].admission = Admission(others: ids.filter { $0 != id }, now: agenda.now)
            members[id].life += 1
            return try askForAdmission(id)
        }
        let incarnation = plan.forgetsIncarnations ? 0 : Int(dice.next() >> 2)
        try members[id].start(
            members: ids, settings: settings(of: id), rules: rules, seed: dice.next(),
            incarnation: incarnation, now: agenda.now)
        note(id, "starts")
        try noteAppended(members[id].raft!.log.entries, to: id)
        scheduleTick(id)
    }

    mutating func scheduleTick(_ id: MemberID) {
        guard let deadline = members[id].replica?.nextDeadline else { return }
        let time = max(agenda.now + 1, deadline)
        // A tick that comes too early does no harm: it schedules the next.
        guard time < members[id].tickAt else { return }
        members[id].tickAt = time
        agenda.add(.tick(id, life: members[id].life), after: time - agenda.now)
    }

    mutating func noteAppended(_ entries: [Entry], to id: MemberID) throws {
        try watch.noteAppended(entries, to: members[id].raft!.log, of: id, at: agenda.now)
    }

    // MARK: The timeline

    mutating func note(_ id: MemberID, _ text: String) {
        timeline.add(agenda.now, id, text)
    }

    private static func text(_ look: SimulatedMember.Look) -> String {
        switch look.role {
        case .follower: "follows in term \(look.term)"
        case .preCandidate: "asks who would vote for it"
        case .candidate: "stands in term \(look.term)"
        case .leader: "leads term \(look.term)"
        }
    }

    mutating func noteChanges(of id: MemberID, since before: SimulatedMember.Look) {
        guard let after = members[id].look, after != before else { return }
        let votes =
            after.votedFor.map { $0 != id } ?? false
            && (after.term != before.term || before.votedFor != after.votedFor)
        if plan.isDetailed, votes {
            note(id, "votes for S\(after.votedFor!) in term \(after.term)")
        } else if after.role != before.role || (plan.isDetailed && after.term != before.term) {
            note(id, Self.text(after))
        }
        guard plan.isDetailed else { return }
        if after.lastIndex < before.lastIndex {
            note(id, "cuts its log to \(after.lastIndex) entries")
        }
        if after.commitIndex > before.commitIndex {
            let term = members[id].raft?.log.term(at: after.commitIndex) ?? 0
            note(id, "commits \(after.commitIndex), of term \(term)")
        }
    }
}
