import Contract
import Simulation

/// What every run stands on: the world, all that it was before, the dice, and the story of it.
public struct Stage: Sendable {
    public var world = World()
    /// One world a second; caches look into it.
    public private(set) var history: [World]
    public var dice: Dice
    public private(set) var timeline: Timeline
    /// Templates whose pods never get ready.
    public var brokenTemplates: Set<String> = []
    /// How long a pod takes to get ready, in seconds.
    public var startSeconds: ClosedRange<Int> = 1...6
    /// The latest seconds at which a pod was lost that no controller had ended.
    public private(set) var losses: [Int] = []

    init(seed: Int, lanes: [String]) {
        dice = Dice(seed: UInt64(bitPattern: Int64(seed)))
        history = [world]
        timeline = Timeline(lanes: lanes, unit: "s")
    }

    /// Adds to the story.
    /// - Parameter lane: the name of a column, which is made where there is none; nil: none of
    ///   them.
    public mutating func note(_ lane: String?, _ text: String, isBad: Bool = false) {
        if let lane, !timeline.lanes.contains(lane) { timeline.lanes.append(lane) }
        let number = lane.flatMap { timeline.lanes.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        timeline.add(world.seconds, number, text, isBad: isBad)
    }

    mutating func startSeconds(of template: String) -> Int? {
        let seconds = dice.roll(startSeconds)
        return brokenTemplates.contains(template) ? nil : seconds
    }

    /// The second is over: it goes into the history, and what changed into the story.
    mutating func close() {
        let before = history[history.count - 1]
        for set in world.sortedSets where before.changes != world.changes {
            let numbers = numbers(of: set, in: world)
            if before.sets[set.facts.name].map({ self.numbers(of: $0, in: before) }) != numbers {
                note(set.hash, numbers)
            }
        }
        history.append(world)
    }

    /// Whether anything was written within the last second.
    var isChanged: Bool { history[history.count - 2].changes != world.changes }

    private func numbers(of set: World.Set, in world: World) -> String {
        "\(set.facts.replicas) wanted, \(world.active(set.facts.name)) there, "
            + "\(set.status.available) available"
    }

    /// Somebody deletes a pod, or it fails by itself.
    public mutating func loseOne() {
        let names = world.activePods
        guard !names.isEmpty else { return }
        lose(names[dice.roll(0...names.count - 1)])
    }

    public mutating func lose(_ name: String) {
        losses.append(world.now)
        if dice.chance(percent: 50) {
            note(nil, "\(name) fails")
            world.failPod(name)
        } else {
            note(nil, "somebody deletes \(name)")
            world.deletePod(name, after: 2)
        }
    }

    /// Pods lost within the last seconds: no controller can have made up for them yet.
    func lossesWithin(_ seconds: Int) -> Int { losses.count { $0 > world.now - seconds } }

    /// The story so far ends with what broke.
    mutating func broken(
        _ promise: BrokenPromise.Promise, expected: String, seen: String
    ) -> BrokenPromise {
        note(nil, "expected \(expected); seen \(seen)", isBad: true)
        return BrokenPromise(
            promise: promise, expected: expected, seen: seen, timeline: timeline)
    }

    /// No set has more pods than it was told to have lately, unless it had them before and can't
    /// know better yet.
    mutating func checkSizes(lagMax: Int) throws {
        if !isChanged { return }
        for set in world.sortedSets {
            let name = set.facts.name
            let told = history.suffix(lagMax + 2).compactMap { $0.sets[name]?.facts.replicas }.max()
            let before = history[history.count - 2].active(name)
            let (active, most) = (world.active(name), told ?? 0)
            if active > max(most, before) {
                throw broken(
                    .notTooManyPods, expected: "at most \(most) pods of \(name)",
                    seen: "\(active)")
            }
        }
    }
}
