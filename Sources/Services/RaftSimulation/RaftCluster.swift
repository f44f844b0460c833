import Consensus
import ContractRaft
import Simulation

/// A whole Raft cluster in virtual time: one seed gives the clock, the dice, the network, the disks and the crashes.
///
/// After every event the paper's safety properties (figure 3) are checked; the clients' history is kept for a check of
/// linearizability at the end.
public struct RaftCluster {
    enum Event: Sendable {
        case tick(MemberID, life: Int)
        case arrive(Message)
        case written(MemberID, life: Int, ticket: Int, messages: [Message])
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
            if let old = plan.restored[id] { members[id].disk.replace(with: old.records) }
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

    /// The clients' history has an order in which it makes sense.
    public mutating func finish() throws {
        guard isLinearizable(clients.operations) else {
            try fail(Violation(what: "the clients' history is not linearizable", at: agenda.now))
        }
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
        let text = violation.what.hasPrefix(name)
            ? String(violation.what.dropFirst(name.count)) : violation.what
        timeline.add(violation.at, violation.member ?? 0, text, isBad: true)
        throw violation
    }

    /// Elections won, entries committed, operations answered: so that a test can see that something happened.
    public var summary: Summary {
        Summary(
            terms: watch.leaders.count, committed: watch.committed.count,
            answered: clients.operations.count { $0.returned != nil },
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
        case .written(let id, let life, let ticket, let messages):
            guard members[id].life == life else { return }
            members[id].disk.sync()
            members[id].isDiskBusy = false
            for message in messages { send(message) }
            try update(id) { raft, _ in try raft.wrote(ticket: ticket) }
            writeNext(id)
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

    /// A member comes up with what its disk has.
    public mutating func start(_ id: MemberID) throws {
        try members[id].start(
            members: ids, settings: settings(of: id), rules: rules, seed: dice.next(),
            now: agenda.now)
        note(id, "starts")
        try noteAppended(members[id].raft!.log.entries, to: id)
        scheduleTick(id)
    }

    private mutating func scheduleTick(_ id: MemberID) {
        guard let deadline = members[id].raft?.nextDeadline else { return }
        let time = max(agenda.now + 1, deadline)
        // A tick that comes too early does no harm: it schedules the next.
        guard time < members[id].tickAt else { return }
        members[id].tickAt = time
        agenda.add(.tick(id, life: members[id].life), after: time - agenda.now)
    }

    /// Lets one member do something, and does what comes of it.
    mutating func update(
        _ id: MemberID, _ change: (inout RaftMember, Int) throws -> Void
    ) throws {
        guard let before = members[id].look else { return }
        try change(&members[id].raft!, agenda.now)
        let output = try members[id].raft!.takeOutput()
        try perform(output, for: id)
        noteChanges(of: id, since: before)
        if members[id].raft!.role == .leader, before.role != .leader {
            try watch.noteLeader(members[id].raft!, at: agenda.now)
        }
        scheduleTick(id)
    }

    private mutating func perform(_ output: Output, for id: MemberID) throws {
        for message in output.messages { send(message) }
        if let snapshot = output.install {
            members[id].value = decodeValue(snapshot.data)
            members[id].appliedIndex = snapshot.index
            note(id, "installs a snapshot of \(snapshot.index)")
        }
        if let write = output.write {
            try noteAppended(write.entries, to: id)
            members[id].waitingWrites.append(write)
        }
        members[id].waitingMessages += output.messagesAfterWrite
        writeNext(id)
        for entry in output.committed { try apply(entry, at: id) }
        members[id].reads += output.reads
        answerReads(id)
        for member in output.snapshotsWanted { try sendSnapshot(from: id, to: member) }
    }

    private mutating func noteAppended(_ entries: [Entry], to id: MemberID) throws {
        try watch.noteAppended(entries, to: members[id].raft!.log, of: id, at: agenda.now)
    }

    private mutating func send(_ message: Message) {
        sent[message.kind, default: 0] += 1
        if let isLost, isLost(message) { return }
        var arrivals = network.arrivals(from: message.from, to: message.to, dice: &dice)
        // Raft stands any message twice. A client's command twice would be done twice, so the members' transport
        // (a TCP connection, nothing sent again) never delivers one twice.
        if case .forward = message.body { arrivals = Array(arrivals.prefix(1)) }
        for delay in arrivals {
            agenda.add(.arrive(message), after: delay)
        }
    }

    private mutating func writeNext(_ id: MemberID) {
        guard !members[id].isDiskBusy else { return }
        let messages = members[id].waitingMessages
        members[id].waitingMessages = []
        guard let last = members[id].waitingWrites.last else {
            for message in messages { send(message) }
            return
        }
        let records = members[id].waitingWrites.flatMap(SimulatedMember.records)
        members[id].waitingWrites = []
        members[id].isDiskBusy = true
        members[id].disk.write(records)
        agenda.add(
            .written(id, life: members[id].life, ticket: last.ticket, messages: messages),
            after: dice.roll(plan.diskDelays[id] ?? plan.diskDelay))
    }

    // MARK: The state machine

    private mutating func apply(_ entry: Entry, at id: MemberID) throws {
        try watch.noteApplied(entry, by: id, at: agenda.now)
        members[id].appliedIndex = entry.index
        guard !entry.payload.isEmpty else { return }
        let value = decodeValue(entry.payload)
        members[id].value = value
        clients.wrote(value, seenBy: id, at: agenda.now)
        let isDue = plan.snapshotEvery > 0 && entry.index % plan.snapshotEvery == 0
        if isDue, !members[id].isDiskBusy { members[id].compact() }
    }

    private mutating func answerReads(_ id: MemberID) {
        let applied = members[id].appliedIndex
        if members[id].reads.isEmpty { return }
        for read in members[id].reads where read.index <= applied {
            clients.didRead(read.context, value: members[id].value, at: agenda.now)
            if plan.isDetailed { note(id, "answers a read: \(members[id].value)") }
        }
        members[id].reads.removeAll { $0.index <= applied }
    }

    private mutating func sendSnapshot(from id: MemberID, to member: MemberID) throws {
        let (applied, value) = (members[id].appliedIndex, members[id].value)
        guard let term = members[id].raft?.log.term(at: applied) else { return }
        let snapshot = Snapshot(index: applied, term: term, data: encodeValue(value))
        if plan.isDetailed { note(id, "sends S\(member) a snapshot of \(applied)") }
        try update(id) { $0.sendSnapshot(snapshot, to: member, now: $1) }
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

    private mutating func noteChanges(of id: MemberID, since before: SimulatedMember.Look) {
        guard let after = members[id].look, after != before else { return }
        let votes = after.votedFor.map { $0 != id } ?? false
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
