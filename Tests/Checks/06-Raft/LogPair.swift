import Simulation

/// A leader's log and a follower's, as they can come to be: where index and term are the same, all before is too.
struct LogPair {
    /// How many entries are the same, from the first.
    let common: Int
    let leader: [Int]
    let follower: [Int]

    init(size: Int, dice: inout Dice) {
        var terms: [Int] = []
        var term = 1
        for _ in 0..<dice.roll(0...size) {
            if dice.chance(percent: 40) { term += 1 }
            terms.append(term)
        }
        func tail(_ first: Int, _ dice: inout Dice) -> [Int] {
            var own = first
            return (0..<dice.roll(0...size)).map { _ in
                if dice.chance(percent: 40) { own += 2 }
                return own
            }
        }
        let even = (term + 2) / 2 * 2
        common = terms.count
        leader = terms + tail(even, &dice)
        follower = terms + tail(even + 1, &dice)
    }
}
