import JSON
import Linux
import Testing

/// Who may do what: nobody gives what he hasn't got, nobody is taken for another unasked, a node keeps to itself.
@Suite("Access", .serialized)
struct AccessTests {
    static let rbac = "/apis/rbac.authorization.k8s.io/v1"
    static let jane = ["Impersonate-User: jane"]

    static func role(_ name: String, _ rules: String, _ more: String = "", kind: String = "Role")
        -> String
    {
        #"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"\#(kind)","metadata":{"name":"\#(name)"\#(more)},"rules":[\#(rules)]}"#
    }
    static func binding(
        _ name: String, _ role: String, _ user: String, kind: String = "RoleBinding"
    ) -> String {
        let roleKind = role.hasPrefix("cluster:") ? "ClusterRole" : "Role"
        let roleName = role.hasPrefix("cluster:") ? String(role.dropFirst(8)) : role
        return
            #"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"\#(kind)","metadata":{"name":"\#(name)"},"#
            + #""roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"\#(roleKind)","name":"\#(roleName)"},"#
            + #""subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"\#(user)"}]}"#
    }
    static func rule(_ verbs: String, _ groups: String, _ resources: String, _ more: String = "")
        -> String
    {
        func list(_ text: String) -> String {
            text.split(separator: " ", omittingEmptySubsequences: false).map { "\"\($0)\"" }.joined(
                separator: ",")
        }
        return
            #"{"verbs":[\#(list(verbs))],"apiGroups":[\#(list(groups))],"resources":[\#(list(resources))]\#(more)}"#
    }

    /// Gives the user a role of these rules in the whole cluster.
    static func grant(_ rig: Rig, _ user: String, _ rules: String, as name: String) async throws {
        let role = try rig.ask(
            "POST", "\(rbac)/clusterroles", role(name, rules, kind: "ClusterRole"))
        let bound = try rig.ask(
            "POST", "\(rbac)/clusterrolebindings",
            binding(name, "cluster:\(name)", user, kind: "ClusterRoleBinding"))
        #expect(role.code == 201 && bound.code == 201, "\(role.message) \(bound.message)")
    }

