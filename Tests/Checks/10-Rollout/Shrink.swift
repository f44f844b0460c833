import ContractRollout
import Grading

/// 10.3: old pods go, the broken ones first, and available pods never fall below the bound.
let oldPodsGo = Check("10.3", shrinkingByHand).then(
    .seeded("10.3", sizes: 1...10) { bench, run in
        var dice = run.dice
        let down = dice.roll(0...2)
        // No room to grow, so that this look can only shrink.
        let surge = dice.roll(down == 0 ? 1...3 : 0...3)
        let facts = deployment(run.size, surge: .pods(surge), unavailable: .pods(down))
        var left = run.size + surge
        func drawn(_ hash: String, _ most: Int, _ created: Int) -> RevisionFacts {
            let replicas = dice.roll(0...max(0, min(left, most)))
            left -= replicas
            let ready = dice.roll(0...replicas)
            let available = dice.chance(percent: 50) ? ready : dice.roll(0...ready)
            return set(hash, replicas, ready: ready, available: available, created: created)
        }
        let new = drawn("v2", run.size, 9)
        var sets = [new] + (1...dice.roll(1...3)).map { drawn("old\($0)", left, $0) }
        if new.replicas < run.size {
            // The first of the old sets fills what is left: a look that can't grow.
            sets[1].replicas += left
            (sets[1].pods, sets[1].ready) = (sets[1].replicas, sets[1].ready + left)
            sets[1].available += left
        }
        let view = look(facts, sets)
        try judge(
            try RemoteRollout(asking: bench.part).roll(view), of: view, keeping: run.size - down)
    })

/// What a look may do to the old sets, and what it must.
private func judge(_ resizes: [Resize], of view: DeploymentView, keeping needed: Int) throws {
    func size(_ set: RevisionFacts) -> Int {
        resizes.first { $0.name == set.name }?.to ?? set.replicas
    }
    let old = view.sets.filter { $0.templateHash != view.deployment.templateHash }
    let seen = "\(words(resizes)), for \(words(view))"
    let before = view.sets.map(\.available).reduce(0, +)
    let after = view.sets.map { min($0.available, size($0)) }.reduce(0, +)
    try require(
        after >= min(needed, before),
        "never below the bound: available pods stay at or above replicas - unavailable",
        seen: "\(seen): that leaves \(after) available, \(needed) are needed",
        idea:
            "Only what is available counts: ready for minReadySeconds. A pod that was only just "
            + "made, or is only just ready, can't stand in for one that goes."
    )
    // What may go: all beyond the needed, with the new pods that are not available yet left their
    // place.
    let unavailableNew = view.sets.filter { $0.templateHash == view.deployment.templateHash }
        .map { $0.replicas - $0.available }.reduce(0, +)
    let spare = view.sets.map(\.replicas).reduce(0, +) - needed - unavailableNew
    let gone = old.map { $0.replicas - size($0) }.reduce(0, +)
    try require(
        gone <= max(0, spare), "no more go than can be spared, broken ones among them",
        seen: "\(seen): \(gone) go, \(max(0, spare)) can be spared",
        idea:
            "Three numbers: what is there in all, what is needed, and the new pods that hold a "
            + "place but don't work yet. Those may never work, and can't be counted on."
    )
    let brokenLeft = old.map { max(0, size($0) - $0.available) }.reduce(0, +)
    try require(
        after == before || brokenLeft == 0 || brokenGone(old, size) > 0,
        "old pods that are not available go first", seen: seen,
        idea: "Nobody misses a broken pod: it goes before one that works, whichever set it is in.")
    let broken = old.map { $0.replicas - $0.available }.reduce(0, +)
    let canMove = spare > 0 && (broken > 0 || before > needed) && old.contains { $0.replicas > 0 }
    try require(
        !canMove || old.contains { size($0) < $0.replicas }, "an old pod that can be spared goes",
        seen: seen,
        idea:
            "Count what is there in all, what is needed, and which pods hold a place but don't "
            + "work yet. The rest can go."
    )
}

