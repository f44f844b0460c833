import ContractRollout
import Grading
import WorkloadSimulation

/// 10.6: a rollout that gets nowhere says so, and an undo of it is a rollout like any other.
let aStalledRolloutSaysSo = Check("10.6", deadlinesByHand).then(
    .seeded("10.6", sizes: 1...6, usually: 4) { bench, run in
        var setup = RolloutSetup.drawn(seed: run.seed, size: run.size)
        setup.facts.revisionHistoryLimit = 3
        // Slower than the deadline as a whole, but never at once.
        setup.startSeconds = run.seed % 2 == 0 ? 1...6 : 15...20
        setup.facts.progressDeadlineSeconds = 40
        let part = RemoteRollout(asking: bench.part)
        var rollout = RolloutRun(seed: run.seed, setup, rollout: part)
        rollout.stage.brokenTemplates = ["v2"]
        try live(&rollout) { rollout in
            try finish(&rollout, revision: 1)
            rollout.change(template: "v2")
            try rollout.seconds(90)
            let progressing = rollout.facts.progressing
            try require(
                progressing?.reason == "ProgressDeadlineExceeded",
                "a rollout whose pods never get ready is said to have stalled",
                seen: "after 90 s: \(progressing?.reason ?? "no condition")",
                idea:
                    "Nobody is told unless a clock runs: from the last time that something got "
                    + "better."
            )
            let target = try part.undoTarget(
                rollout.facts, among: DeploymentController.revisions(rollout.world), to: 0)
            guard let hash = target.flatMap({ rollout.world.sets[$0]?.hash }) else { return }
            rollout.change(template: hash)
            try finish(&rollout, revision: 3)
        }
        bench.show(rollout.timeline)
    })

/// Runs to the end, and looks at what is said on the way.
private func finish(_ rollout: inout RolloutRun, revision: Int) throws {
    let end = "NewReplicaSetAvailable"
    var left = 300
    while !rollout.isDone || rollout.facts.progressing?.reason != end, left > 0 {
        // All is done, but the caches have yet to show it.
        if rollout.isDone { left = min(left, 25) }
        try rollout.second()
        left -= 1
        let reason = rollout.facts.progressing?.reason
        try require(
            reason != "ProgressDeadlineExceeded" || revision > 1,
            "a slow rollout that gets on has not stalled",
            seen: "\(reason ?? "") after \(rollout.world.seconds) s",
            idea:
                "The deadline is not for the whole rollout: it starts anew with every bit of "
                + "progress."
        )
    }
    try rollout.settle(quietSeconds: 2)
    try expect(
        rollout.facts.progressing?.reason, is: end,
        "a rollout that came to its end says so",
        idea:
            "All pods of the new set, as many as wanted, available: complete, however long it took."
    )
    try expect(
        rollout.deployment.revision, is: revision, "an undo of revision 2 is revision 3",
        idea: "Step 10.4.")
}

/// The last look at a rollout: nobody looks again, so what it says stays.
private func theLastLookSaysSo(_ part: RemoteRollout) throws {
    for (age, before) in [(10, 1), (10, 3), (100, 1), (100, 3)] {
        var view = look(deployment(3), [set("v1", 0), set("v2", 3, created: 2)])
        view.deployment.progressDeadlineSeconds = 60
        view.deployment.progressing = RolloutCondition(
            status: "True", reason: "ReplicaSetUpdated", message: "", lastUpdate: 1000 - age,
            lastTransition: 0)
        view.deployment.status = DeploymentNumbers(
            replicas: 3, updated: before, ready: 3, available: 3, unavailable: 0)
        try expect(
            try part.plan(view).progressing?.reason, is: "NewReplicaSetAvailable",
            "a look that finds all done says so, whether or not something got better in it: "
                + "\(before) of 3 were updated at the last one",
            idea:
                "A finished rollout is not looked at again. What is not said now is never said.")
    }
}

private func deadlinesByHand(_ bench: Bench) throws {
    let part = RemoteRollout(asking: bench.part)
    try theLastLookSaysSo(part)
    let sets = [set("v1", 3), set("v2", 1, available: 0, created: 2)]
    // The last look saw this; the deadline is 60 s, and progress was last seen 100 s ago.
    let last = DeploymentNumbers(replicas: 4, updated: 1, ready: 3, available: 3, unavailable: 1)
    func reason(
        _ age: Int, _ sets: [RevisionFacts], _ change: (inout DeploymentNumbers) -> Void = { _ in }
    ) throws -> String {
        var view = look(deployment(3), sets)
        view.deployment.progressDeadlineSeconds = 60
        view.deployment.progressing = RolloutCondition(
            status: "True", reason: "ReplicaSetUpdated", message: "", lastUpdate: 1000 - age,
            lastTransition: 0)
        view.deployment.status = last
        change(&view.deployment.status)
        return try part.plan(view).progressing?.reason ?? "no condition"
    }
    func reason(
        _ age: Int, _ change: (inout DeploymentNumbers) -> Void = { _ in }
    ) throws -> String { try reason(age, sets, change) }
    // One old pod doesn't work, and the new one is ready and not available yet.
    let worse = [set("v1", 3, available: 2), set("v2", 1, available: 0, created: 2)]
    let ready = [set("v1", 3), set("v2", 1, ready: 1, available: 0, created: 2)]
    let (on, late) = ("ReplicaSetUpdated", "ProgressDeadlineExceeded")
    let table: [(seen: String, expected: String, claim: String)] = [
        (try reason(100), late, "no progress for longer than the deadline is a stall"),
        (try reason(30), on, "within the deadline it is not a stall yet"),
        (try reason(60), on, "exactly the deadline is not longer than it"),
        (try reason(61), late, "a second more is"),
        (try reason(100) { $0.updated = 0 }, on, "a new pod more is progress"),
        (
            try reason(100) { ($0.replicas, $0.updated) = (3, 0) }, on,
            "a new pod more is progress, though no old one is gone"
        ),
        (
            try reason(100, worse) {
                $0 = .init(replicas: 4, updated: 1, ready: 2, available: 2, unavailable: 2)
            }, late, "pods that are not available are no progress"
        ),
        (
            try reason(100, ready) {
                $0 = .init(replicas: 4, updated: 1, ready: 3, available: 3, unavailable: 1)
            }, on, "a ready pod more is progress, though none is available yet"
        ),
        (
            try reason(100, ready) {
                $0 = .init(replicas: 4, updated: 1, ready: 4, available: 3, unavailable: 1)
            }, late, "more ready than available pods, as before, are no progress"
        ),
        (
            try reason(100) { $0.replicas = 5 }, on,
            "an old pod less is progress, though no new one is available"
        ),
        (try reason(100) { $0.ready = 2 }, on, "a ready pod more is progress"),
        (
            try reason(100) { ($0.available, $0.ready) = (2, 3) }, on,
            "an available pod more is progress"
        ),
        (
            try reason(100) { ($0.ready, $0.available) = (4, 4) }, late,
            "fewer ready pods are no progress"
        ),
        (
            try reason(100) { ($0.replicas, $0.updated) = (5, 2) }, late,
            "a new pod less is no progress, though there are fewer in all"
        ),
    ]
    for row in table {
        try expect(
            row.seen, is: row.expected,
            "\(row.claim): deadline 60 s, \(words(look(deployment(3), sets)))",
            idea:
                "Progress is any of four numbers getting better since the last look. The "
                + "deadline runs from the last progress, not from the start."
        )
    }
}
