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
struct Attention<View: Equatable & Sendable>: Sendable {
    private var last: [String: View] = [:]
    private var again: [String: Int] = [:]

    /// - Parameter view: all that is seen, but for the time.
    func calls(_ key: String, _ view: View, now: Int) -> Bool {
        last[key] != view || again[key].map { $0 <= now } == true
    }

    mutating func looked(_ key: String, _ view: View, againAt: Int?) {
        (last[key], again[key]) = (view, againAt)
    }

    /// A write was refused: look again.
    mutating func retry(_ key: String) { last[key] = nil }
}
