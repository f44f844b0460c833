import Grading

/// A load over time, decided by a seed: it rises, swings to and fro for a while, and goes away.
///
/// A pod requests 100 millicores and is meant to use half of that, so a load of 50 × n needs n
/// pods. The noise stays small enough that `high` and `low` pods are right at any moment of their
/// phase.
struct LoadScene {
    static let target = 50
    static let lookSeconds = 15

    /// Pods that the highest and the lowest load need.
    let high: Int
    let low: Int
    let maxReplicas: Int
    /// stabilizationWindowSeconds downwards.
    var windowSeconds: Int
    /// Millicores at each look.
    let loads: [Int]
    /// The number of looks until the rise has to be met.
    let risen = 13
    /// The last look at which the load is high.
    let lastHigh: Int

    init(_ run: Run, dice: inout Dice) {
        high = 2 + run.size
        low = dice.roll(1...max(1, high / 3))
        maxReplicas = high + 5
        let windowLooks = dice.roll(6...8)
        windowSeconds = windowLooks * Self.lookSeconds
        var levels = [low, low] + Array(repeating: high, count: risen - 2)
        // Swings for longer than a window, each lull shorter than one.
        while levels.count < risen + windowLooks + 3 {
            levels += Array(repeating: low, count: dice.roll(2...4))
            levels += Array(repeating: high, count: dice.roll(1...3))
        }
        lastHigh = levels.count - 1
        levels += Array(repeating: low, count: windowLooks + 4)
        loads = levels.map { $0 * Self.target - 20 + dice.roll(-10...10) }
    }
}
