import ContractMiniCluster
import JSON
import Objects

/// Between the API's Jobs and part 19: what it is told, and what becomes of its plan.
public enum JobTracking {
    /// Holds a finished pod until it is counted.
    public static let finalizer = "batch.kubernetes.io/job-tracking"
}

extension JobView {
    /// - Parameters:
    ///   - job: a whole Job, as the API server gave it.
    ///   - pods: whole pods of the Job's namespace; those of other owners are passed over.
    public init(job: JSON, pods: [JSON], now: Int) {
        let uid = job.at("metadata", "uid")?.string
        let mine = pods.filter { pod in
            (pod.at("metadata", "ownerReferences")?.array ?? []).contains {
                $0["uid"]?.string == uid && $0["controller"]?.bool == true
            }
        }
        self.init(job: JobFacts(job), pods: mine.map(JobPod.init), now: now)
    }
}

extension JobFacts {
    init(_ job: JSON) {
        func number(_ name: String) -> Int? { job.at("spec", name)?.int }
        let parallelism = number("parallelism") ?? 1
        self.init(
            name: job.at("metadata", "name")?.string ?? "",
            // Without completions, one pod that succeeds tells the others to stop: here, one is enough.
            completions: number("completions") ?? 1, parallelism: parallelism,
            backoffLimit: number("backoffLimit") ?? 6, status: JobNumbers(job["status"] ?? [:]))
    }
}

extension JobNumbers {
    init(_ status: JSON) {
        func uids(_ outcome: String) -> [String] {
            (status.at("uncountedTerminatedPods", outcome)?.array ?? []).compactMap(\.string)
                .sorted()
        }
        func seconds(_ name: String) -> Int? {
            status[name]?.string.flatMap { Timestamp($0) }?.seconds
        }
        let conditions = (status["conditions"]?.array ?? []).filter {
            $0["status"]?.string == "True"
        }
        let names = conditions.compactMap { $0["type"]?.string }
        self.init(
            active: status["active"]?.int ?? 0, succeeded: status["succeeded"]?.int ?? 0,
            failed: status["failed"]?.int ?? 0, uncountedSucceeded: uids("succeeded"),
            uncountedFailed: uids("failed"),
            condition: names.first { $0 == "Complete" || $0 == "Failed" },
            startTime: seconds("startTime"), completionTime: seconds("completionTime"))
    }

    /// The status as the API has it; conditions that are there already keep their times.
    public func status(before: JSON?, now: Int) -> JSON {
        var status: JSON = [
            "active": JSON(active), "succeeded": JSON(succeeded), "failed": JSON(failed),
            "uncountedTerminatedPods": [
                "succeeded": .array(uncountedSucceeded.map { .string($0) }),
                "failed": .array(uncountedFailed.map { .string($0) }),
            ],
        ]
        func time(_ seconds: Int) -> JSON { .string(Timestamp(seconds: seconds).description) }
        if let startTime { status["startTime"] = time(startTime) }
        if let completionTime { status["completionTime"] = time(completionTime) }
        var conditions = before?["conditions"]?.array ?? []
        if let condition, !conditions.contains(where: { $0["type"]?.string == condition }) {
            conditions.append([
                "type": .string(condition), "status": "True", "lastProbeTime": time(now),
                "lastTransitionTime": time(now),
                "reason": condition == "Failed" ? "BackoffLimitExceeded" : "CompletionsReached",
                "message": condition == "Failed"
                    ? "Job has reached the specified backoff limit"
                    : "Reached expected number of succeeded pods",
            ])
        }
        if !conditions.isEmpty { status["conditions"] = .array(conditions) }
        return status
    }
}

extension JobPod {
    public init(_ pod: JSON) {
        let finalizers = pod.at("metadata", "finalizers")?.array ?? []
        self.init(
            pod.at("metadata", "name")?.string ?? "", uid: pod.at("metadata", "uid")?.string ?? "",
            pod.at("status", "phase")?.string.flatMap(Phase.init) ?? .pending,
            terminating: pod.at("metadata", "deletionTimestamp")?.string != nil,
            tracked: finalizers.contains { $0.string == JobTracking.finalizer })
    }
}

/// A new pod of a Job, from its template.
public func podBody(ofJob job: JSON) -> JSON {
    let template = job.at("spec", "template") ?? [:]
    let name = job.at("metadata", "name")?.string ?? "job"
    var metadata: JSON = [
        "generateName": .string("\(name)-"),
        "labels": template.at("metadata", "labels") ?? [:],
        "finalizers": [.string(JobTracking.finalizer)],
        "ownerReferences": [
            [
                "apiVersion": "batch/v1", "kind": "Job", "name": .string(name),
                "uid": job.at("metadata", "uid") ?? "", "controller": true,
                "blockOwnerDeletion": true,
            ]
        ],
    ]
    if let namespace = job.at("metadata", "namespace") { metadata["namespace"] = namespace }
    if let annotations = template.at("metadata", "annotations") {
        metadata["annotations"] = annotations
    }
    return [
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:],
    ]
}

/// Takes the finalizer away from one pod, the one of this uid.
public func releasePatch(_ pod: JSON) -> JSON {
    let others = (pod.at("metadata", "finalizers")?.array ?? []).filter {
        $0.string != JobTracking.finalizer
    }
    return ["metadata": ["uid": pod.at("metadata", "uid") ?? "", "finalizers": .array(others)]]
}
