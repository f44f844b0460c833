import JSON
import Objects

/// What a Job's spec asks for, defaults filled in.
///
/// Part 19 knows the first three; what the others ask for is put to it in their terms: see `JobLook`.
/// Source: Kubernetes documentation, "Jobs".
public struct JobWishes: Equatable, Sendable {
    public var parallelism = 1
    /// nil: a work queue, which is done when one pod has succeeded and all have ended.
    public var completions: Int?
    public var backoffLimit = 6
    public var isIndexed = false
    public var isSuspended = false
    public var activeDeadlineSeconds: Int?
    public var ttlSecondsAfterFinished: Int?
    /// A pod on its way out still does its work, until it has ended.
    public var replacesOnlyFailed = false
    /// restartPolicy OnFailure: the containers' restarts count as failures.
    public var countsRestarts = false
    public var failureRules: [JobFailureRule] = []
    /// Another controller's Job is none of our business.
    public var isOurs = true

    public init(_ job: JSON) {
        let spec = job["spec"] ?? [:]
        func number(_ name: String) -> Int? { spec[name]?.int.map { max(0, bounded($0)) } }
        parallelism = number("parallelism") ?? 1
        completions = number("completions")
        backoffLimit = number("backoffLimit") ?? 6
        isIndexed = spec["completionMode"]?.string == "Indexed"
        isSuspended = spec["suspend"]?.bool == true
        activeDeadlineSeconds = number("activeDeadlineSeconds")
        ttlSecondsAfterFinished = number("ttlSecondsAfterFinished")
        failureRules = (spec.at("podFailurePolicy", "rules")?.array ?? []).map(JobFailureRule.init)
        let replacement = spec["podReplacementPolicy"]?.string
        replacesOnlyFailed = replacement == "Failed" || replacement == nil && !failureRules.isEmpty
        countsRestarts = spec.at("template", "spec", "restartPolicy")?.string == "OnFailure"
        isOurs = (spec["managedBy"]?.string ?? Self.us) == Self.us
    }

    private static let us = "kubernetes.io/job-controller"
}

/// One rule of a `podFailurePolicy`: what a failed pod means.
public struct JobFailureRule: Equatable, Sendable {
    public enum Action: String, Sendable {
        /// The whole Job has failed.
        case failJob = "FailJob"
        /// It doesn't count.
        case ignore = "Ignore"
        /// It counts, as without a rule.
        case count = "Count"
    }
    public var action: Action
    /// nil: by conditions.
    public var exitCodes: ExitCodes?
    /// Type and status, one of which the pod has to have.
    public var conditions: [[String]] = []

    public struct ExitCodes: Equatable, Sendable {
        /// nil: of any container.
        public var container: String?
        /// `In`; otherwise `NotIn`.
        public var isIn: Bool
        public var values: [Int]
    }

    init(_ rule: JSON) {
        action = rule["action"]?.string.flatMap(Action.init) ?? .count
        if let codes = rule["onExitCodes"] {
            exitCodes = ExitCodes(
                container: codes["containerName"]?.string, isIn: codes["operator"]?.string == "In",
                values: (codes["values"]?.array ?? []).compactMap(\.int))
        }
        conditions = (rule["onPodConditions"]?.array ?? []).map {
            [$0["type"]?.string ?? "", $0["status"]?.string ?? "True"]
        }
    }

    /// Why the rule speaks of this pod, in the Job controller's words; nil where it does not.
    func match(_ pod: JSON) -> String? {
        let name = [pod.at("metadata", "namespace"), pod.at("metadata", "name")]
            .map { $0?.string ?? "" }.joined(separator: "/")
        if let exitCodes {
            return failures(of: pod).first { container, code in
                (exitCodes.container ?? container) == container
                    && exitCodes.values.contains(code) == exitCodes.isIn
            }.map { "Container \($0) for pod \(name) failed with exit code \($1)" }
        }
        let there = (pod.at("status", "conditions")?.array ?? []).map {
            [$0["type"]?.string ?? "", $0["status"]?.string ?? ""]
        }
        return conditions.first(where: there.contains).map { "Pod \(name) has condition \($0[0])" }
    }

    private func failures(of pod: JSON) -> [(container: String, code: Int)] {
        ["containerStatuses", "initContainerStatuses"].flatMap {
            pod.at("status", $0)?.array ?? []
        }.compactMap { status in
            guard let code = status.at("state", "terminated", "exitCode")?.int, code != 0 else {
                return nil
            }
            return (status["name"]?.string ?? "", code)
        }
    }
}

extension [JobFailureRule] {
    /// What the first rule that speaks of the failed pod says of it.
    /// - Returns: the message says which rule it was.
    func verdict(on pod: JSON) -> (action: JobFailureRule.Action, message: String)? {
        for (index, rule) in enumerated() {
            if let why = rule.match(pod) {
                return (
                    rule.action, "\(why) matching \(rule.action.rawValue) rule at index \(index)"
                )
            }
        }
        return nil
    }
}
