import ContractMiniCluster
import JSON
import Objects

/// One look at a Job: what part 19 is asked about it, and what becomes of the part's plan.
///
/// The part knows completions, parallelism and a limit of failures. All else that a Job may ask for is put to it
/// in these terms:
///
/// | the Job | the part is told |
/// |---|---|
/// | is suspended | that no pod may run |
/// | must fail (deadline, failure policy, restarts) | that no failure is allowed any more, not even none |
/// | is a work queue, and nobody has succeeded | of more work than there can be |
/// | is a work queue, and somebody has | that who runs may go on; when nobody runs, that one success is enough |
/// | has a failed pod that a rule ignores, or an index done twice | of a pod that nobody counts |
public struct JobLook {
    private let job: JSON
    let wishes: JobWishes
    private let pods: [JSON]
    private let facts: [JobPod]
    /// The pods that are let go of uncounted.
    private let uncounted: [JSON]
    private let before: JobNumbers
    private let now: Int
    /// Reason and message, where the Job must fail.
    private let failure: (reason: String, message: String)?

    /// - Parameters:
    ///   - job: a whole Job, as the API server gave it.
    ///   - pods: whole pods; those of other owners are passed over.
    public init(job: JSON, pods: [JSON], now: Int) {
        let wishes = JobWishes(job)
        let mine = pods.filter { isOwned($0, by: job) }
        before = JobNumbers(job["status"] ?? [:])
        (self.job, self.wishes, self.now) = (job, wishes, now)
        self.pods = mine
        var seen = Set<Int>()
        let done = JobIndexes(job.at("status", "completedIndexes")?.string ?? "")
        let noted = Set(before.uncountedSucceeded)
        var (facts, uncounted): ([JobPod], [JSON]) = ([], [])
        for pod in mine {
            var one = JobPod(pod)
            if wishes.replacesOnlyFailed, one.phase != .failed { one.terminating = false }
            let index = wishes.isIndexed ? completionIndex(pod) : nil
            let isTwice =
                one.phase == .succeeded && !noted.contains(one.uid)
                && (index.map { done.contains($0) || !seen.insert($0).inserted } ?? false)
            let isIgnored =
                one.phase == .failed && wishes.failureRules.verdict(on: pod)?.action == .ignore
            if isTwice || isIgnored {
                if one.tracked { uncounted.append(pod) }
                one.tracked = false
            }
            facts.append(one)
        }
        (self.facts, self.uncounted) = (facts, uncounted)
        failure = before.condition == nil ? mustFail(job, wishes, mine, before, now) : nil
    }

    /// What the part is asked.
    public var view: JobView {
        var asked = JobFacts(
            name: jobName(job), completions: wishes.completions ?? 1,
            parallelism: wishes.parallelism, backoffLimit: wishes.backoffLimit, status: before)
        if wishes.completions == nil {
            let active = facts.count { $0.outcome == nil }
            let hasSucceeded =
                before.succeeded > 0 || !before.uncountedSucceeded.isEmpty
                || facts.contains { $0.outcome == .succeeded && $0.tracked }
            if !hasSucceeded || active > 0 { asked.completions = PartBounds.count }
            if hasSucceeded { asked.parallelism = active }
        }
        if isSuspended { asked.parallelism = 0 }
        if failure != nil { asked.backoffLimit = -1 }
        return JobView(job: asked, pods: facts, now: now)
    }

    /// What is to be done, in this order.
    public func decision(_ plan: JobPlan) -> JobDecision {
        var decision = JobDecision()
        var numbers = plan.status
        if isSuspended { numbers.startTime = nil }
        decision.create = births(plan, active: &numbers.active)
        decision.ending = before.condition == nil ? ending(numbers) : nil
        let status = status(numbers, decision.ending)
        if JobStanding(status) != job["status"].map(JobStanding.init) { decision.status = status }
        decision.release = pods.filter { plan.release.contains(podName($0)) } + uncounted
        decision.delete = pods.filter {
            plan.delete.contains(podName($0))
                && $0.at("metadata", "deletionTimestamp")?.string == nil
        }
        (decision.isOver, decision.againInSeconds) = clocks(numbers, status)
        if decision.create.count < plan.create {
            decision.againInSeconds = min(decision.againInSeconds ?? .max, max(1, delay))
        }
        return decision
    }

    private var isSuspended: Bool { wishes.isSuspended && before.condition == nil }

    // MARK: Pods

    /// The bodies of new pods, some hundreds in one look at most. In a Job with indexes each has one that nobody
    /// has, the lowest first.
    private func births(_ plan: JobPlan, active: inout Int) -> [JSON] {
        let count = delay > 0 ? 0 : max(0, min(plan.create, Self.birthsMax))
        var bodies = Array(repeating: podBody(ofJob: job), count: wishes.isIndexed ? 0 : count)
        if wishes.isIndexed {
            let leaving = Set(plan.delete)
            let taken = zip(pods, facts)
                .filter { $1.outcome == nil && !leaving.contains($1.name) }
                .compactMap { completionIndex($0.0) }
            bodies = completed.free(count, below: wishes.completions ?? 0, taken: Set(taken))
                .map { podBody(ofJob: job, index: $0) }
        }
        active -= plan.create - bodies.count
        return bodies
    }

    private static let birthsMax = 500

    /// For how many seconds nobody takes the place of who failed: see `JobDelay`.
    private var delay: Int {
        let judged = zip(pods, facts).filter { pod, one in
            one.phase == .succeeded
                || one.phase == .failed && !uncounted.contains { podName($0) == one.name }
        }
        return JobDelay(judged.map(\.0)).secondsLeft(now)
    }

