import ContractAutoscaler
import Grading

/// 17.3: pods of which nothing is known never help a move along.
let unknownPodsHoldBack = Check("17.3") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    for row in growing + shrinking + unclear { try row.check(part) }
    var dice = Dice(seed: UInt64(bench.options.seed))
    for _ in 0..<20 { try neverTheOtherWay(part, &dice) }
}

private let growing = [
    WishCase(
        "growing, a pod without metrics counts as idle", cpu(pods([80, 80, nil])),
        current: 3, wanted: 3,
        idea: "Perhaps it does nothing at all: then 160 are used of 300, which is 53 %."),
    WishCase(
        "growing goes on where the known pods are busy enough for all", cpu(pods([90, 90, nil])),
        current: 3, wanted: 4,
        idea: "180 of 300 are 60 %, 1.2 times the target: 1.2 times three pods."),
    WishCase(
        "growing, a pod that is not ready counts as idle", cpu(pods([80, 80], starting: [300])),
        current: 3, wanted: 3,
        idea: "It was made for this very load and will take its share; 160 of 300 are 53 %."),
    WishCase(
        "what a starting pod burns says nothing about the load",
        cpu(pods([100, 100], starting: [900, 900])), current: 4, wanted: 4,
        idea:
            "Compiling, warming caches: its usage is set aside until it is ready. 200 of 400 are "
            + "50 %."
    ),
    WishCase(
        "growing goes on while some pods start", cpu(pods([200, 200], starting: [50])),
        current: 3, wanted: 8,
        idea: "Idle, the new pod still leaves 400 of 300: the load is real."),
    WishCase(
        "of memory a pod that is not ready counts as measured",
        MetricFacts(
            resource: "memory", kind: .averageValue, target: 100,
            pods: pods([200], starting: [200])),
        current: 2, wanted: 4,
        idea: "Memory taken is taken. Only cpu has a start-up that passes."),
    WishCase(
        "an idle pod uses nothing at all, not even one of 29", average([29, nil], target: 7),
        current: 2, wanted: 4, idea: "29 for two pods are 14 on average, and 15 with one more."),
    WishCase(
        "an idle pod takes nothing from what the others use", average([30, nil], target: 7),
        current: 2, wanted: 5, idea: "30 for two pods are 15 on average, and 14 with one less."),
]

private let shrinking = [
    WishCase(
        "shrinking, a pod without metrics counts as using all it requests", cpu(pods([10, nil])),
        current: 2, wanted: 2,
        idea: "It may be the busy one. 10 and 100 of 200 are 55 %: no reason to shrink."),
    WishCase(
        "shrinking goes on where the known pods outweigh the unknown",
        cpu(pods([10, 10, 10, 10, nil])), current: 5, wanted: 3,
        idea: "40 and 100 of 500 are 28 %, 0.56 of the target: 0.56 times 5 pods."),
    WishCase(
        "with a target above 100 % it counts as using its target",
        cpu(pods(Array(repeating: 30, count: 8) + [nil, nil]), target: 150), current: 10, wanted: 4,
        idea:
            "240 of the known, 150 for each unknown: 540 of 1000. Its request would be less than "
            + "it should use."
    ),
    WishCase(
        "with an average value it counts as using its target",
        MetricFacts(
            resource: "memory", kind: .averageValue, target: 200, pods: pods([100, nil])),
        current: 2, wanted: 2,
        idea: "100 and 200 are 150 on average, 0.75 of the target: 1.5 pods."),
    WishCase(
        "shrinking, a pod that is not ready is left out",
        cpu(pods([10, 10, 10, nil], starting: [500])), current: 5, wanted: 3,
        idea:
            "Its start-up would make it look busy: 30 and 100 of the four others' 400 are what "
            + "is known."
    ),
]

private let unclear = [
    WishCase(
        "where the filled-in value is within the tolerance nothing changes",
        cpu(pods([21, 21, nil])), current: 3, wanted: 3,
        idea: "142 of 300 are 47 %. What is left of the reason to shrink is noise."),
    WishCase(
        "where the filled-in value lies on the other side of the target nothing changes",
        cpu(pods([90], starting: [0, 0])), current: 3, wanted: 3,
        idea: "Growing became shrinking by a guess about the unknown: neither is to be trusted."),
    WishCase(
        "a wish to grow that would mean fewer pods changes nothing", cpu(pods([90, 90, nil])),
        current: 10, wanted: 10,
        idea: "Three of ten pods are seen. Four would be right for three; it isn't for ten."),
    WishCase(
        "a wish to shrink that would mean more pods changes nothing",
        cpu(pods([30, 30, 30, 30, nil])), current: 2, wanted: 2,
        idea:
            "Two are wanted, and the others are on their way out. Too little usage is no reason "
            + "for a fifth pod."
    ),
]

/// Whatever is unknown: what the measured say gives the direction, or nothing changes.
private func neverTheOtherWay(_ part: RemoteAutoscaler, _ dice: inout Dice) throws {
    let known = (0..<dice.roll(1...6)).map { _ in dice.roll(0...200) }
    let unknown = [Int?](repeating: nil, count: dice.roll(1...3))
    let starting = (0..<dice.roll(0...3)).map { _ in dice.roll(0...900) }
    let current = known.count + unknown.count + starting.count
    let metric = cpu(pods(known + unknown, starting: starting))
    let seen = try part.recommend(metric, current: current).replicas
    let value = known.reduce(0, +) / known.count
    let scene =
        "\(known.count) measured at \(value) % on average, \(unknown.count) unknown, "
        + "\(starting.count) starting, target 50 %"
    let idea = "The measured pods give the direction; the unknown can only hold it back."
    try require(
        seen <= current || value > 50,
        "no growth while the measured pods are below their target: \(scene)",
        seen: "\(seen) of \(current)", idea: idea)
    try require(
        seen >= current || value < 50,
        "no shrinking while the measured pods are above their target: \(scene)",
        seen: "\(seen) of \(current)", idea: idea)
}