    @Test("Nobody writes or binds a role with more in it than he has, but by escalate and bind")
    func escalation() async throws {
        try await Rig.with { rig in
            let rolesHere = "\(Self.rbac)/namespaces/default/roles"
            let bindingsHere = "\(Self.rbac)/namespaces/default/rolebindings"
            try await Self.grant(
                rig, "jane",
                Self.rule(
                    "get list create update patch delete", "rbac.authorization.k8s.io",
                    "roles rolebindings clusterroles clusterrolebindings")
                    + "," + Self.rule("get list", "", "pods"), as: "rbac-writer")
            func jane(_ method: String, _ path: String, _ body: String) throws -> Rig.HTTPAnswer {
                let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
                return try rig.ask(method, path, body, type: type, headers: Self.jane)
            }
            let isIn = try await eventually {
                try jane(
                    "POST", rolesHere + "?dryRun=All", Self.role("x", Self.rule("get", "", "pods"))
                ).code == 201
            }
            #expect(isIn)
            // What she has, she gives; what she hasn't, by no way.
            try #expect(
                jane("POST", rolesHere, Self.role("own", Self.rule("get list", "", "pods"))).code
                    == 201)
            for (what, rule) in [
                ("a verb", Self.rule("get delete", "", "pods")),
                ("a resource", Self.rule("get", "", "secrets")),
                ("a subresource", Self.rule("get", "", "pods/log")),
                ("a star", Self.rule("*", "", "pods")),
                ("all groups", Self.rule("get", "*", "pods")),
                ("all resources", Self.rule("get", "", "*")),
                ("impersonation", Self.rule("impersonate", "", "users")),
                ("one name", Self.rule("get", "", "secrets", #","resourceNames":["s"]"#)),
            ] {
                let answer = try jane("POST", rolesHere, Self.role("more", rule))
                #expect(answer.code == 403, "\(what): \(answer.code)")
                #expect(
                    answer.message.contains(
                        "attempting to grant RBAC permissions not currently held"))
                let change = #"{"rules":[\#(rule)]}"#
                try #expect(
                    jane("PATCH", "\(rolesHere)/own", change).code == 403, "\(what), patched")
            }
            let path = #"{"verbs":["get"],"nonResourceURLs":["/metrics"]}"#
            try #expect(
                jane("POST", "\(Self.rbac)/clusterroles", Self.role("p", path, kind: "ClusterRole"))
                    .code == 403)
            // A change that leaves the rules alone is no gift.
            try #expect(
                jane("PATCH", "\(rolesHere)/own", #"{"metadata":{"labels":{"a":"b"}}}"#).code == 200
            )
            for role in ["cluster:cluster-admin", "cluster:edit", "cluster:system:kube-scheduler"] {
                try #expect(
                    jane("POST", bindingsHere, Self.binding("b", role, "jane")).code == 403,
                    "\(role)")
                let all = Self.binding("b", role, "jane", kind: "ClusterRoleBinding")
                try #expect(
                    jane("POST", "\(Self.rbac)/clusterrolebindings", all).code == 403, "\(role)")
            }
            try #expect(jane("POST", bindingsHere, Self.binding("b", "none", "jane")).code == 404)
            try #expect(jane("POST", bindingsHere, Self.binding("own", "own", "joe")).code == 201)
            // An aggregated role may come to hold anything.
            let aggregated =
                #"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"agg"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"x":"y"}}]},"rules":[]}"#
            try #expect(jane("POST", "\(Self.rbac)/clusterroles", aggregated).code == 403)
            // The two rights that allow it.
            try await Self.grant(
                rig, "jane",
                Self.rule(
                    "bind", "rbac.authorization.k8s.io", "clusterroles",
                    #","resourceNames":["view"]"#) + ","
                    + Self.rule("escalate", "rbac.authorization.k8s.io", "roles"), as: "more-rights"
            )
            let escalated = try await eventually {
                try jane("POST", rolesHere, Self.role("big", Self.rule("*", "*", "*"))).code == 201
            }
            #expect(escalated)
            try #expect(
                jane("POST", bindingsHere, Self.binding("v", "cluster:view", "joe")).code == 201)
            try #expect(
                jane("POST", bindingsHere, Self.binding("w", "cluster:edit", "joe")).code == 403)
        }
    }

    @Test(
        "An aggregated role has the rules of those that its selector chooses, and loses them with them"
    )
    func aggregation() async throws {
        try await Rig.with { rig in
            let roles = "\(Self.rbac)/clusterroles"
            let aggregated =
                #"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"agg"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"x":"y"}}]},"rules":[]}"#
            try #expect(rig.ask("POST", roles, aggregated).code == 201)
            let part = Self.role(
                "part", Self.rule("list", "", "pods"), #","labels":{"x":"y"}"#, kind: "ClusterRole")
            try #expect(rig.ask("POST", roles, part).code == 201)
            let bound = Self.binding("agg", "cluster:agg", "jane", kind: "ClusterRoleBinding")
            _ = try rig.ask("POST", "\(Self.rbac)/clusterrolebindings", bound)
            func mayList() throws -> Bool {
                try rig.ask("GET", OptionsTests.pods, headers: Self.jane).code == 200
            }
            let comes = try await eventually { try mayList() }
            #expect(comes)
            try #expect(rig.ask("GET", "\(roles)/agg").body["rules"]?.array?.count == 1)
            _ = try rig.ask("DELETE", "\(roles)/part")
            let goes = try await eventually { try !mayList() }
            #expect(goes)
            // The roles for people are made so: whoever may view may view what is labelled for it.
            let more = Self.role(
                "crds", Self.rule("list", "example.com", "boats"),
                #","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}"#,
                kind: "ClusterRole")
            _ = try rig.ask("POST", roles, more)
            let all = try await eventually {
                try ["view", "edit", "admin"].allSatisfy {
                    try rig.ask("GET", "\(roles)/\($0)").body.text.contains("boats")
                }
            }
            #expect(all)
        }
    }

    @Test("To be taken for another needs a right for each thing that is asked for, and a user")
    func impersonation() async throws {
        try await Rig.with { rig in
            let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            let body = #"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#
            func ask(_ headers: [String], as asker: Rig.Asker = .certificate("admin")) throws
                -> Rig.HTTPAnswer
            {
                try rig.ask("POST", path, body, as: asker, headers: headers)
            }
            for alone in ["Impersonate-Group: g", "Impersonate-Uid: u", "Impersonate-Extra-a: b"] {
                try #expect(ask([alone]).code >= 400, "\(alone)")
            }
            try #expect(ask(["Impersonate-User: jane", "Impersonate-Nonsense: x"]).code == 400)
            let answer = try ask([
                "Impersonate-User: jane", "Impersonate-Group: crew", "Impersonate-Uid: 7",
                "Impersonate-Extra-scope: a",
            ])
            #expect(answer.code == 201)
            #expect(answer.body.at("status", "userInfo", "username") == "jane")
            #expect(
                answer.body.at("status", "userInfo", "groups") == ["crew", "system:authenticated"])
            // Without the rights, none of it.
            for headers in [
                ["Impersonate-User: jane"],
                ["Impersonate-User: system:kube-scheduler", "Impersonate-Group: system:masters"],
                ["Impersonate-User: system:serviceaccount:default:default"],
            ] {
                try #expect(
                    ask(headers, as: .certificate("kube-scheduler")).code == 403, "\(headers)")
            }
            try await Self.grant(
                rig, "system:kube-scheduler", Self.rule("impersonate", "", "users"), as: "as-users")
            let mayNow = try await eventually {
                try ask(["Impersonate-User: jane"], as: .certificate("kube-scheduler")).code == 201
            }
            #expect(mayNow)
            for more in ["Impersonate-Group: g", "Impersonate-Uid: u", "Impersonate-Extra-a: b"] {
                let both = ["Impersonate-User: jane", more]
                try #expect(ask(both, as: .certificate("kube-scheduler")).code == 403, "\(more)")
            }
        }
    }
}
