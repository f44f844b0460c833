import Consensus
import Contracts
import Simulation

/// A whole Raft cluster in virtual time: one seed gives the clock, the dice, the network, the disks and the crashes.
///
/// After every event the paper's safety properties (figure 3) are checked; the clients' history is kept for a check of
/// linearizability at the end.
public struct RaftCluster {
    public struct Plan: Sendable {
        public var members = 3
        /// Milliseconds of virtual time.
        public var duration = 10_000
        public var faults = NetworkFaults()
        /// Something bad happens about this often: a crash, a partition, a slow disk. 0: never.
        public var troubleEvery = 700
        public var diskDelay: ClosedRange<Int> = 1...5
        public var clientEvery = 40
        public init() {}
    }

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
    let plan: Plan
    let rules: any RaftContract
    var dice: Dice
    var agenda = Agenda<Event>()
    var network = Network()
    var members: [MemberID: SimulatedMember] = [:]
    var watch = SafetyWatch()
    var clients = ClientHistory()
    public private(set) var timeline = Timeline()

    public init(seed: UInt64, plan: Plan = Plan(), rules: any RaftContract) throws {
        (self.seed, self.plan, self.rules) = (seed, plan, rules)
        dice = Dice(seed: seed)
        network.faults = plan.faults
        for id in ids {
            members[id] = SimulatedMember(id: id)
            try start(id)
        }
        agenda.add(.client, after: plan.clientEvery)
        if plan.troubleEvery > 0 { agenda.add(.trouble, after: plan.troubleEvery) }
    }

    var ids: [MemberID] { Array(1...plan.members) }

    /// Runs to the end.
    ///
    /// - Throws: `Violation`, or what a rule threw.
    public mutating func run() throws {
        while let time = agenda.nextTime, time <= plan.duration, let event = agenda.next() {
            try handle(event)
        }
        guard isLinearizable(clients.operations) else {
            throw Violation(what: "the clients' history is not linearizable", at: agenda.now)
        }
    }

    /// Elections won, entries committed, operations answered: so that a test can see that something happened.
    public var summary: Summary {
        Summary(
            terms: watch.leaders.count, committed: watch.committed.count,
            answered: clients.operations.count { $0.returned != nil })
    }

    public struct Summary: Sendable {
        public var terms: Int
        public var committed: Int
        public var answered: Int
    }

