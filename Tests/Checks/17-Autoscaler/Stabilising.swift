import ContractAutoscaler
import Grading

/// 17.5: a move waits until its whole window asks for it.
let moveWaitsForItsWindow = Check("17.5") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    for row in stabilisingCases { try row.check(part) }
    var dice = Dice(seed: UInt64(bench.options.seed))
    for _ in 0..<25 { try anyPast(part, &dice) }
}

/// Past recommendations by age, a new one, and what comes of them.
private struct PastCase {
    var claim: String
    var current: Int
    var past: [(ago: Int, value: Int)]
    var new: Int
    var wanted: Int
    var upWindow = 0
    var idea: String

    func check(_ part: RemoteAutoscaler) throws {
        var view = AutoscalerView(maxReplicas: 50, current: current, metrics: [], now: 100_000)
        view.up.windowSeconds = upWindow
        view.recommendations = past.map { Past($0.value, at: view.now - $0.ago) }
        let told = past.map { "\($0.value) (\($0.ago) s ago)" } + ["\(new) (now)"]
        try expect(
            try part.stabilise(new, view: view), is: wanted,
            "\(claim): \(current) pods, recommended \(told.joined(separator: ", ")), "
                + "windows: up \(upWindow) s, down 300 s",
            idea: idea)
    }
}

private let stabilisingCases = [
    PastCase(
        claim: "a rise without a window is at once", current: 5, past: [(15, 5)], new: 8, wanted: 8,
        idea: "The default window upwards is 0 s: only the new recommendation counts."),
    PastCase(
        claim: "a lull shrinks nothing", current: 5, past: [(200, 5), (100, 3)], new: 2, wanted: 5,
        idea: "200 s ago five were needed. Within 300 s that may come again."),
    PastCase(
        claim: "it falls to the highest of the window, not to the newest", current: 5,
        past: [(350, 5), (250, 3)], new: 2, wanted: 3,
        idea:
            "The window is no delay after which the wish comes true. In the last 300 s up to "
            + "three were needed: three."
    ),
    PastCase(
        claim: "what is older than the window is forgotten", current: 5,
        past: [(500, 9), (400, 3)],
        new: 2, wanted: 2, idea: "The last 300 s saw nothing but the new recommendation."),
    PastCase(
        claim: "what is exactly a window old is out", current: 5, past: [(300, 5)], new: 2,
        wanted: 2,
        idea: "The window holds what is younger than 300 s."),
    PastCase(
        claim: "a high recommendation of the past raises nothing", current: 5, past: [(60, 9)],
        new: 4, wanted: 5,
        idea:
            "The window holds a fall back; it isn't a reason to rise. Start from what there is now."
    ),
    PastCase(
        claim: "a rise with a window waits until all of it asks", current: 2,
        past: [(45, 5), (30, 2)], new: 9, wanted: 2, upWindow: 60,
        idea:
            "30 s ago two were enough. A window upwards ignores a spike as the one downwards "
            + "ignores a lull."
    ),
    PastCase(
        claim: "it rises to the lowest of the window", current: 2, past: [(45, 5), (30, 3)], new: 9,
        wanted: 3, upWindow: 60, idea: "All of the last 60 s asked for at least three."),
    PastCase(
        claim: "each direction has its own window", current: 5, past: [(200, 3)], new: 8, wanted: 8,
        upWindow: 60,
        idea: "200 s ago is outside the window upwards, though inside the one downwards."),
    PastCase(
        claim: "between the lowest and the highest nothing moves", current: 5,
        past: [(50, 3), (20, 8)], new: 6, wanted: 5, upWindow: 60,
        idea: "Some asked for more, some for fewer. Neither has all of its window."),
]

/// Whatever was recommended: a move only where all of its window asks, and then the smallest such.
private func anyPast(_ part: RemoteAutoscaler, _ dice: inout Dice) throws {
    var view = AutoscalerView(
        maxReplicas: 50, current: dice.roll(1...9), metrics: [], now: 100_000)
    view.up.windowSeconds = 60 * dice.roll(0...5)
    view.down.windowSeconds = 60 * dice.roll(0...5)
    view.recommendations = (0..<dice.roll(0...6)).map {
        Past(dice.roll(1...9), at: view.now - 350 + 50 * $0)
    }
    let new = dice.roll(1...9)
    func window(_ seconds: Int) -> [Int] {
        view.recommendations.filter { view.now - $0.at < seconds }.map(\.value) + [new]
    }
    let (ups, downs) = (window(view.up.windowSeconds), window(view.down.windowSeconds))
    let seen = try part.stabilise(new, view: view)
    let told =
        "\(view.current) pods; window upwards \(ups), window downwards \(downs)"
    if seen > view.current {
        try expect(
            seen, is: ups.min() ?? new, "a rise goes to the lowest of its window: \(told)",
            idea: "All of the window has to ask for at least that.")
    } else if seen < view.current {
        try expect(
            seen, is: downs.max() ?? new, "a fall goes to the highest of its window: \(told)",
            idea: "All of the window has to do with that.")
    } else {
        try require(
            !ups.allSatisfy { $0 > seen } && !downs.allSatisfy { $0 < seen },
            "a move that all of its window asks for is made: \(told)", seen: "\(seen)",
            idea:
                "Compare the number there is with the lowest of one window and the highest of "
                + "the other."
        )
    }
}
