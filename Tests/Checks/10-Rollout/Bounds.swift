import ContractRollout
import Grading

/// 10.2: percentages become pods, rounding is never paid for with availability, and the new set
/// grows as far as the surge allows.
let boundsAndGrowth = Check("10.2", boundsRoundTheRightWay).then(
    .seeded("10.2", sizes: 1...12) { bench, run in
        var dice = run.dice
        let surge = dice.roll(0...4)
        let facts = deployment(
            run.size, surge: .pods(surge), unavailable: .pods(surge == 0 ? 1 : 0))
        let old = (1...dice.roll(1...3)).map {
            set("old\($0)", dice.roll(0...run.size), created: $0)
        }
        let new = set("v2", dice.roll(0...run.size), created: 9)
        let view = look(facts, old + [new])
        let total = view.sets.map(\.replicas).reduce(0, +)
        let room = max(0, run.size + surge - total)
        let size = min(run.size, new.replicas + room)
        let grown = try growth(in: view, RemoteRollout(asking: bench.part))
        let seen = grown.first { $0.name == new.name }?.to ?? new.replicas
        try require(
            seen <= size,
            "never above the bound: the new set grows only as far as all sets together want at "
                + "most replicas + surge",
            seen: "\(words(grown)), for \(words(view)): \(total - new.replicas + seen) in all",
            idea:
                "Every pod of every old set counts against the surge, not only those of the set "
                + "before."
        )
        try require(
            seen == size, "the new set grows as far as the surge allows",
            seen: "\(words(grown)), for \(words(view)): there is room for \(size)",
            idea:
                "What all sets want, taken from what they may want, is the room; replicas is the "
                + "most of all."
        )
    })

/// What `roll` makes grow; where it has nothing to grow it may be about to shrink, which is the
/// next step's.
private func growth(in view: DeploymentView, _ part: RemoteRollout) throws -> [Resize] {
    do { return try part.roll(view) } catch PartFailure.unfinished(step: "10.3") { return [] }
}

private func boundsRoundTheRightWay(_ bench: Bench) throws {
    let part = RemoteRollout(asking: bench.part)
    let table: [(replicas: Int, surge: Bound, unavailable: Bound, expected: RolloutBounds)] = [
        (4, .pods(1), .pods(0), RolloutBounds(surge: 1, unavailable: 0)),
        (4, .pods(3), .pods(2), RolloutBounds(surge: 3, unavailable: 2)),
        (3, .percent(25), .pods(0), RolloutBounds(surge: 1, unavailable: 0)),
        (3, .pods(1), .percent(25), RolloutBounds(surge: 1, unavailable: 0)),
        (10, .percent(25), .percent(25), RolloutBounds(surge: 3, unavailable: 2)),
        (8, .percent(50), .percent(100), RolloutBounds(surge: 4, unavailable: 8)),
        (200, .percent(1), .percent(1), RolloutBounds(surge: 2, unavailable: 2)),
        (1, .percent(1), .pods(0), RolloutBounds(surge: 1, unavailable: 0)),
        (33, .pods(1), .percent(3), RolloutBounds(surge: 1, unavailable: 0)),
        (10, .pods(0), .percent(5), RolloutBounds(surge: 0, unavailable: 1)),
        (5, .percent(0), .percent(0), RolloutBounds(surge: 0, unavailable: 1)),
    ]
    for row in table {
        let seen = try part.bounds(
            replicas: row.replicas, maxSurge: row.surge, maxUnavailable: row.unavailable)
        let asked =
            "\(row.replicas) replicas, maxSurge \(row.surge), maxUnavailable \(row.unavailable)"
        try expect(
            seen.surge, is: row.expected.surge, "surge is rounded up: \(asked)",
            idea: "A pod too many costs a little money; a rollout that can't surge is stuck.")
        try expect(
            seen.unavailable, is: row.expected.unavailable,
            "unavailable is rounded down, but never to nothing beside no surge: \(asked)",
            idea:
                "Rounding must not take a pod away that somebody counts on; and something must "
                + "be able to move."
        )
    }
    var fresh = set("v2", 1, available: 0, created: 2)
    fresh.pods = 0
    let grown = try growth(in: look(deployment(3), [set("v1", 2), fresh]), part)
    try expect(
        grown.first?.from, is: 1, "what a set wants counts, not the pods that it has yet",
        idea: "The new set's pod is asked for, and not made yet. It is not asked for twice.")
    var counted = set("v2", 2, available: 1, created: 2)
    counted.pods = 1
    let full = try growth(in: look(deployment(3), [set("v1", 2, available: 1), counted]), part)
    try expect(
        words(full.filter { $0.name == counted.name }), is: words([]), "a set that has its size is not written again",
        idea: "Only those that change are listed: all sets together want as many as they may.")
    let shrunk = try growth(in: look(deployment(3), [set("v2", 5)]), part)
    try expect(
        words(shrunk), is: "web-v2 5 → 3", "a new set that has more than are wanted loses them",
        idea: "Somebody scaled down. The new set is to have as many as are wanted, no more.")
}
