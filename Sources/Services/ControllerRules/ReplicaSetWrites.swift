import ContractSelectors
import JSON
import Objects

// The bodies that a ReplicaSet controller sends.

/// The pod that `set` creates: the template's spec as it was written, with the labels and the owner of `birth`.
public func podBody(of set: ReplicaSet, birth: PodBirth) throws -> JSON {
    var metadata: JSON = [
        "generateName": .string(birth.generateName),
        "labels": JSON(birth.labels),
        "ownerReferences": [try JSON(encoding: birth.owner)],
    ]
    if let namespace = set.metadata.namespace { metadata["namespace"] = .string(namespace) }
    if let annotations = set.spec.template?.metadata?.annotations, !annotations.isEmpty {
        metadata["annotations"] = JSON(annotations)
    }
    if let finalizers = set.spec.template?.metadata?.finalizers, !finalizers.isEmpty {
        metadata["finalizers"] = .array(finalizers.map { .string($0) })
    }
    return [
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
        "spec": set.spec.template?.spec ?? [:],
    ]
}

/// The patch that makes `owner` the pod's controller, or nobody; it names the pod's UID, so that it never
/// hits another pod of the same name.
public func ownerPatch(pod: Pod, removing uid: String? = nil, adding owner: OwnerReference? = nil)
    throws
    -> JSON
{
    var owners = (pod.metadata.ownerReferences ?? []).filter { $0.uid != uid }
    if let owner { owners.append(owner) }
    return try ownersPatch(pod.metadata, owners)
}

/// Gives an object other owners, if it is still the one of that UID and has not changed since it was looked at.
public func ownersPatch(_ object: ObjectMeta, _ owners: [OwnerReference]) throws -> JSON {
    var metadata: JSON = [
        "ownerReferences": owners.isEmpty ? .null : try JSON(encoding: owners)
    ]
    if let uid = object.uid { metadata["uid"] = .string(uid) }
    if let version = object.resourceVersion { metadata["resourceVersion"] = .string(version) }
    return ["metadata": metadata]
}

/// The status with these numbers; a number of which there are none has no member, as the real one writes it.
public func replicaSetStatus(
    _ numbers: ReplicaSetNumbers, of set: ReplicaSet, failure: Condition?
) -> ReplicaSetStatus {
    func some(_ number: Int) -> Int? { number == 0 ? nil : number }
    var status = ReplicaSetStatus()
    status.replicas = numbers.replicas
    status.fullyLabeledReplicas = some(numbers.fullyLabeled)
    status.readyReplicas = some(numbers.ready)
    status.availableReplicas = some(numbers.available)
    status.observedGeneration = set.metadata.generation
    var conditions = (set.status?.conditions ?? []).filter { $0.type != "ReplicaFailure" }
    if let failure { conditions.append(failure) }
    status.conditions = conditions.isEmpty ? nil : conditions
    return status
}

/// A merge patch of the status: the members that are nil in `new` are taken away where `old` has them.
public func statusPatch<Status: Encodable>(
    from old: Status?, to new: Status, resourceVersion: String?
)
    throws -> JSON
{
    var patch = try JSON(encoding: new)
    if let old {
        for name in try JSON(encoding: old).object?.names ?? [] where patch[name] == nil {
            patch[name] = .null
        }
    }
    var body: JSON = ["status": patch]
    if let resourceVersion { body["metadata"] = ["resourceVersion": .string(resourceVersion)] }
    return body
}
