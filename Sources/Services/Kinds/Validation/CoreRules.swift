import JSON

extension Rules {
    static let configMap = Rules(
        check: { object, errors in DataCheck.keys(object, ["data", "binaryData"], &errors) },
        update: { old, new, errors in
            DataCheck.staysImmutable(old, new, ["data", "binaryData"], &errors)
        })

    static let secret = Rules(
        check: { object, errors in
            DataCheck.keys(object, ["data"], &errors)
            let needed: [String: [String]] = [
                "kubernetes.io/tls": ["tls.crt", "tls.key"],
                "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
                "kubernetes.io/basic-auth": [],
            ]
            for key in needed[object.text("type")] ?? [] where object.at("data", key) == nil {
                errors.required("data[\(key)]")
            }
        },
        update: { old, new, errors in
            Check.immutable(old["type"], new["type"], "type", &errors)
            DataCheck.staysImmutable(old, new, ["data"], &errors)
        })

    static let event = Rules(check: { object, errors in
        let about = object["involvedObject"] ?? [:]
        let namespace = object["metadata"]?.text("namespace") ?? ""
        let isDefault = namespace == "default" && about.isEmpty("namespace")
        if about.text("namespace") != namespace, !isDefault {
            errors.invalid(
                "involvedObject.namespace", .string(about.text("namespace")),
                "does not match event.namespace")
        }
    })

    static let node = Rules(
        check: { object, errors in
            var seen: Set<JSON> = []
            for (index, taint) in (object["spec"]?.list("taints") ?? []).enumerated() {
                let identity: JSON = ["key": taint["key"] ?? "", "effect": taint["effect"] ?? ""]
                if !seen.insert(identity).inserted {
                    errors.duplicate("spec.taints[\(index)]", taint)
                }
            }
        },
        update: { old, new, errors in
            let before = old.at("spec", "podCIDR")
            if let before, before != new.at("spec", "podCIDR") {
                errors.forbidden(
                    "spec.podCIDR", "node updates may not change podCIDR except from \"\" to valid")
            }
        })

    static let role = Rules(check: { object, errors in
        for (index, rule) in object.list("rules").enumerated() {
            let path = "rules[\(index)]"
            if rule.isEmpty("verbs") {
                errors.required("\(path).verbs", "verbs must contain at least one value")
            }
            guard rule.isEmpty("nonResourceURLs") else { continue }
            if rule.isEmpty("apiGroups") {
                errors.required(
                    "\(path).apiGroups", "resource rules must supply at least one api group")
            }
            if rule.isEmpty("resources") {
                errors.required(
                    "\(path).resources", "resource rules must supply at least one resource")
            }
        }
    })

    static let roleBinding = Rules(
        check: { object, errors in
            let role = object["roleRef"] ?? [:]
            let group = "rbac.authorization.k8s.io"
            if role.text("apiGroup") != group {
                errors.notSupported("roleRef.apiGroup", role["apiGroup"] ?? "", [group])
            }
            for (index, subject) in object.list("subjects").enumerated() {
                let path = "subjects[\(index)]"
                if subject.isEmpty("name") { errors.required("\(path).name") }
                if subject.text("kind") == "ServiceAccount", subject.isEmpty("namespace") {
                    errors.required("\(path).namespace")
                }
                if !["ServiceAccount", "User", "Group"].contains(subject.text("kind")) {
                    errors.notSupported(
                        "\(path).kind", subject["kind"], ["ServiceAccount", "User", "Group"])
                }
            }
        },
        update: { old, new, errors in
            if old["roleRef"] != new["roleRef"] {
                errors.invalid("roleRef", new["roleRef"], "cannot change roleRef")
            }
        })
}

/// What ConfigMaps and Secrets have in common.
enum DataCheck {
    private static let bytesMax = 1024 * 1024

    static func keys(_ object: JSON, _ members: [String], _ errors: inout FieldErrors) {
        var bytes = 0
        for member in members {
            for (key, value) in object[member]?.object ?? JSONObject() {
                if let complaint = Names.configKey(key) {
                    errors.invalid("\(member)[\(key)]", .string(key), complaint)
                }
                bytes += value.string?.utf8.count ?? 0
            }
        }
        if bytes > bytesMax { errors.tooLong("", bytesMax) }
    }

    static func staysImmutable(
        _ old: JSON, _ new: JSON, _ members: [String], _ errors: inout FieldErrors
    ) {
        guard old["immutable"]?.bool == true else { return }
        for member in members + ["immutable"] where old[member] != new[member] {
            errors.forbidden(member, "field is immutable when `immutable` is set")
        }
    }
}
