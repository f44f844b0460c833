import Simulation

/// A controller's cache: it sees the world as it was some seconds ago, and never goes back.
struct Cache: Sendable {
    private(set) var seen = 0
    let lagMax: Int

    init(lagMax: Int) { self.lagMax = lagMax }

    /// Moves on to a moment between what was seen and now; every moment between is passed through.
    mutating func advance(to latest: Int, _ dice: inout Dice) -> ClosedRange<Int> {
        let from = seen
        seen = max(seen, min(latest, latest - dice.roll(0...lagMax)))
        return from...seen
    }
}

/// When a controller has to look: something it can see changed, or a time it asked for came.
struct Attention: Sendable {
    private var seen = -1
    private var again: Int?

    /// - Parameter changes: the count of the world that is seen.
    func calls(_ changes: Int, now: Int) -> Bool {
        seen != changes || again.map { $0 <= now } == true
    }

    mutating func looked(_ changes: Int, againAt: Int?) { (seen, again) = (changes, againAt) }

    /// Something that the world doesn't show changed, or a write was refused: look again.
    mutating func retry() { seen = -1 }
}
