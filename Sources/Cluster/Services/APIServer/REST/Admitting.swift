import JSON
import Kinds

/// What the server fills in that depends on more than the object itself.
extension API {
    func mutate(_ call: Call, _ object: JSON) throws -> JSON {
        switch (call.kind.group, call.kind.kind) {
        case ("", "Pod"): return withNodeTolerations(withServiceAccount(object))
        default: return object
        }
    }

    func mutateUpdate(_ call: Call, old: JSON, new: JSON) throws -> JSON {
        guard call.kind.group.isEmpty, call.kind.kind == "Service" else { return new }
        return try services.carryOver(old: old, new: new, kind: call.kind)
    }
}

/// Every pod runs as somebody: the namespace's default account, where it names none.
private func withServiceAccount(_ pod: JSON) -> JSON {
    var pod = pod
    var spec = pod["spec"] ?? [:]
    let name = spec["serviceAccountName"]?.string ?? spec["serviceAccount"]?.string ?? ""
    let account: JSON = .string(name.isEmpty ? "default" : name)
    (spec["serviceAccountName"], spec["serviceAccount"]) = (account, account)
    pod["spec"] = spec
    return pod
}

/// A pod stays for five minutes on a node that stopped answering, unless it says otherwise
/// (DefaultTolerationSeconds).
private func withNodeTolerations(_ pod: JSON) -> JSON {
    var pod = pod
    var spec = pod["spec"] ?? [:]
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
    pod["spec"] = spec
    return pod
}
