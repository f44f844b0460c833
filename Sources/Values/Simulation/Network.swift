/// What a network does to messages. Percentages are of 100 messages; times are milliseconds.
public struct NetworkFaults: Sendable {
    public var lossPercent = 0
    public var duplicationPercent = 0
    public var delay: ClosedRange<Int> = 1...2
    /// These messages are much later than others, so that later ones overtake them.
    public var stragglePercent = 0
    public var straggleDelay: ClosedRange<Int> = 20...200
    public init() {}
}

/// Decides each message's fate; whoever carries it puts the copies on its agenda.
public struct Network: Sendable {
    public var faults = NetworkFaults()
    /// The side that each host is on; hosts on different sides don't hear each other. Absent: side 0.
    public private(set) var sides: [Int: Int] = [:]
    /// Pairs where only one direction works: from the first to the second nothing arrives.
    public private(set) var mute: Set<[Int]> = []

    public init() {}

    public mutating func part(_ sides: [Int: Int]) { self.sides = sides }
    public mutating func silence(from: Int, to: Int) { mute.insert([from, to]) }
    public mutating func heal() { (sides, mute) = ([:], []) }

    /// The delays after which copies of a message arrive; empty: it is lost.
    public func arrivals(from: Int, to: Int, dice: inout Dice) -> [Int] {
        guard reaches(from: from, to: to), !dice.chance(percent: faults.lossPercent) else { return [] }
        let copies = dice.chance(percent: faults.duplicationPercent) ? 2 : 1
        return (0..<copies).map { _ in
            dice.chance(percent: faults.stragglePercent)
                ? dice.roll(faults.straggleDelay) : dice.roll(faults.delay)
        }
    }

    /// Whether a message under way may still arrive: partitions cut what is on the wire too.
    public func reaches(from: Int, to: Int) -> Bool {
        sides[from, default: 0] == sides[to, default: 0] && !mute.contains([from, to])
    }
}
