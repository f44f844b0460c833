import JSON
import Kinds

/// Every pod runs as somebody: the namespace's default account, where it names none.
struct ServiceAccountAdmission: AdmissionPlugin {
    func admit(_ request: AdmissionRequest) -> AdmissionRequest {
        guard request.operation == .create, request.isAbout("Pod"), let pod = request.object else {
            return request
        }
        var spec = pod["spec"] ?? [:]
        let name = spec["serviceAccountName"]?.string ?? spec["serviceAccount"]?.string ?? ""
        // A mirror pod is nobody's: it ran before there was an API server to ask.
        if name.isEmpty, pod.isMirrorPod { return request }
        let account: JSON = .string(name.isEmpty ? "default" : name)
        (spec["serviceAccountName"], spec["serviceAccount"]) = (account, account)
        var request = request
        request.object?["spec"] = spec
        return request
    }
}

/// A pod stays for five minutes on a node that stopped answering, unless it says otherwise
/// (DefaultTolerationSeconds).
struct DefaultTolerations: AdmissionPlugin {
    func admit(_ request: AdmissionRequest) -> AdmissionRequest {
        guard request.operation == .create, request.isAbout("Pod"),
            var spec = request.object?["spec"]
        else { return request }
        var tolerations = spec["tolerations"]?.array ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isThere = tolerations.contains { toleration in
                let named = toleration["key"]?.string ?? ""
                let effect = toleration["effect"]?.string ?? ""
                return (named == key || named.isEmpty) && (effect.isEmpty || effect == "NoExecute")
            }
            if !isThere {
                tolerations.append(
                    [
                        "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                        "tolerationSeconds": 300,
                    ])
            }
        }
        spec["tolerations"] = .array(tolerations)
        var request = request
        request.object?["spec"] = spec
        return request
    }
}

extension JSON {
    /// Shown for a pod that a kubelet took from a file.
    var isMirrorPod: Bool {
        at("metadata", "annotations", "kubernetes.io/config.mirror") != nil
    }
}
