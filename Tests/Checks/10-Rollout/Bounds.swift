import Contracts
import Grading

/// 10.2: percentages become pods, and rounding is never paid for with availability.
let boundsRoundTheRightWay = Check("10.2") { bench in
    let part = RemoteRollout(asking: bench.part)
    let table: [(replicas: Int, surge: Bound, unavailable: Bound, expected: RolloutBounds)] = [
        (4, .pods(1), .pods(0), RolloutBounds(surge: 1, unavailable: 0)),
        (3, .percent(25), .pods(0), RolloutBounds(surge: 1, unavailable: 0)),
        (3, .pods(1), .percent(25), RolloutBounds(surge: 1, unavailable: 0)),
        (10, .percent(25), .percent(25), RolloutBounds(surge: 3, unavailable: 2)),
        (10, .pods(0), .percent(5), RolloutBounds(surge: 0, unavailable: 1)),
        (0, .pods(0), .pods(0), RolloutBounds(surge: 0, unavailable: 1)),
    ]
    for row in table {
        let seen = try part.bounds(
            replicas: row.replicas, maxSurge: row.surge, maxUnavailable: row.unavailable)
        let asked = "\(row.replicas) replicas, maxSurge \(row.surge), maxUnavailable \(row.unavailable)"
        try expect(
            seen.surge, is: row.expected.surge, "surge is rounded up: \(asked)",
            idea: "A pod too many costs a little money; a rollout that can't surge is stuck.")
        try expect(
            seen.unavailable, is: row.expected.unavailable,
            "unavailable is rounded down, but never to nothing beside no surge: \(asked)",
            idea: "Rounding must not take a pod away that somebody counts on; and something must be able to move.")
    }
}
