import ContractMiniCluster
import Grading

/// A Job, its pods and a controller that is killed now and then, in virtual time.
///
/// The rule that is watched over: what the status has counted, and what is written down to be counted, is what
/// really happened to pods that were not the controller's own to delete.
struct JobWorld {
    struct Plan {
        var completions = 4
        var parallelism = 2
        var backoffLimit = 6
        var failPercent = 0
        var killPercent = 0
        var deletePercent = 0
        /// Looks until the world stops changing by itself.
        var looks = 60
    }

    private(set) var job: JobFacts
    private(set) var pods: [JobPod] = []
    private(set) var timeline = Timeline(lanes: ["controller", "pods"], unit: "look")
    private var made = 0
    private var dice: Dice
    private let plan: Plan
    /// What really became of pods; the controller's own deletions are not among it.
    private(set) var reallySucceeded = 0
    private(set) var reallyFailed = 0

    init(_ plan: Plan, _ dice: Dice) {
        (self.plan, self.dice) = (plan, dice)
        job = JobFacts(
            name: "sum", completions: plan.completions, parallelism: plan.parallelism,
            backoffLimit: plan.backoffLimit)
    }

    /// Runs until nothing happens any more.
    mutating func run(_ part: any MiniClusterContract) throws {
        for time in 1...plan.looks {
            live(time)
            let answer = try part.sync(JobView(job: job, pods: pods, now: time))
            try judge(answer, time)
            perform(answer, time)
            if isOver { return }
        }
    }

    /// Nothing is left to happen: the Job has ended, or all its work is done and nobody says so.
    private var isOver: Bool {
        let status = job.status
        return (status.condition != nil || status.succeeded >= plan.completions)
            && status.active == 0 && pods.isEmpty
            && status.uncountedSucceeded.isEmpty && status.uncountedFailed.isEmpty
    }

    /// What pods and people do meanwhile.
    private mutating func live(_ time: Int) {
        for index in pods.indices where pods[index].outcome == nil {
            if pods[index].phase == .pending {
                pods[index].phase = .running
            } else if dice.chance(percent: plan.deletePercent) {
                pods[index].terminating = true
                reallyFailed += 1
                timeline.add(time, 2, "\(pods[index].name) deleted by somebody")
            } else if dice.chance(percent: 50) {
                let fails = dice.chance(percent: plan.failPercent)
                pods[index].phase = fails ? .failed : .succeeded
                if fails { reallyFailed += 1 } else { reallySucceeded += 1 }
                timeline.add(time, 2, "\(pods[index].name) \(fails ? "fails" : "succeeds")")
            }
        }
        collect()
    }

    /// What is finished and no longer held is taken away: by a user, by the garbage collector.
    private mutating func collect() {
        pods.removeAll { $0.outcome != nil && !$0.tracked }
    }

    /// Carries a plan out in its order, or the beginning of it, if the controller is killed.
    private mutating func perform(_ answer: JobPlan, _ time: Int) {
        let steps = dice.chance(percent: plan.killPercent) ? dice.roll(0...3) : 4
        if steps >= 1 { job.status = answer.status }
        if steps >= 2 {
            for index in pods.indices where answer.release.contains(pods[index].name) {
                pods[index].tracked = false
            }
        }
        if steps >= 3 {
            for _ in 0..<max(0, min(answer.create, 50)) {
                made += 1
                pods.append(JobPod("sum-\(made)", uid: "uid-\(made)", .pending))
            }
        }
        if steps >= 4 { pods.removeAll { answer.delete.contains($0.name) && !$0.tracked } }
        for index in pods.indices where answer.delete.contains(pods[index].name) && steps >= 4 {
            pods[index].terminating = true
        }
        let status = answer.status
        let cut =
            steps < 4
            ? [
                "killed before status", "killed after status", "killed after release",
                "killed after create",
            ][steps] : ""
        timeline.add(
            time, 1,
            "ok \(status.succeeded)+\(status.uncountedSucceeded.count), bad \(status.failed)+\(status.uncountedFailed.count), create \(answer.create), delete \(answer.delete.count) \(status.condition ?? "") \(cut)"
        )
        collect()
    }

    private mutating func broken(
        _ claim: String, _ time: Int, expected: String, seen: String, idea: String
    ) -> Failed {
        timeline.add(time, 1, "\(claim): \(seen)", isBad: true)
        return Failed(claim, expected: expected, seen: seen, idea: idea, timeline: timeline)
    }

    /// What must hold at every look, whatever went before.
    private mutating func judge(_ answer: JobPlan, _ time: Int) throws {
        let active = pods.filter { $0.outcome == nil }
        let after = active.count + answer.create - answer.delete.count
        if job.status.condition != nil && answer.create > 0 {
            throw broken(
                "a Job that has ended makes no more pods", time, expected: "create 0",
                seen: "create \(answer.create)",
                idea: "A Job ends once. Look at the condition first.")
        }
        if answer.status.condition != nil && after > 0 {
            throw broken(
                "nothing of a Job runs on when it has ended", time, expected: "all at work deleted",
                seen: "\(after) left",
                idea: "The end is a condition; from that look on, what works is deleted.")
        }
        if answer.create < 0 || after > plan.parallelism {
            throw broken(
                "no more than parallelism pods work at once", time,
                expected: "at most \(plan.parallelism)", seen: "\(after)",
                idea: "Pods that work already count; those on their way out don't.")
        }
        let status = answer.status
        let counted = status.succeeded + status.uncountedSucceeded.count
        if counted + after > plan.completions && answer.create > 0 {
            throw broken(
                "no more pods than there is work left", time,
                expected: "at most \(plan.completions - counted) at work", seen: "\(after)",
                idea:
                    "What is left is completions less what has succeeded; the last few pods are fewer than parallelism."
            )
        }
        if counted > reallySucceeded || status.failed + status.uncountedFailed.count > reallyFailed
        {
            throw broken(
                "no pod is counted twice", time,
                expected: "\(reallySucceeded) succeeded, \(reallyFailed) failed",
                seen: "\(counted) and \(status.failed + status.uncountedFailed.count)",
                idea:
                    "A look may be repeated after the controller was killed: whoever counts and then forgets counts again. Write down whom you will count, let him go, count him when he is gone."
            )
        }
    }
}
