import ContractRaft
import Simulation

// What nobody planned: clients that ask anybody anything, and what breaks.
extension RaftCluster {
    mutating func actAsClient() throws {
        let id = dice.roll(1...plan.members)
        guard members[id].raft != nil else { return }
        if dice.chance(percent: 50) {
            _ = try write(through: id)
        } else {
            try read(through: id)
        }
    }

    mutating func makeTrouble() {
        let victim = dice.roll(1...plan.members)
        if plan.emptiesDisks, dice.chance(percent: 15) { return emptyDisk(of: victim) }
        switch dice.roll(0...5) {
        case 0, 1: breakDown(victim)
        case 2:
            // Power failure: everybody at once.
            for id in ids { breakDown(id) }
        case 3:
            if plan.members > 3 {
                split()
            } else {
                network.part([victim: 1])
                note(victim, "is cut off")
            }
            agenda.add(.heal, after: dice.roll(100...1500))
        case 4:
            let leader = ids.first { members[$0].raft?.isLeader == true } ?? victim
            network.part([leader: 1])
            note(leader, "is cut off")
            agenda.add(.heal, after: dice.roll(100...1500))
        default:
            let other = victim % plan.members + 1
            network.silence(from: victim, to: other)
            note(victim, "is not heard by S\(other)")
            agenda.add(.heal, after: dice.roll(100...1500))
        }
    }

    /// Every member lands on one of two or three sides: 2|3, 1|4, 1|2|2 …, so that it may be that no side has a
    /// majority.
    private mutating func split() {
        let sides = dice.roll(2...3)
        let places = ids.map { _ in dice.roll(1...sides) }
        part(
            (1...sides).map { side in ids.filter { places[$0 - 1] == side } }.filter { !$0.isEmpty }
        )
    }

    private mutating func breakDown(_ id: MemberID) {
        guard members[id].raft != nil else { return }
        members[id].crash(dice: &dice)
        note(id, "crashes")
        agenda.add(.restart(id), after: dice.roll(10...1000))
    }

    /// Somebody removes a member's directory, and starts it again.
    private mutating func emptyDisk(of id: MemberID) {
        members[id].crashLosingAll()
        members[id].getDisk(numbered: Int(dice.next() >> 2), known: [:])
        note(id, "loses its disk")
        agenda.add(.restart(id), after: dice.roll(10...1000))
    }

    /// A member with an empty disk asks the others whether it is new, again and again until it knows.
    mutating func askForAdmission(_ id: MemberID) throws {
        guard var admission = members[id].admission else { return }
        for other in ids where other != id && members[other].raft != nil {
            guard network.reaches(from: id, to: other), network.reaches(from: other, to: id) else {
                continue
            }
            switch members[other].roster.judge(id, disk: members[id].diskNumber) {
            case .impostor:
                members[id].admission = nil
                return note(id, "is refused by S\(other): it had another disk")
            case .new: members[other].roster.remember(id, disk: members[id].diskNumber)
            case .known: break
            }
            admission.welcomed(by: other)
        }
        members[id].admission = admission
        if admission.isAdmitted(now: agenda.now) {
            (members[id].isAdmitted, members[id].admission) = (true, nil)
            return try start(id)
        }
        agenda.add(.admission(id, life: members[id].life), after: 100)
    }
}