    // MARK: Events

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .tick(let id, let life):
            guard members[id]!.life == life, members[id]!.tickAt == agenda.now else { return }
            members[id]!.tickAt = Int.max
            try update(id) { try $0.tick(now: $1) }
        case .arrive(let message):
            guard network.reaches(from: message.from, to: message.to) else { return }
            try update(message.to) { try $0.receive(message, now: $1) }
        case .written(let id, let life, let ticket, let messages):
            guard members[id]!.life == life else { return }
            members[id]!.disk.sync()
            members[id]!.isDiskBusy = false
            for message in messages { send(message) }
            try update(id) { raft, _ in try raft.wrote(ticket: ticket) }
            writeNext(id)
        case .client:
            try actAsClient()
            agenda.add(.client, after: dice.roll(1...plan.clientEvery * 2))
        case .trouble:
            makeTrouble()
            agenda.add(.trouble, after: dice.roll(1...plan.troubleEvery * 2))
        case .heal:
            network.heal()
            note(0, "the network heals")
        case .restart(let id):
            if members[id]!.raft == nil { try start(id) }
        }
    }

    private mutating func start(_ id: MemberID) throws {
        try members[id]!.start(
            members: ids, rules: rules, seed: dice.next(), now: agenda.now)
        note(id, "starts")
        scheduleTick(id)
    }

    private mutating func scheduleTick(_ id: MemberID) {
        guard let raft = members[id]!.raft else { return }
        let time = max(agenda.now + 1, raft.nextDeadline)
        // A tick that comes too early does no harm: it schedules the next.
        guard time < members[id]!.tickAt else { return }
        members[id]!.tickAt = time
        agenda.add(.tick(id, life: members[id]!.life), after: time - agenda.now)
    }

    /// Lets one member do something, and does what comes of it.
    mutating func update(
        _ id: MemberID, _ change: (inout RaftMember, Int) throws -> Void
    ) throws {
        guard members[id]!.raft != nil else { return }
        let roleBefore = members[id]!.raft!.role
        try change(&members[id]!.raft!, agenda.now)
        let output = try members[id]!.raft!.takeOutput()
        try perform(output, for: id)
        let raft = members[id]!.raft!
        if raft.role != roleBefore {
            note(id, "\(raft.role.rawValue) in term \(raft.term)")
            if raft.role == .leader { try watch.noteLeader(raft, at: agenda.now) }
        }
        scheduleTick(id)
    }

    private mutating func perform(_ output: Output, for id: MemberID) throws {
        for message in output.messages { send(message) }
        if let snapshot = output.install {
            members[id]!.value = decodeValue(snapshot.data)
            members[id]!.appliedIndex = snapshot.index
            note(id, "installs a snapshot of \(snapshot.index)")
        }
        if let write = output.write { members[id]!.waitingWrites.append(write) }
        members[id]!.waitingMessages += output.messagesAfterWrite
        writeNext(id)
        for entry in output.committed { try apply(entry, at: id) }
        members[id]!.reads += output.reads
        answerReads(id)
        for member in output.snapshotsWanted { try sendSnapshot(from: id, to: member) }
    }

    private mutating func send(_ message: Message) {
        var arrivals = network.arrivals(from: message.from, to: message.to, dice: &dice)
        // Raft stands any message twice. A client's command twice would be done twice, so the members' transport
        // (a TCP connection, nothing sent again) never delivers one twice.
        if case .forward = message.body { arrivals = Array(arrivals.prefix(1)) }
        for delay in arrivals {
            agenda.add(.arrive(message), after: delay)
        }
    }

    private mutating func writeNext(_ id: MemberID) {
        guard !members[id]!.isDiskBusy else { return }
        let messages = members[id]!.waitingMessages
        members[id]!.waitingMessages = []
        guard let last = members[id]!.waitingWrites.last else {
            for message in messages { send(message) }
            return
        }
        let records = members[id]!.waitingWrites.flatMap(SimulatedMember.records)
        members[id]!.waitingWrites = []
        members[id]!.isDiskBusy = true
        members[id]!.disk.write(records)
        agenda.add(
            .written(id, life: members[id]!.life, ticket: last.ticket, messages: messages),
            after: dice.roll(plan.diskDelay))
    }

    // MARK: The state machine

    private mutating func apply(_ entry: Entry, at id: MemberID) throws {
        try watch.noteApplied(entry, by: id, at: agenda.now)
        members[id]!.appliedIndex = entry.index
        guard !entry.payload.isEmpty else { return }
        let value = decodeValue(entry.payload)
        members[id]!.value = value
        clients.wrote(value, seenBy: id, at: agenda.now)
        if entry.index % 40 == 0, !members[id]!.isDiskBusy { members[id]!.compact() }
    }

    private mutating func answerReads(_ id: MemberID) {
        let applied = members[id]!.appliedIndex
        for read in members[id]!.reads where read.index <= applied {
            clients.didRead(read.context, value: members[id]!.value, at: agenda.now)
        }
        members[id]!.reads.removeAll { $0.index <= applied }
    }

    private mutating func sendSnapshot(from id: MemberID, to member: MemberID) throws {
        let sender = members[id]!
        guard let term = sender.raft?.log.term(at: sender.appliedIndex) else { return }
        let snapshot = Snapshot(
            index: sender.appliedIndex, term: term, data: encodeValue(sender.value))
        try update(id) { $0.sendSnapshot(snapshot, to: member, now: $1) }
    }

    // MARK: Clients and trouble

    private mutating func actAsClient() throws {
        let id = dice.roll(1...plan.members)
        guard members[id]!.raft != nil else { return }
        if dice.chance(percent: 50) {
            let value = clients.callWrite(through: id, at: agenda.now)
            try update(id) { _ = try $0.propose([encodeValue(value)], now: $1) }
        } else {
            let context = clients.callRead(at: agenda.now)
            try update(id) { $0.read(context: context, now: $1) }
        }
    }

    private mutating func makeTrouble() {
        let victim = dice.roll(1...plan.members)
        switch dice.roll(0...5) {
        case 0, 1: crash(victim)
        case 2:
            // Power failure: everybody at once.
            for id in ids { crash(id) }
        case 3:
            network.part([victim: 1])
            note(victim, "is cut off")
            agenda.add(.heal, after: dice.roll(100...1500))
        case 4:
            let leader = ids.first { members[$0]!.raft?.isLeader == true } ?? victim
            network.part([leader: 1])
            note(leader, "is cut off")
            agenda.add(.heal, after: dice.roll(100...1500))
        default:
            let other = victim % plan.members + 1
            network.silence(from: victim, to: other)
            note(victim, "is not heard by \(other)")
            agenda.add(.heal, after: dice.roll(100...1500))
        }
    }

    private mutating func crash(_ id: MemberID) {
        guard members[id]!.raft != nil else { return }
        members[id]!.crash(dice: &dice)
        clients.forget(waitingAt: id)
        note(id, "crashes")
        agenda.add(.restart(id), after: dice.roll(10...1000))
    }

    private mutating func note(_ id: MemberID, _ text: String) {
        timeline.add(agenda.now, id, text)
    }
}
