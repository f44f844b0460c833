import ContractRollout
import JSON
import Objects

// The bodies that a Deployment controller sends.

/// The annotations that say how big the set may be, beside the Deployment's other, handed-down ones.
public func sizeAnnotations(_ facts: DeploymentFacts, _ bounds: RolloutBounds) -> [String: String] {
    let surge = facts.strategy == .rollingUpdate ? bounds.surge : 0
    return [
        DeploymentAnnotation.desired: "\(facts.replicas)",
        DeploymentAnnotation.max: "\(facts.replicas + surge)",
    ]
}

/// A new ReplicaSet for the Deployment's present template. The label pod-template-hash goes into its labels, its
/// selector and its template, so that it never takes another revision's pods for its own.
public func replicaSetBody(
    of deployment: Deployment, _ creation: RolloutPlan.Creation, sizes: [String: String]
) throws -> JSON {
    let hash = [Deployment.templateHashLabel: creation.templateHash]
    var labels = deployment.spec.template.metadata?.labels ?? [:]
    labels.merge(hash) { $1 }
    var annotations = (deployment.metadata.annotations ?? [:])
        .filter { !DeploymentAnnotation.own.contains($0.key) }
    annotations.merge(sizes) { $1 }
    annotations[DeploymentAnnotation.revision] = "\(creation.revision)"
    var selector = deployment.spec.selector
    selector.matchLabels = (selector.matchLabels ?? [:]).merging(hash) { $1 }
    var template = try JSON(encoding: deployment.spec.template)
    var templateMetadata = template["metadata"] ?? [:]
    templateMetadata["labels"] = JSON(labels)
    template["metadata"] = templateMetadata
    var spec: JSON = [
        "replicas": JSON(creation.replicas), "selector": try JSON(encoding: selector),
        "template": template,
    ]
    if let seconds = deployment.spec.minReadySeconds { spec["minReadySeconds"] = JSON(seconds) }
    var metadata: JSON = [
        "name": .string(creation.name), "labels": JSON(labels), "annotations": JSON(annotations),
        "ownerReferences": [try JSON(encoding: OwnerReference(controller: deployment))],
    ]
    if let namespace = deployment.metadata.namespace { metadata["namespace"] = .string(namespace) }
    return ["apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec]
}

/// Resizes a ReplicaSet, unless it has changed since it was looked at: the bounds were worked out for what was seen.
public func resizePatch(_ set: ReplicaSet, to replicas: Int, sizes: [String: String]) -> JSON {
    var metadata: JSON = ["annotations": JSON(sizes)]
    if let version = set.metadata.resourceVersion { metadata["resourceVersion"] = .string(version) }
    return ["metadata": metadata, "spec": ["replicas": JSON(replicas)]]
}

/// Gives a ReplicaSet a new revision number and keeps the old one in its history.
public func renumberPatch(_ set: ReplicaSet, revision: Int) -> JSON {
    let annotations = set.metadata.annotations ?? [:]
    var new = [DeploymentAnnotation.revision: "\(revision)"]
    if let old = annotations[DeploymentAnnotation.revision], !old.isEmpty, old != "\(revision)" {
        let history = annotations[DeploymentAnnotation.history].map { "\($0),\(old)" } ?? old
        new[DeploymentAnnotation.history] = history
    }
    return ["metadata": ["annotations": JSON(new)]]
}

/// The Deployment's status after a look. A number of which there are none has no member, as the real one writes it.
public func deploymentStatus(
    _ plan: RolloutPlan, of deployment: Deployment, collisionCount: Int?
) -> DeploymentStatus {
    func some(_ number: Int) -> Int? { number == 0 ? nil : number }
    var status = DeploymentStatus()
    status.observedGeneration = deployment.metadata.generation
    status.replicas = some(plan.status.replicas)
    status.updatedReplicas = some(plan.status.updated)
    status.readyReplicas = some(plan.status.ready)
    status.availableReplicas = some(plan.status.available)
    status.unavailableReplicas = some(plan.status.unavailable)
    status.collisionCount = collisionCount
    let known = ["Available", "Progressing"]
    var conditions = (deployment.status?.conditions ?? []).filter { !known.contains($0.type) }
    if let available = plan.available {
        conditions.append(Condition(type: "Available", available))
    }
    if let progressing = plan.progressing {
        conditions.append(Condition(type: "Progressing", progressing))
    }
    status.conditions = conditions.isEmpty ? nil : conditions
    return status
}
