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
        part((1...sides).map { side in ids.filter { places[$0 - 1] == side } }.filter { !$0.isEmpty })
    }

    private mutating func breakDown(_ id: MemberID) {
        guard members[id].raft != nil else { return }
        members[id].crash(dice: &dice)
        clients.forget(waitingAt: id)
        note(id, "crashes")
        agenda.add(.restart(id), after: dice.roll(10...1000))
    }
}
