import ContractMiniCluster
import Grading

/// 19.5: how many pods there are.
let asManyPodsAsAreWanted = Check.seeded("19.5", sizes: 1...6) { bench, run in
    let part = RemoteMiniCluster(asking: bench.part)
    for parallelism in 0...run.size + 1 {
        for active in 0...run.size + 1 {
            let counted = run.seed % (run.size + 1)
            try judge(part, completions: run.size, parallelism, active: active, succeeded: counted)
        }
    }
}

private func judge(
    _ part: RemoteMiniCluster, completions: Int, _ parallelism: Int, active: Int, succeeded: Int
) throws {
    guard succeeded < completions else { return }
    var job = JobFacts(name: "sum", completions: completions, parallelism: parallelism)
    job.status.succeeded = succeeded
    var pods = (0..<active).map { JobPod("sum-\($0)", uid: "uid-\($0)", .running) }
    pods.append(JobPod("sum-x", uid: "uid-x", .running, terminating: true, tracked: false))
    let plan = try part.sync(JobView(job: job, pods: pods, now: 100))
    let wanted = min(parallelism, completions - succeeded)
    let words =
        "completions \(completions), parallelism \(parallelism), \(succeeded) succeeded, \(active) at work"
    try expect(
        active + plan.create - plan.delete.count, is: wanted,
        "as many pods work as are wanted: \(words)",
        idea:
            "Wanted is the work that is left, but no more than parallelism. A pod on its way out does no work."
    )
    try require(
        plan.create == 0 || plan.delete.isEmpty, "pods are made or deleted, not both: \(words)",
        seen: "create \(plan.create), delete \(plan.delete)", idea: "There are too few or too many."
    )
    try require(
        Set(plan.delete).isSubset(of: pods.filter { !$0.terminating }.map(\.name)),
        "only pods at work are deleted: \(words)", seen: "\(plan.delete)",
        idea: "Who is on his way out needs no second push.")
    try expect(
        plan.status.startTime, is: 100, "the start is remembered: \(words)",
        idea: "startTime is set once.")
}

/// 19.6: counting exactly once, though the controller is killed between any two writes, and people delete pods.
let everyPodIsCountedOnce = Check.seeded("19.6", sizes: 1...6, usually: 30) { bench, run in
    try untouched(
        "19.6", RemoteMiniCluster(asking: bench.part), JobPod("sum-1", uid: "uid-1", .succeeded))
    var plan = JobWorld.Plan()
    plan.completions = run.size
    plan.parallelism = 1 + run.seed % 3
    plan.backoffLimit = 1000
    plan.failPercent = 20
    plan.deletePercent = 10
    plan.killPercent = 40
    plan.looks = 400
    var world = JobWorld(plan, run.dice)
    try world.run(RemoteMiniCluster(asking: bench.part))
    // Whether it says that it has ended is the next step's.
    try finished(world, nil, plan)
}.then(Check("19.6") { bench in try finishedPodsStay(RemoteMiniCluster(asking: bench.part)) })

/// A pod that is finished and released may lie there for days: nobody has to take it away.
private func finishedPodsStay(_ part: RemoteMiniCluster) throws {
    func status(_ before: JobNumbers, _ pods: [JobPod]) throws -> JobNumbers {
        var job = JobFacts(name: "sum", completions: 4)
        job.status = before
        return try part.sync(JobView(job: job, pods: pods, now: 7)).status
    }
    let left = JobPod("sum-1", uid: "uid-1", .succeeded, tracked: false)
    try expect(
        try status(JobNumbers(uncountedSucceeded: ["uid-1"]), [left]).succeeded, is: 1,
        "who was written down and is released is counted, also while the pod still lies there",
        idea: "It is the finalizer that tells: without it nothing holds the pod back any more.")
    let again = try status(JobNumbers(succeeded: 1), [left])
    try expect(
        again.succeeded + again.uncountedSucceeded.count, is: 1,
        "a pod that was counted and lies there still is not counted again",
        idea: "Without its finalizer it is done with, whoever looks.")
    let two = ["uid-2", "uid-1"].map { JobPod("sum-\($0)", uid: $0, .succeeded) }
    try expect(
        try status(JobNumbers(), two).uncountedSucceeded, is: ["uid-1", "uid-2"],
        "who is about to be counted is written down, sorted",
        idea: "The same pods have to give the same status, in whatever order they come.")
}

