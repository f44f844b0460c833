import ContractAdmission
import JSON
import Kinds

/// Nobody gives what he hasn't got: who writes a role has to hold all that is in it, who binds one
/// too, unless he has the right to `escalate` that role or to `bind` it.
///
/// Source: kubernetes.io/docs/reference/access-authn-authz/rbac, "Privilege escalation prevention
/// and bootstrapping".
struct RoleEscalation: AdmissionPlugin {
    let access: Access

    func admit(_ request: AdmissionRequest) throws -> AdmissionRequest {
        guard request.operation != .delete, request.subresource == nil,
            request.kind.group == "rbac.authorization.k8s.io", let object = request.object
        else { return request }
        switch request.kind.kind {
        case "Role", "ClusterRole": try checkRole(request, object)
        case "RoleBinding", "ClusterRoleBinding": try checkBinding(request, object)
        default: break
        }
        return request
    }

    private func checkRole(_ request: AdmissionRequest, _ role: JSON) throws {
        let parts = ["rules", "aggregationRule"]
        if let old = request.old, parts.allSatisfy({ old[$0] == role[$0] }) { return }
        if try may("escalate", request.kind.plural, request.name, request) { return }
        try require(rules(of: role), request)
        // Whose rules come from others can come to hold any.
        if role["aggregationRule"] != nil {
            let everything = [
                RuleFacts(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
                RuleFacts(verbs: ["*"], nonResourceURLs: ["*"]),
            ]
            try require(everything, request)
        }
    }

    private func checkBinding(_ request: AdmissionRequest, _ binding: JSON) throws {
        let parts = ["roleRef", "subjects"]
        if let old = request.old, parts.allSatisfy({ old[$0] == binding[$0] }) { return }
        let name = binding.at("roleRef", "name")?.string ?? ""
        let isCluster = binding.at("roleRef", "kind") == "ClusterRole"
        let plural = isCluster ? "clusterroles" : "roles"
        if try may("bind", plural, name, request) { return }
        guard let role = try access.role(plural, isCluster ? nil : request.namespace, name) else {
            throw StatusError.notFound(isCluster ? .clusterRole : .role, name: name)
        }
        try require(rules(of: role), request)
    }

    private func rules(of role: JSON) throws -> [RuleFacts] { try role["rules"]?.decode() ?? [] }

    private func may(
        _ verb: String, _ plural: String, _ name: String, _ request: AdmissionRequest
    ) throws -> Bool {
        try access.allows(
            AccessQuestion(
                user: request.user, verb: verb, group: "rbac.authorization.k8s.io",
                resource: plural, namespace: request.namespace ?? "", name: name))
    }

    /// - Throws: 403 with the rules that the user doesn't hold.
    private func require(_ rules: [RuleFacts], _ request: AdmissionRequest) throws {
        let missing = try rules.filter { rule in
            try !questions(rule, request).allSatisfy { try access.allows($0) }
        }
        guard !missing.isEmpty else { return }
        let groups = request.user.groups.map { "\"\($0)\"" }.joined(separator: " ")
        throw request.forbidden(
            "user \"\(request.user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions "
                + "not currently held:\n" + missing.map(\.shown).joined(separator: "\n"))
    }

    /// A rule as single questions: one verb about one thing each. A star asks for a star: only a
    /// rule that has one covers it.
    private func questions(_ rule: RuleFacts, _ request: AdmissionRequest) -> [AccessQuestion] {
        func ask(_ verb: String) -> [AccessQuestion] {
            (rule.nonResourceURLs ?? []).map {
                AccessQuestion(user: request.user, verb: verb, path: $0)
            }
                + (rule.apiGroups ?? []).flatMap { group in
                    (rule.resources ?? []).flatMap { resource in
                        ((rule.resourceNames ?? []).isEmpty ? [""] : rule.resourceNames ?? []).map {
                            question(verb, group, resource, $0, request)
                        }
                    }
                }
        }
        return rule.verbs.flatMap(ask)
    }

    private func question(
        _ verb: String, _ group: String, _ resource: String, _ name: String,
        _ request: AdmissionRequest
    ) -> AccessQuestion {
        let halves = resource.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1)
            .map { String(Substring($0)) }
        return AccessQuestion(
            user: request.user, verb: verb, group: group, resource: halves.first ?? "",
            subresource: halves.count == 2 ? halves[1] : "", namespace: request.namespace ?? "",
            name: name)
    }
}

extension RuleFacts {
    /// As the stock server prints a rule: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`.
    fileprivate var shown: String {
        let parts: [(String, [String]?)] = [
            ("APIGroups", apiGroups), ("Resources", resources), ("ResourceNames", resourceNames),
            ("NonResourceURLs", nonResourceURLs), ("Verbs", verbs),
        ]
        let words = parts.compactMap { name, list -> String? in
            guard let list, !list.isEmpty else { return nil }
            return "\(name):[\(list.map { "\"\($0)\"" }.joined(separator: " "))]"
        }
        return "{\(words.joined(separator: ", "))}"
    }
}