private func brokenGone(_ old: [RevisionFacts], _ size: (RevisionFacts) -> Int) -> Int {
    old.map { min($0.replicas - size($0), $0.replicas - $0.available) }.reduce(0, +)
}

private func shrinkingByHand(_ bench: Bench) throws {
    let part = RemoteRollout(asking: bench.part)
    var unseen = set("v1", 3)
    unseen.observed = false
    var young = set("v2", 1, ready: 1, available: 0, created: 2)
    young.pods = 1
    let good = set("v2", 1, created: 2)
    var unseenNew = good
    unseenNew.observed = false
    // Three are asked for, two are made yet, and both work.
    var slow = set("v1", 3, available: 2)
    slow.pods = 2
    let table: [(sets: [RevisionFacts], expected: String, claim: String, idea: String)] = [
        (
            [set("v1", 3), set("v2", 1, available: 0, created: 2)], words([]),
            "the old pods stay until a new one is available",
            "The new pod exists, but it answers nobody yet."
        ),
        (
            [set("v1", 3), young], words([]),
            "a pod that is ready, but not for minReadySeconds, does not count",
            "Ready may be a blink before the crash. Available is what can be counted on."
        ),
        (
            [set("v1", 3), good], "web-v1 3 → 2", "for each new available pod an old one goes",
            "Four are available and three are needed: one can be spared."
        ),
        (
            [set("v1", 3, available: 2), set("v2", 1, available: 0, created: 2)], words([]),
            "a new pod that does not work yet holds a place, and no old one goes for it",
            "Four are there and three are needed. But the new one may never work: it is not among "
                + "those that can be spared, nor among those that are needed."
        ),
        (
            [unseen, good], words([]), "while a set's numbers are older than its size nothing goes",
            "The numbers still count pods that were told to go. Look again when they have been "
                + "counted anew."
        ),
        (
            [set("v1", 3), unseenNew], words([]),
            "nor while the new set's numbers are older than its size",
            "The numbers still count pods that were told to go. Look again when they have been "
                + "counted anew."
        ),
        (
            [set("v0", 2), set("v1", 1, available: 0, created: 2), set("v2", 1, created: 3)],
            "web-v1 1 → 0", "old pods that are not available go first",
            "Nobody misses a broken pod: it goes before one that works, whichever set it is in."
        ),
        (
            [set("v1", 1, created: 2), set("v0", 2, created: 1), set("v2", 1, created: 3)],
            "web-v0 2 → 1", "of old sets the oldest gives first",
            "The oldest set is the one that was meant to be gone for longest."
        ),
        (
            [slow, good], "web-v1 3 → 2", "a pod that is asked for and not made yet goes first",
            "Nobody misses what is not there."
        ),
    ]
    for row in table {
        let view = look(deployment(3), row.sets)
        try expect(
            words(try part.roll(view)), is: row.expected, "\(row.claim): \(words(view))",
            idea: row.idea)
    }
    try neverBelowNothing(part)
    try aPlaceIsHeld(part)
}

/// An old set whose pods on their way out are still counted.
private func neverBelowNothing(_ part: RemoteRollout) throws {
    var leaving = set("v1", 2)
    (leaving.pods, leaving.ready, leaving.available) = (3, 3, 3)
    let view = look(
        deployment(3, unavailable: .pods(3)), [leaving, set("v2", 3, created: 2)])
    try expect(
        words(try part.roll(view)), is: "web-v1 2 → 0",
        "a set loses as many as it wants, and no more: \(words(view))",
        idea: "Three pods are there and two are wanted: the third is going already.")
}

/// A new pod that is not made yet holds a place like one that does not work yet.
private func aPlaceIsHeld(_ part: RemoteRollout) throws {
    var young = set("v2", 2, available: 1, created: 2)
    young.pods = 1
    let view = look(deployment(3, surge: .pods(2)), [set("v1", 3, available: 1), young])
    try expect(
        words(try part.roll(view)), is: "web-v1 3 → 2",
        "a new pod that is not made yet holds a place: \(words(view))",
        idea: "Five are wanted, three are needed, and one of the new ones may never work.")
}
