import ContractMiniCluster
import JSON
import Objects

/// Between the API's Jobs and part 19: names, and the bodies that are sent.
public enum JobTracking {
    /// Holds a finished pod until it is counted.
    public static let finalizer = "batch.kubernetes.io/job-tracking"
    /// The label and annotation that say which of a Job's indexes a pod has.
    public static let index = "batch.kubernetes.io/job-completion-index"
}

/// Whether the Job is the pod's controller.
func isOwned(_ pod: JSON, by job: JSON) -> Bool {
    let uid = job.at("metadata", "uid")?.string
    return (pod.at("metadata", "ownerReferences")?.array ?? []).contains {
        $0["uid"]?.string == uid && $0["controller"]?.bool == true
    }
}

func jobName(_ job: JSON) -> String { job.at("metadata", "name")?.string ?? "job" }
func podName(_ pod: JSON) -> String { pod.at("metadata", "name")?.string ?? "" }
func completionIndex(_ pod: JSON) -> Int? {
    pod.at("metadata", "annotations", JobTracking.index)?.string.flatMap { Int($0) }
}

extension JobNumbers {
    init(_ status: JSON) {
        func number(_ name: String) -> Int { max(0, bounded(status[name]?.int ?? 0)) }
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
            active: number("active"), succeeded: number("succeeded"), failed: number("failed"),
            uncountedSucceeded: uids("succeeded"), uncountedFailed: uids("failed"),
            condition: names.first { $0 == "Complete" || $0 == "Failed" },
            startTime: seconds("startTime"), completionTime: seconds("completionTime"))
    }

    /// The status as the API has it; conditions that are there already keep their times.
    func status(before: JSON?, ending: JobEnding?, now: Int) -> JSON {
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
        switch ending {
        case .complete:
            conditions.append(
                jobCondition(
                    "Complete", "True", "CompletionsReached",
                    "Reached expected number of succeeded pods", now))
        case .failed(let reason, let message):
            conditions.append(jobCondition("Failed", "True", reason, message, now))
        case nil: break
        }
        if !conditions.isEmpty { status["conditions"] = .array(conditions) }
        return status
    }
}

func jobCondition(
    _ type: String, _ status: String, _ reason: String, _ message: String, _ now: Int
) -> JSON {
    let time = JSON.string(Timestamp(seconds: now).description)
    return [
        "type": .string(type), "status": .string(status), "lastProbeTime": time,
        "lastTransitionTime": time, "reason": .string(reason), "message": .string(message),
    ]
}

extension JobPod {
    public init(_ pod: JSON) {
        let finalizers = pod.at("metadata", "finalizers")?.array ?? []
        self.init(
            podName(pod), uid: pod.at("metadata", "uid")?.string ?? "",
            pod.at("status", "phase")?.string.flatMap(Phase.init) ?? .pending,
            terminating: pod.at("metadata", "deletionTimestamp")?.string != nil,
            tracked: finalizers.contains { $0.string == JobTracking.finalizer })
    }
}

/// A new pod of a Job, from its template.
/// - Parameter index: which one of a Job with indexes: in its name, its label and annotation, its host name and
///   the environment of its containers.
public func podBody(ofJob job: JSON, index: Int? = nil) -> JSON {
    let template = job.at("spec", "template") ?? [:]
    let name = index.map { "\(jobName(job))-\($0)" } ?? jobName(job)
    var metadata: JSON = [
        "generateName": .string("\(name)-"),
        "labels": template.at("metadata", "labels") ?? [:],
        "finalizers": [.string(JobTracking.finalizer)],
        "ownerReferences": [jobOwner(job)],
    ]
    if let namespace = job.at("metadata", "namespace") { metadata["namespace"] = namespace }
    if let annotations = template.at("metadata", "annotations") {
        metadata["annotations"] = annotations
    }
    var spec = template["spec"] ?? [:]
    if let index {
        for member in ["labels", "annotations"] {
            var map = metadata[member] ?? [:]
            map[JobTracking.index] = .string("\(index)")
            metadata[member] = map
        }
        spec["hostname"] = .string(name)
        for list in ["initContainers", "containers"] {
            if let containers = spec[list]?.array {
                spec[list] = .array(containers.map(withIndex))
            }
        }
    }
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec]
}

/// The container with `JOB_COMPLETION_INDEX` in its environment, unless it has one of that name.
private func withIndex(_ container: JSON) -> JSON {
    var env = container["env"]?.array ?? []
    if env.contains(where: { $0["name"]?.string == "JOB_COMPLETION_INDEX" }) { return container }
    env.append([
        "name": "JOB_COMPLETION_INDEX",
        "valueFrom": [
            "fieldRef": ["fieldPath": .string("metadata.annotations['\(JobTracking.index)']")]
        ],
    ])
    var container = container
    container["env"] = .array(env)
    return container
}

/// The reference by which a Job controls a pod.
public func jobOwner(_ job: JSON) -> JSON {
    [
        "apiVersion": "batch/v1", "kind": "Job", "name": .string(jobName(job)),
        "uid": job.at("metadata", "uid") ?? "", "controller": true, "blockOwnerDeletion": true,
    ]
}
