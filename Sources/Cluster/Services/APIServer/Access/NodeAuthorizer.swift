import ContractAdmission
import JSON

/// A kubelet, as its certificate says: `system:node:NAME` in `system:nodes`.
struct NodeIdentity: Hashable, Sendable {
    var name: String

    init?(_ user: UserFacts) {
        let prefix = "system:node:"
        guard user.groups.contains("system:nodes"), user.name.utf8.starts(with: prefix.utf8) else {
            return nil
        }
        name = String(decoding: user.name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        if name.isEmpty { return nil }
    }
}

/// What a kubelet may read and write: what belongs to its own node, and to the pods that are bound
/// to it. A node that somebody broke into gives away its own pods' secrets, and no others.
///
/// Source: kubernetes.io/docs/reference/access-authn-authz/node; plugin/pkg/auth/authorizer/node.
struct NodeAuthorizer: Sendable {
    let hub: WatchHub

    /// Whether the node may; false says nothing: a role may still allow it.
    /// - Parameter selected: the node whose pods alone are asked for, where a field selector says
    ///   so.
    func allows(_ node: String, _ question: AccessQuestion, selecting selected: String?) -> Bool {
        let isReading = ["get", "list", "watch"].contains(question.verb)
        switch (question.group, question.resource, question.subresource) {
        case ("", "secrets", ""), ("", "configmaps", ""), ("", "persistentvolumeclaims", ""):
            return isReading && isUsed(question, by: node)
        case ("", "persistentvolumes", ""):
            return question.verb == "get" && isUsedVolume(question.name, by: node)
        case ("", "serviceaccounts", "token"):
            return question.verb == "create" && isUsed(question, by: node)
        case ("", "nodes", ""), ("", "nodes", "status"):
            // To make one is looked at when it is seen (`NodeRestriction`).
            if question.verb == "create", question.subresource.isEmpty { return true }
            // A kubelet lays the routes to the pods of all others, so it has to know where they are.
            return isReading
                || question.name == node && ["update", "patch"].contains(question.verb)
        case ("", "pods", ""):
            if question.verb == "create" { return true }
            if ["list", "watch"].contains(question.verb) {
                return selected == node || isItsPod(question, node)
            }
            return ["get", "delete"].contains(question.verb) && isItsPod(question, node)
        case ("", "pods", "status"), ("", "pods", "eviction"):
            return ["get", "update", "patch", "create"].contains(question.verb)
                && isItsPod(question, node)
        case ("coordination.k8s.io", "leases", ""):
            return question.namespace == "kube-node-lease"
                && (question.verb == "create"
                    || question.name == node && question.verb != "deletecollection")
        case ("", "services", ""): return isReading
        case ("", "events", ""), ("events.k8s.io", "events", ""):
            return ["create", "patch", "update"].contains(question.verb)
        case ("authentication.k8s.io", "tokenreviews", ""),
            ("authorization.k8s.io", "subjectaccessreviews", ""):
            return question.verb == "create"
        default: return false
        }
    }

    private func isItsPod(_ question: AccessQuestion, _ node: String) -> Bool {
        guard !question.name.isEmpty else { return false }
        let key = "/registry/pods/\(question.namespace)/\(question.name)"
        guard let entry = hub.read({ $0.entry("pods", key: key) }) else { return false }
        return (try? JSON(parsing: entry.bytes))?.at("spec", "nodeName")?.string == node
    }

    /// Whether a pod of the node names the object.
    private func isUsed(_ question: AccessQuestion, by node: String) -> Bool {
        guard !question.name.isEmpty, !question.namespace.isEmpty else { return false }
        return pods(of: node, in: "/registry/pods/\(question.namespace)/").contains { pod in
            PodReferences(pod).names(of: question.resource).contains(question.name)
        }
    }

    /// Whether a claim of one of the node's pods is bound to the volume.
    private func isUsedVolume(_ volume: String, by node: String) -> Bool {
        guard !volume.isEmpty else { return false }
        return pods(of: node, in: "/registry/pods/").contains { pod in
            PodReferences(pod).names(of: "persistentvolumeclaims").contains { name in
                let key = "/registry/persistentvolumeclaims/\(pod.namespace)/\(name)"
                let claim = hub.read { $0.entry("persistentvolumeclaims", key: key) }
                return claim.flatMap { try? JSON(parsing: $0.bytes) }?
                    .at("spec", "volumeName")?.string == volume
            }
        }
    }

    private func pods(of node: String, in prefix: String) -> some Sequence<JSON> {
        let entries = hub.read { Array($0.entries("pods", prefix: prefix)) }
        return entries.lazy.compactMap { entry -> JSON? in
            guard let pod = try? JSON(parsing: entry.bytes),
                pod.at("spec", "nodeName")?.string == node
            else { return nil }
            return pod
        }
    }
}

/// The objects of its namespace that a pod names: what its node has to read to run it.
struct PodReferences: Sendable {
    private let pod: JSON

    init(_ pod: JSON) { self.pod = pod }

    /// - Parameter plural: `secrets`, `configmaps`, `persistentvolumeclaims` or `serviceaccounts`.
    func names(of plural: String) -> Set<String> {
        switch plural {
        case "secrets": Set(volumes.flatMap(secrets) + environment("secret") + pullSecrets)
        case "configmaps": Set(volumes.flatMap(configMaps) + environment("configMap"))
        case "persistentvolumeclaims": Set(volumes.compactMap(claim))
        case "serviceaccounts":
            Set([pod.at("spec", "serviceAccountName")?.string].compactMap(\.self))
        default: []
        }
    }

    private var volumes: [JSON] { pod.at("spec", "volumes")?.array ?? [] }

    private func sources(_ volume: JSON) -> [JSON] {
        volume.at("projected", "sources")?.array ?? []
    }

    private func secrets(_ volume: JSON) -> [String] {
        let others = ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].map {
            volume.at($0, "secretRef", "name")?.string
        }
        return
            ([
                volume.at("secret", "secretName")?.string,
                volume.at("csi", "nodePublishSecretRef", "name")?.string,
                volume.at("azureFile", "secretName")?.string,
            ] + others + sources(volume).map { $0.at("secret", "name")?.string }).compactMap(\.self)
    }

    private func configMaps(_ volume: JSON) -> [String] {
        ([volume.at("configMap", "name")?.string]
            + sources(volume).map { $0.at("configMap", "name")?.string }).compactMap(\.self)
    }

    private func claim(_ volume: JSON) -> String? {
        if let name = volume.at("persistentVolumeClaim", "claimName")?.string { return name }
        guard volume["ephemeral"] != nil, let name = volume["name"]?.string else { return nil }
        return "\(pod.name)-\(name)"
    }

    private var pullSecrets: [String] {
        (pod.at("spec", "imagePullSecrets")?.array ?? []).compactMap { $0["name"]?.string }
    }

    /// - Parameter kind: `secret` or `configMap`: what its references begin with.
    private func environment(_ kind: String) -> [String] {
        let containers = ["containers", "initContainers", "ephemeralContainers"].flatMap {
            pod.at("spec", $0)?.array ?? []
        }
        return containers.flatMap { container -> [String] in
            let single = (container["env"]?.array ?? []).compactMap {
                $0.at("valueFrom", "\(kind)KeyRef", "name")?.string
            }
            let whole = (container["envFrom"]?.array ?? []).compactMap {
                $0.at("\(kind)Ref", "name")?.string
            }
            return single + whole
        }
    }
}