/// 19.7: a Job ends, once, and as it should.
let aJobEndsOnce = Check.seeded("19.7", sizes: 1...6, usually: 30) { bench, run in
    let part = RemoteMiniCluster(asking: bench.part)
    try untouched("19.7", part, nil)
    if run.seed == bench.options.seed { try eachHasItsOwnLimit(part) }
    var plan = JobWorld.Plan()
    plan.completions = run.size
    plan.parallelism = 1 + run.seed % 4
    plan.looks = 400
    var good = JobWorld(plan, run.dice)
    try good.run(part)
    try finished(good, "Complete", plan)
    plan.failPercent = 100
    plan.backoffLimit = run.seed % 4
    var bad = JobWorld(plan, run.dice)
    try bad.run(part)
    try finished(bad, "Failed", plan)
    try require(
        bad.job.status.failed > plan.backoffLimit
            && bad.job.status.failed <= plan.backoffLimit + plan.parallelism,
        "backoffLimit \(plan.backoffLimit): so many may fail before the Job is given up",
        seen: "\(bad.job.status.failed) failed",
        idea: "The limit may be reached; beyond it, the Job fails.")
}

/// Two of four succeed at once, and one may fail: that is no end, neither a good one nor a bad one.
private func eachHasItsOwnLimit(_ part: RemoteMiniCluster) throws {
    func condition(_ phase: JobPod.Phase, _ count: Int) throws -> String? {
        let job = JobFacts(name: "sum", completions: 4, parallelism: 2, backoffLimit: 1)
        let pods = (1...count).map { JobPod("sum-\($0)", uid: "uid-\($0)", phase) }
        return try part.sync(JobView(job: job, pods: pods, now: 7)).status.condition
    }
    try expect(
        try condition(.succeeded, 2), is: nil,
        "two successes of four are no end, with a backoffLimit of 1",
        idea: "Successes are held against completions, failures against backoffLimit.")
    try expect(
        try condition(.failed, 2), is: "Failed",
        "two failures are an end at once, with a backoffLimit of 1",
        idea: "Who is written down to be counted has failed already.")
}

/// A hole that is empty does nothing: here, with a Job of which all is done, every right answer does something.
private func untouched(_ step: String, _ part: RemoteMiniCluster, _ pod: JobPod?) throws {
    var job = JobFacts(name: "sum", completions: 1)
    if pod == nil { job.status.succeeded = 1 }
    let plan = try part.sync(JobView(job: job, pods: pod.map { [$0] } ?? [], now: 7))
    var same = job.status
    (same.startTime, same.active) = (plan.status.startTime, plan.status.active)
    if plan.status == same, plan.release.isEmpty { throw PartFailure.unfinished(step: step) }
}

private func finished(_ world: JobWorld, _ condition: String?, _ plan: JobWorld.Plan) throws {
    let status = world.job.status
    func failed(_ claim: String, _ expected: String, _ seen: String, _ idea: String) -> Failed {
        Failed(claim, expected: expected, seen: seen, idea: idea, timeline: world.timeline)
    }
    guard condition == nil || status.condition == condition else {
        throw failed(
            "the Job ends as \(condition ?? "")",
            "condition \(condition ?? "") within \(plan.looks) looks",
            "\(status.condition ?? "no condition"), \(status.succeeded) of \(plan.completions) succeeded, \(status.failed) failed",
            "Enough successes end it well; more failures than backoffLimit end it badly.")
    }
    guard world.pods.isEmpty, status.active == 0 else {
        throw failed(
            "nothing of a Job runs on when it has ended, and nothing is held", "no pods",
            world.pods.map { "\($0.name) \($0.phase)\($0.tracked ? ", still held" : "")" }.joined(
                separator: "; "),
            "What works is deleted; whoever holds a pod by a finalizer has to let it go.")
    }
    guard status.succeeded == world.reallySucceeded, status.failed == world.reallyFailed else {
        throw failed(
            "every pod that finished is counted, once",
            "\(world.reallySucceeded) succeeded, \(world.reallyFailed) failed",
            "\(status.succeeded) and \(status.failed)",
            "What was counted must not be forgotten when the pod goes: the status is all the memory there is."
        )
    }
    guard condition == nil || (condition == "Complete") == (status.completionTime != nil) else {
        throw failed(
            "completionTime is set when it is Complete, and only then", condition ?? "",
            "\(status.completionTime.map { "\($0)" } ?? "none")", "Read the comment of JobNumbers.")
    }
}
