import ContractRollout
import JSON
import Objects

// From Kubernetes' objects to what part 10 knows of them.

/// The annotations on ReplicaSets by which a Deployment remembers things.
public enum DeploymentAnnotation {
    public static let revision = Deployment.revisionAnnotation
    /// What the Deployment wanted when the set was last resized.
    public static let desired = "deployment.kubernetes.io/desired-replicas"
    /// That and the surge: the most pods there may be.
    public static let max = "deployment.kubernetes.io/max-replicas"
    /// The revisions that the set had before, comma-separated.
    public static let history = "deployment.kubernetes.io/revision-history"
    public static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
    /// Not handed down from the Deployment to its ReplicaSets.
    public static let own: Set<String> = [revision, desired, max, history, lastApplied]
}

extension Bound {
    /// - Throws: `InvalidSelector` for a text that is neither a number nor a percentage.
    public init(_ value: IntOrString?) throws {
        guard let value else {
            self = .percent(25)
            return
        }
        guard let bound = Bound(value.description) else {
            throw InvalidSelector(description: "\"\(value)\" is neither a number nor a percentage")
        }
        switch bound {
        case .pods(let number): self = .pods(count(number))
        case .percent(let percent): self = .percent(count(percent, PartBounds.percent))
        }
    }
}

extension RolloutCondition {
    public init(_ condition: Condition) {
        self.init(
            status: condition.status, reason: condition.reason ?? "",
            message: condition.message ?? "",
            lastUpdate: condition.lastUpdateTime?.seconds ?? 0,
            lastTransition: condition.lastTransitionTime?.seconds ?? 0)
    }
}

extension Condition {
    /// A condition of a Deployment's status.
    public init(type: String, _ condition: RolloutCondition) {
        self.init(
            type: type, status: condition.status, reason: condition.reason,
            message: condition.message)
        lastUpdateTime = Timestamp(seconds: condition.lastUpdate)
        lastTransitionTime = Timestamp(seconds: condition.lastTransition)
    }
}

extension DeploymentFacts {
    /// - Parameter templateHash: the part's answer for the present template.
    public init(_ deployment: Deployment, templateHash: String) throws {
        let spec = deployment.spec
        let status = deployment.status
        func condition(_ type: String) -> RolloutCondition? {
            status?.conditions?.first { $0.type == type }.map { RolloutCondition($0) }
        }
        self.init(
            name: deployment.metadata.name, replicas: count(spec.replicas ?? 1),
            strategy: spec.strategy?.type == "Recreate" ? .recreate : .rollingUpdate,
            maxSurge: try Bound(spec.strategy?.rollingUpdate?.maxSurge),
            maxUnavailable: try Bound(spec.strategy?.rollingUpdate?.maxUnavailable),
            paused: spec.paused ?? false, templateHash: templateHash,
            revisionHistoryLimit: bounded(spec.revisionHistoryLimit ?? 10),
            progressDeadlineSeconds: spec.progressDeadlineSeconds.map { bounded($0) },
            status: DeploymentNumbers(
                replicas: bounded(status?.replicas ?? 0),
                updated: bounded(status?.updatedReplicas ?? 0),
                ready: bounded(status?.readyReplicas ?? 0),
                available: bounded(status?.availableReplicas ?? 0),
                unavailable: bounded(status?.unavailableReplicas ?? 0)),
            progressing: condition("Progressing"), available: condition("Available"))
    }
}

extension RevisionFacts {
    public init(_ set: ReplicaSet) {
        let annotations = set.metadata.annotations ?? [:]
        self.init(
            name: set.metadata.name,
            templateHash: set.metadata.labels?[Deployment.templateHashLabel] ?? "",
            revision: readableRevision(annotations[DeploymentAnnotation.revision]),
            desired: annotations[DeploymentAnnotation.desired].flatMap { Int($0) }.map {
                count($0)
            },
            replicas: count(set.spec.replicas ?? 1), pods: bounded(set.status?.replicas ?? 0),
            ready: bounded(set.status?.readyReplicas ?? 0),
            available: bounded(set.status?.availableReplicas ?? 0),
            observed: (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0),
            created: set.metadata.creationTimestamp?.seconds ?? 0,
            terminating: set.metadata.deletionTimestamp != nil)
    }
}

/// The number of a revision as its annotation has it; 0, which is none, for a text that no controller wrote: one
/// beyond all that can be counted up to would leave no number for the next revision.
private func readableRevision(_ text: String?) -> Int {
    guard let number = text.flatMap({ Int($0) }), (0...PartBounds.count).contains(number) else {
        return 0
    }
    return number
}