    private var completed: JobIndexes {
        var completed = JobIndexes(job.at("status", "completedIndexes")?.string ?? "")
        for pod in pods where pod.at("status", "phase")?.string == "Succeeded" {
            if let index = completionIndex(pod), index < wishes.completions ?? 0 {
                completed.insert(index)
            }
        }
        return completed
    }

    // MARK: The status

    private func ending(_ numbers: JobNumbers) -> JobEnding? {
        guard let condition = numbers.condition else { return nil }
        if condition == "Complete" { return .complete }
        let failure = failure ?? exhausted
        return .failed(failure.reason, failure.message)
    }

    private func status(_ numbers: JobNumbers, _ ending: JobEnding?) -> JSON {
        var status = numbers.status(before: job["status"], ending: ending, now: now)
        if wishes.isIndexed { status["completedIndexes"] = .string(completed.description) }
        let running = pods.filter { JobPod($0).outcome == nil }
        status["ready"] = JSON(running.count(where: isReady))
        status["terminating"] = JSON(
            pods.count { JobPod($0).terminating && !["Succeeded", "Failed"].contains(phase($0)) })
        var conditions = status["conditions"]?.array ?? []
        suspend(&conditions)
        if !conditions.isEmpty { status["conditions"] = .array(conditions) }
        return status
    }

    /// The condition Suspended: there since it was first so, and turned since it was last so.
    private func suspend(_ conditions: inout [JSON]) {
        let place = conditions.firstIndex { $0["type"]?.string == "Suspended" }
        guard before.condition == nil, isSuspended || place != nil else { return }
        let status = isSuspended ? "True" : "False"
        if let place, conditions[place]["status"]?.string == status { return }
        let condition = jobCondition(
            "Suspended", status, isSuspended ? "JobSuspended" : "JobResumed",
            isSuspended ? "Job suspended" : "Job resumed", now)
        if let place { conditions[place] = condition } else { conditions.append(condition) }
    }

    // MARK: Time

    /// Whether the finished Job's time is up, and when to look again.
    private func clocks(_ numbers: JobNumbers, _ status: JSON) -> (isOver: Bool, again: Int?) {
        if numbers.condition != nil {
            guard let ttl = wishes.ttlSecondsAfterFinished else { return (false, nil) }
            let left = (finishedAt(status) ?? now) + ttl - now
            return (left <= 0, max(1, left))
        }
        guard let deadline = wishes.activeDeadlineSeconds, let start = numbers.startTime else {
            return (false, nil)
        }
        return (false, max(1, start + deadline - now))
    }
}

/// How a Job came to its end.
public enum JobEnding: Equatable, Sendable {
    case complete
    case failed(_ reason: String, _ message: String)
}

/// What is to be done about a Job, in this order.
public struct JobDecision {
    /// Written first; nil where it is as it was.
    public var status: JSON?
    /// Set in the look that ends the Job.
    public var ending: JobEnding?
    public var release: [JSON] = []
    /// Bodies.
    public var create: [JSON] = []
    public var delete: [JSON] = []
    /// Its time to live after its end is up.
    public var isOver = false
    public var againInSeconds: Int?
}

/// Why the Job has to fail now, whatever the number of failures.
private func mustFail(
    _ job: JSON, _ wishes: JobWishes, _ pods: [JSON], _ before: JobNumbers, _ now: Int
) -> (reason: String, message: String)? {
    for pod in pods where phase(pod) == "Failed" {
        if let verdict = wishes.failureRules.verdict(on: pod), verdict.action == .failJob {
            return ("PodFailurePolicy", verdict.message)
        }
    }
    if let deadline = wishes.activeDeadlineSeconds, let start = before.startTime,
        !wishes.isSuspended, now - start >= deadline
    {
        return ("DeadlineExceeded", "Job was active longer than specified deadline")
    }
    if wishes.countsRestarts {
        let restarts = pods.filter { JobPod($0).outcome == nil }.map(restarts).reduce(0, +)
        if restarts > 0, restarts >= wishes.backoffLimit {
            return exhausted
        }
    }
    return nil
}

private let exhausted = (
    reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit"
)

/// What a status says, whatever the order of its members and whether a zero is written or left out: two statuses
/// that say the same need no write.
private struct JobStanding: Equatable {
    let numbers: JobNumbers
    let indexes: String
    let counts: [Int]
    let conditions: [[String]]

    init(_ status: JSON) {
        numbers = JobNumbers(status)
        indexes = status["completedIndexes"]?.string ?? ""
        counts = ["ready", "terminating"].map { status[$0]?.int ?? 0 }
        conditions = (status["conditions"]?.array ?? []).map { condition in
            ["type", "status"].map { condition[$0]?.string ?? "" }
        }
    }
}

private func finishedAt(_ status: JSON) -> Int? {
    (status["conditions"]?.array ?? []).first {
        ["Complete", "Failed"].contains($0["type"]?.string) && $0["status"]?.string == "True"
    }?["lastTransitionTime"]?.string.flatMap { Timestamp($0) }?.seconds
}

private func phase(_ pod: JSON) -> String { pod.at("status", "phase")?.string ?? "Pending" }

private func isReady(_ pod: JSON) -> Bool {
    (pod.at("status", "conditions")?.array ?? []).contains {
        $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
    }
}

private func restarts(_ pod: JSON) -> Int {
    ["containerStatuses", "initContainerStatuses"].flatMap { pod.at("status", $0)?.array ?? [] }
        .map { max(0, bounded($0["restartCount"]?.int ?? 0)) }.reduce(0, +)
}
