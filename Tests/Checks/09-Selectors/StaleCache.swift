import ContractSelectors
import Grading
import WorkloadSimulation

/// 09.7: what was seen is struck off, and nothing is done twice on a stale cache.
let nothingTwice = Check.seeded("09.7", usually: 6) { bench, seed in
    let part = RemoteSelectors(asking: bench.part)
    if seed.seed == bench.options.seed { try strikesOff(part) }
    var dice = seed.dice
    var run = SetRun(
        seed: seed.seed, replicas: dice.roll(1...seed.size + 1), lagMax: dice.roll(1...4),
        idleLookPercent: 50, selectors: part)
    do {
        try run.settle(quietSeconds: 5)
        for _ in 0..<seed.size {
            disturb(&run, &dice, upTo: seed.size + 2)
            try run.seconds(dice.roll(0...4))
        }
        try run.settle(quietSeconds: 10)
    } catch let broken as BrokenPromise {
        throw failed(broken)
    }
    bench.show(run.timeline)
}

/// What users and bad luck do to a set.
private func disturb(_ run: inout SetRun, _ dice: inout Dice, upTo replicas: Int) {
    let owned = run.owned
    func anyOwned() -> String? { owned.isEmpty ? nil : owned[dice.roll(0...owned.count - 1)] }
    switch dice.roll(0...4) {
    case 0: run.addStranger()
    case 1: if let pod = anyOwned() { run.relabel(pod) }
    case 2: if let pod = anyOwned() { run.stage.lose(pod) }
    default: run.scale(to: dice.roll(0...replicas))
    }
}

private func failed(_ broken: BrokenPromise) -> Failed {
    let (claim, idea) =
        switch broken.promise {
        case .notTooManyPods, .notTooManyWanted:
            (
                "on a stale cache nothing is created twice",
                "The cache is seconds behind. How many creations has it not shown yet? Each one "
                    + "that it shows ends one expectation, and no other."
            )
        case .quiet:
            (
                "once all is as wanted, nothing more is created, deleted, adopted or released",
                "A look that finds what it wants does nothing."
            )
        default:
            (
                "the set comes to the number that is wanted, with the pods that fit",
                "An expectation that is never struck off stops the set until its patience ends; "
                    + "strike off what was seen, and only that."
            )
        }
    return Failed(
        claim, expected: broken.expected, seen: broken.seen, idea: idea, timeline: broken.timeline)
}

/// One event at a time.
private func strikesOff(_ part: RemoteSelectors) throws {
    let open = Expectations(creations: 2, deletions: ["uid-a", "uid-b"], since: 70)
    try expect(
        try part.observe(open, PodEvent(.created, uid: "uid-c")),
        is: Expectations(creations: 1, deletions: ["uid-a", "uid-b"], since: 70),
        "a creation that was seen leaves one fewer to wait for, and nothing else changes",
        idea: "Two were asked for. One has come.")
    try expect(
        try part.observe(open, PodEvent(.deleted, uid: "uid-a")),
        is: Expectations(creations: 2, deletions: ["uid-b"], since: 70),
        "a deletion that was seen is struck off by its UID, and nothing else changes",
        idea: "The other pod's deletion is still to be seen.")
    try expect(
        try part.observe(open, PodEvent(.deleted, uid: "uid-x")), is: open,
        "a deletion that nobody waits for changes nothing",
        idea: "Somebody else deleted a pod. That meets no expectation of this set's.")
    try expect(
        try part.observe(Expectations(since: 70), PodEvent(.created, uid: "uid-c")).creations,
        is: 0,
        "the count never goes below zero",
        idea:
            "A user's pod was seen. A count of -1 would swallow the next creation that is expected."
    )
}
