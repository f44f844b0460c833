import ContractRollout
import Grading
import WorkloadSimulation

/// 10.5: one look at a time, also when minds change in the middle.
let mindsChangeInTheMiddle = Check("10.5", looksByHand).then(
    .seeded("10.5", sizes: 1...8, usually: 5) { bench, run in
        var setup = RolloutSetup.drawn(seed: run.seed, size: run.size)
        setup.facts.progressDeadlineSeconds = nil
        if run.seed % 5 == 0 { setup.facts.strategy = .recreate }
        var rollout = RolloutRun(seed: run.seed, setup, rollout: RemoteRollout(asking: bench.part))
        try live(&rollout) { rollout in
            try rollout.settle(quietSeconds: 2)
            for number in 2...(run.size < 3 ? 2 : 4) {
                rollout.change(
                    template: rollout.stage.dice.chance(percent: 30) ? "v1" : "v\(number)")
                try rollout.seconds(rollout.stage.dice.roll(0...20))
            }
            if rollout.stage.dice.chance(percent: 50) { try holdsStillWhilePaused(&rollout) }
            if rollout.stage.dice.chance(percent: 50) {
                rollout.scale(to: rollout.stage.dice.roll(1...run.size + 3))
            }
            try rollout.settle(quietSeconds: 8)
        }
        bench.show(rollout.timeline)
    })

private func holdsStillWhilePaused(_ rollout: inout RolloutRun) throws {
    rollout.pause(true)
    let before = rollout.deployment.writes
    rollout.change(template: "v5")
    try rollout.seconds(8)
    try require(
        rollout.deployment.writes == before, "a paused Deployment rolls nothing",
        seen: "\(rollout.deployment.writes - before) ReplicaSets created or resized while paused",
        idea:
            "Pause is for making several changes and rolling them once. Nothing of them may be "
            + "seen before."
    )
    rollout.pause(false)
}

private func looksByHand(_ bench: Bench) throws {
    let part = RemoteRollout(asking: bench.part)
    var paused = deployment(5)
    paused.paused = true
    var recreate = deployment(3)
    recreate.strategy = .recreate
    let fresh = "web-v2 is created with"
    let table: [(view: DeploymentView, expected: String, claim: String, idea: String)] = [
        (
            look(deployment(3), []), "\(fresh) 3", "the first look creates the first set",
            "Nothing is there, three are wanted."
        ),
        (
            look(deployment(3), [set("v1", 3)]), "\(fresh) 1",
            "a new template gets a set of its own, as big as the surge allows",
            "creation, given, knows how big it may be."
        ),
        (
            look(deployment(3), [set("v0", 2), set("v1", 1, created: 2)]), "\(fresh) 1",
            "a change of mind in the middle starts at once",
            "A rollout is never waited for. The sets of all earlier templates are old ones, that "
                + "is all."
        ),
        (
            look(deployment(3), [set("v0", 1, available: 0), set("v1", 2, created: 2)]),
            "\(fresh) 1", "one thing in a look: where a set is created, nothing shrinks beside it",
            "What the next look sees decides the next thing. Two at once are judged by numbers of "
                + "which one is already old."
        ),
        (
            look(paused, [set("v1", 5)]), "nothing", "a paused Deployment rolls nothing",
            "Pause is for making several changes and rolling them once."
        ),
        (
            look(paused, [set("v1", 3, desired: 3)]), "web-v1 3 → 5", "a paused Deployment scales",
            "Scaling is no change of the template: it can't wait for the user to resume."
        ),
        (
            look(recreate, [set("v1", 3), set("v0", 1)]), "web-v0 1 → 0, web-v1 3 → 0",
            "Recreate takes all old pods away first",
            "Old and new must never run beside each other."
        ),
        (
            look(deployment(3), [set("v1", 3, desired: 3), set("v2", 1, desired: 3, created: 2)]),
            "web-v1 3 → 2", "where nothing else is to be done, it rolls", "roll is written already."
        ),
    ]
    for row in table {
        let seen = outcome(try part.plan(row.view))
        try expect(seen, is: row.expected, "\(row.claim): \(words(row.view))", idea: row.idea)
    }
    try whatIsWantedCounts(part)
    var waiting = look(recreate, [set("v1", 0)])
    waiting.oldPodsAlive = 1
    for (alive, expected) in [(1, "nothing"), (0, "\(fresh) 3")] {
        waiting.oldPodsAlive = alive
        try expect(
            outcome(try part.plan(waiting)), is: expected,
            "Recreate waits for the last old pod to be gone: \(alive) still there",
            idea: "A set of size 0 may have pods that are still on their way out.")
    }
}

/// Sets whose pods are not made yet, and one that is empty.
private func whatIsWantedCounts(_ part: RemoteRollout) throws {
    var unmade = set("v1", 1, available: 0, desired: 1)
    unmade.pods = 0
    var recreate = deployment(1)
    recreate.strategy = .recreate
    let away = try part.plan(look(recreate, [unmade, set("v0", 0)])).resize
    try expect(
        away, is: [Resize("web-v1", from: 1, to: 0)],
        "Recreate takes away what a set wants, also where no pod of it is made yet, and writes no empty set",
        idea: "A set that wants a pod will make it, beside the new ones.")
    // Paused, so that it can't grow as in a rollout.
    var paused = deployment(5, template: "v1")
    paused.paused = true
    let scaled = try part.plan(look(paused, [unmade])).resize
    try expect(
        words(scaled), is: "web-v1 1 → 5",
        "a set is in use when it wants pods, not when it has them",
        idea: "It was sized for 1, and 5 are wanted now.")
    var rolling = look(deployment(3), [set("v1", 3)])
    rolling.oldPodsAlive = 3
    try expect(
        outcome(try part.plan(rolling)), is: "web-v2 is created with 1",
        "a rolling update waits for no old pod to be gone",
        idea: "Old and new run beside each other: that is the point. Only Recreate waits.")
}

/// What a plan does to sets, in an order of its own.
private func outcome(_ plan: RolloutPlan) -> String {
    let changed = plan.resize.filter { $0.from != $0.to }.sorted { $0.name < $1.name }
    let parts =
        (plan.create.map { ["\($0.name) is created with \($0.replicas)"] } ?? [])
        + (changed.isEmpty ? [] : [words(changed)])
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
}
