import JSON
import Kinds

/// A kubelet writes about itself and its own pods, whatever the roles say: its Node, its Lease, the
/// pods that are bound to it. Of pods it makes only the images of those that it took from files.
///
/// Source: kubernetes, plugin/pkg/admission/noderestriction.
struct NodeRestriction: AdmissionPlugin {
    let objects: StoredObjects

    func admit(_ request: AdmissionRequest) async throws -> AdmissionRequest {
        guard let node = NodeIdentity(request.user)?.name else { return request }
        switch (request.kind.group, request.kind.kind, request.subresource) {
        case ("", "Node", _): try admitNode(request, node)
        case ("", "Pod", nil): try admitPod(request, node)
        case ("", "Pod", "status"): try admitStatus(request, node)
        case ("", "Pod", "eviction"): try admitEviction(request, node)
        case ("coordination.k8s.io", "Lease", _): try admitLease(request, node)
        case ("", "ServiceAccount", "token"): try await admitToken(request, node)
        default: break
        }
        return request
    }

    // MARK: Its Node

    private static let restrictedPrefix = "node-restriction.kubernetes.io/"

    private func admitNode(_ request: AdmissionRequest, _ node: String) throws {
        guard request.name == node else {
            throw request.forbidden(
                "node \"\(node)\" is not allowed to modify node \"\(request.name)\"")
        }
        guard request.operation != .delete, let new = request.object else { return }
        let (before, after) = (request.old?.at("metadata", "labels"), new.at("metadata", "labels"))
        for (label, value) in after?.object ?? JSONObject()
        where isRestricted(label) && before?[label] != value {
            throw request.forbidden(
                "is not allowed to set the following labels: \(label)")
        }
        for (label, _) in before?.object ?? JSONObject()
        where isRestricted(label) && after?[label] == nil {
            throw request.forbidden("is not allowed to remove the following labels: \(label)")
        }
        if let old = request.old, old.at("spec", "taints") != new.at("spec", "taints") {
            throw request.forbidden("node \"\(node)\" is not allowed to modify taints")
        }
    }

    private func isRestricted(_ label: String) -> Bool {
        label.utf8.starts(with: Self.restrictedPrefix.utf8)
    }

    // MARK: Its pods

    private func admitPod(_ request: AdmissionRequest, _ node: String) throws {
        if request.operation == .create { return try admitMirrorPod(request, node) }
        try requireOwn(request, node)
        if request.operation == .update, let old = request.old, let new = request.object,
            old["spec"] != new["spec"]
        {
            throw request.forbidden("node \"\(node)\" may not change what a pod is")
        }
    }

    /// A mirror pod can't ask for anything of the cluster's.
    private func admitMirrorPod(_ request: AdmissionRequest, _ node: String) throws {
        let pod = request.object ?? [:]
        guard pod.isMirrorPod else {
            throw request.forbidden(
                "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"\(node)\" can only create mirror pods"
            )
        }
        guard pod.at("spec", "nodeName")?.string == node else {
            throw request.forbidden(
                "node \"\(node)\" can only create pods with spec.nodeName set to itself")
        }
        guard pod.at("spec", "serviceAccountName")?.string ?? "" == "" else {
            throw request.forbidden(
                "node \"\(node)\" can not create pods that reference a service account")
        }
        for (plural, what) in [
            ("secrets", "secrets"), ("configmaps", "configmaps"),
            ("persistentvolumeclaims", "persistentvolumeclaims"),
        ] where !PodReferences(pod).names(of: plural).isEmpty {
            throw request.forbidden("node \"\(node)\" can not create pods that reference \(what)")
        }
    }

    private func admitStatus(_ request: AdmissionRequest, _ node: String) throws {
        try requireOwn(request, node)
        if request.old?.at("metadata", "labels") != request.object?.at("metadata", "labels") {
            throw request.forbidden("node \"\(node)\" cannot update labels through pod status")
        }
    }

    private func admitEviction(_ request: AdmissionRequest, _ node: String) throws {
        try requireOwn(request, node)
    }

    private func requireOwn(_ request: AdmissionRequest, _ node: String) throws {
        guard request.old?.at("spec", "nodeName")?.string == node else {
            throw request.forbidden(
                "node \"\(node)\" can only \(request.operation.rawValue) pods with spec.nodeName set to itself"
            )
        }
    }

    // MARK: Its lease, and its pods' tokens

    private func admitLease(_ request: AdmissionRequest, _ node: String) throws {
        guard request.namespace == "kube-node-lease", request.name == node else {
            throw request.forbidden(
                "node \"\(node)\" can only change its own lease in the namespace \"kube-node-lease\""
            )
        }
    }

    /// A token is for a pod of the node that runs as that account, and ends with it.
    private func admitToken(_ request: AdmissionRequest, _ node: String) async throws {
        let bound = request.object?.at("spec", "boundObjectRef")
        guard bound?["kind"] == "Pod", bound?["apiVersion"] == "v1",
            let name = bound?["name"]?.string,
            let uid = bound?["uid"]?.string
        else {
            throw request.forbidden(
                "node requested token not bound to a pod, with its name and uid")
        }
        let pod = try await objects.find("pods", request.namespace, name)
        guard let pod, pod.at("metadata", "uid")?.string == uid,
            pod.at("spec", "nodeName")?.string == node,
            pod.at("spec", "serviceAccountName")?.string == request.name
        else {
            throw request.forbidden(
                "node requested token bound to a pod that doesn't run on it as this account")
        }
    }
}
