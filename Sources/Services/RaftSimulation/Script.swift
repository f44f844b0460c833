import Consensus
import ContractRaft
import Simulation
import StoreRules

// A run by script: who is cut off from whom, who crashes, which messages are lost, and when.
extension RaftCluster {
    /// Virtual milliseconds since the beginning.
    public var now: Int { agenda.now }

    /// Lets time pass.
    /// - Throws: `Violation`, or what a rule threw.
    public mutating func run(for milliseconds: Int) throws {
        let end = agenda.now + milliseconds
        while let time = agenda.nextTime, time <= end, try step() {}
        agenda.advance(to: end)
    }

    /// Lets time pass until something holds.
    /// - Returns: whether it did within the time.
    public mutating func run(
        atMost milliseconds: Int, until holds: (RaftCluster) -> Bool
    ) throws -> Bool {
        let end = agenda.now + milliseconds
        while !holds(self) {
            guard let time = agenda.nextTime, time <= end, try step() else { return false }
        }
        return true
    }

    /// Who hears whom from now on: members in different groups don't. All must be named.
    public mutating func part(_ groups: [MemberID]...) { part(groups) }

    mutating func part(_ groups: [[MemberID]]) {
        var sides: [Int: Int] = [:]
        for (side, group) in groups.enumerated() { for id in group { sides[id] = side } }
        network.part(sides)
        let names = groups.map { $0.map { "S\($0)" }.joined(separator: " ") }
        note(0, "the network parts: " + names.joined(separator: " | "))
    }

    /// One direction fails: nothing of what the first sends reaches the second.
    public mutating func silence(from: MemberID, to: MemberID) {
        network.silence(from: from, to: to)
        note(from, "is not heard by S\(to)")
    }

    public mutating func heal() {
        network.heal()
        isLost = nil
        note(0, "the network heals")
    }

    /// Loses messages until the network heals.
    /// - Parameter what: for the timeline.
    public mutating func lose(_ what: String, _ isLost: @escaping @Sendable (Message) -> Bool) {
        self.isLost = isLost
        note(0, "lost from now on: \(what)")
    }

    /// From now on, of 100 messages so many get lost.
    public mutating func lose(percent: Int) {
        network.faults.lossPercent = percent
        note(0, "of 100 messages \(percent) are lost")
    }

    /// From now on, of 100 messages so many arrive twice and so many come late.
    public mutating func disturb(duplicationPercent: Int, stragglePercent: Int) {
        network.faults.duplicationPercent = duplicationPercent
        network.faults.stragglePercent = stragglePercent
        note(
            0, "of 100 messages \(duplicationPercent) come twice and \(stragglePercent) come late")
    }

    /// These members' disks take this long from now on.
    public mutating func slowDown(_ slow: [MemberID], to delay: ClosedRange<Int>) {
        for id in slow { plan.diskDelays[id] = delay }
        note(0, "the disks of " + slow.map { "S\($0)" }.joined(separator: " ") + " get slow")
    }

    /// The power goes: what the disk had not finished is gone.
    public mutating func crash(_ id: MemberID) {
        members[id].crashLosingAll()
        note(id, "crashes")
    }

    /// A client's write, through this member, of a value that no other write has.
    @discardableResult
    public mutating func write(through id: MemberID) throws -> Int {
        let (operation, value) = clients.callWrite(at: agenda.now)
        if plan.isDetailed { note(id, "is asked to write \(value)") }
        var isRefused = false
        try update(id) { replica, now in
            do { try replica.change(encodeValue(value), for: operation, now: now) } catch {
                isRefused = true
            }
        }
        if isRefused { clients.refusedForCertain(operation) }
        return value
    }

    /// A client's read, through this member.
    public mutating func read(through id: MemberID) throws {
        let operation = clients.callRead(at: agenda.now)
        if plan.isDetailed { note(id, "is asked to read") }
        // One that is refused says nothing.
        try update(id) { try? $0.read(operation, now: $1) }
    }

    /// A snapshot of the sender's state after an entry that its log still has arrives only now.
    public mutating func lateSnapshot(of index: Int, from sender: MemberID, to member: MemberID)
        throws
    {
        guard let raft = members[sender].raft else { return }
        let entry = raft.log[index]
        let snapshot = Snapshot(
            index: index, term: entry.term, data: encodeValue(value(entry) ?? 0))
        let message = Message(
            from: sender, to: member, term: raft.term, body: .snapshot(snapshot, round: 0))
        note(member, "gets a snapshot of \(index) that was long on its way")
        try update(member) { try $0.receive(message, now: $1) }
    }

    // MARK: What can be seen from outside

    /// The member as it is now; nil while it is down.
    public func member(_ id: MemberID) -> RaftMember? { members[id].raft }

    /// Who leads in the latest term.
    public var leader: MemberID? {
        let leading = ids.filter { members[$0].raft?.isLeader == true }
        return leading.max { members[$0].raft!.term < members[$1].raft!.term }
    }

    /// The entries' terms in a member's log, from the first it still has.
    public func logTerms(of id: MemberID) -> [Int] {
        guard let log = members[id].raft?.log, log.firstIndex <= log.lastIndex else { return [] }
        return (log.firstIndex...log.lastIndex).map { log[$0].term }
    }

    /// What a member's state machine holds: the last value written.
    public func value(at id: MemberID) -> Int { members[id].value }

    /// The last value that the cluster committed.
    public var lastValue: Int { watch.committed.last { value($0) != nil }.flatMap(value) ?? 0 }

    /// Operations that clients had an answer to.
    public var answered: Int { clients.answered }
}
