import JSON
import Linux
import Testing

/// A node's certificate opens what belongs to the node and its pods, and nothing else.
@Suite("Node access", .serialized)
struct NodeAccessTests {
    static let node = Rig.Asker.certificate("node-1")
    static let namespace = "/api/v1/namespaces/default"

    private func pod(_ name: String, on node: String, _ more: String = "") -> String {
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"},"spec":{"nodeName":"\#(node)","#
            + #""containers":[{"name":"c","image":"i"\#(more)}]}}"#
    }
    private func object(_ kind: String, _ name: String) -> String {
        #"{"apiVersion":"v1","kind":"\#(kind)","metadata":{"name":"\#(name)"}}"#
    }

    /// A secret of one of node-1's pods, one of node-2's, one of nobody's.
    private func prepare(_ rig: Rig) async throws {
        for name in ["mine", "other", "nobodys"] {
            _ = try rig.ask("POST", "\(Self.namespace)/secrets", object("Secret", name))
            _ = try rig.ask("POST", "\(Self.namespace)/configmaps", object("ConfigMap", name))
        }
        for (node, name) in [("node-1", "mine"), ("node-2", "other")] {
            let env =
                #","env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"\#(name)","key":"a"}}}],"#
                + #""envFrom":[{"secretRef":{"name":"\#(name)"}}]"#
            let made = try rig.ask("POST", "\(Self.namespace)/pods", pod(name, on: node, env))
            #expect(made.code == 201, "\(made.message)")
            _ = try rig.ask("POST", "/api/v1/nodes", object("Node", node))
        }
    }

    @Test("It reads the secrets and config maps that its own pods name, one by one")
    func reading() async throws {
        try await Rig.with { rig in
            try await prepare(rig)
            let mayRead = try await eventually {
                try rig.ask("GET", "\(Self.namespace)/secrets/mine", as: Self.node).code == 200
            }
            #expect(mayRead)
            try #expect(
                rig.ask("GET", "\(Self.namespace)/configmaps/mine", as: Self.node).code == 200)
            let watch =
                "\(Self.namespace)/secrets?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dmine"
            try #expect(rig.ask("GET", watch, as: Self.node).code == 200)
            for path in [
                "\(Self.namespace)/secrets/other", "\(Self.namespace)/secrets/nobodys",
                "\(Self.namespace)/secrets", "/api/v1/secrets", "\(Self.namespace)/configmaps",
                "\(Self.namespace)/configmaps/other",
                "\(Self.namespace)/secrets?fieldSelector=metadata.name%3Dother",
                "\(Self.namespace)/secrets?fieldSelector=metadata.name!%3Dmine",
                "\(Self.namespace)/pods", "/api/v1/pods", "\(Self.namespace)/pods/other",
                "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-2",
                "/api/v1/pods?fieldSelector=spec.nodeName!%3Dnode-1",
                "/api/v1/namespaces/kube-system/secrets",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            ] { try #expect(rig.ask("GET", path, as: Self.node).code == 403, "\(path)") }
            for path in [
                "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", "\(Self.namespace)/pods/mine",
                "/api/v1/nodes/node-1", "/api/v1/nodes", "/api/v1/nodes?watch=1&timeoutSeconds=1",
                "/api/v1/services",
            ] { try #expect(rig.ask("GET", path, as: Self.node).code == 200, "\(path)") }
        }
    }

    @Test(
        "It writes about its own node, lease and pods, and makes no pods but images of its files'")
    func writing() async throws {
        try await Rig.with { rig in
            try await prepare(rig)
            let seen = try await eventually {
                try rig.ask("GET", "\(Self.namespace)/pods/mine", as: Self.node).code == 200
            }
            #expect(seen)
            let merge = "application/merge-patch+json"
            func patch(_ path: String, _ body: String) throws -> Int {
                try rig.ask("PATCH", path, body, as: Self.node, type: merge).code
            }
            let status = #"{"status":{"phase":"Running"}}"#
            try #expect(patch("\(Self.namespace)/pods/mine/status", status) == 200)
            try #expect(patch("\(Self.namespace)/pods/other/status", status) == 403)
            let labels = #"{"metadata":{"labels":{"app":"bait"}}}"#
            try #expect(patch("\(Self.namespace)/pods/mine/status", labels) == 403)
            try #expect(patch("\(Self.namespace)/pods/mine", labels) == 403)
            let conditions = #"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#
            try #expect(patch("/api/v1/nodes/node-1/status", conditions) == 200)
            try #expect(patch("/api/v1/nodes/node-2/status", conditions) == 403)
            let spoof = #"{"metadata":{"labels":{"node-restriction.kubernetes.io/gold":"1"}}}"#
            try #expect(patch("/api/v1/nodes/node-1", spoof) == 403)
            try #expect(
                patch(
                    "/api/v1/nodes/node-1",
                    #"{"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]}}"#) == 403)
            try #expect(
                rig.ask("POST", "/api/v1/nodes", object("Node", "node-9"), as: Self.node).code
                    == 403)
            try #expect(rig.ask("DELETE", "/api/v1/nodes/node-2", as: Self.node).code == 403)
            try #expect(
                rig.ask("DELETE", "\(Self.namespace)/pods/other", as: Self.node).code == 403)
            try #expect(rig.ask("DELETE", "\(Self.namespace)/pods", as: Self.node).code == 403)
            try await pods(rig)
            try leases(rig)
        }
    }

    private func pods(_ rig: Rig) async throws {
        func make(_ metadata: String, _ spec: String) throws -> Int {
            let body =
                #"{"apiVersion":"v1","kind":"Pod","metadata":{\#(metadata)},"spec":{"containers":[{"name":"c","image":"i"}]\#(spec)}}"#
            return try rig.ask("POST", "\(Self.namespace)/pods", body, as: Self.node).code
        }
        let mirror = #","annotations":{"kubernetes.io/config.mirror":"x"}"#
        try #expect(make(#""name":"a""#, #","nodeName":"node-1""#) == 403)
        try #expect(make(#""name":"a""# + mirror, #","nodeName":"node-2""#) == 403)
        try #expect(make(#""name":"a""# + mirror, "") == 403)
        try #expect(
            make(#""name":"a""# + mirror, #","nodeName":"node-1","serviceAccountName":"default""#)
                == 403)
        let thief =
            #","nodeName":"node-1","volumes":[{"name":"v","secret":{"secretName":"nobodys"}}]"#
        try #expect(make(#""name":"a""# + mirror, thief) == 403)
        try #expect(make(#""name":"a""# + mirror, #","nodeName":"node-1""#) == 201)
        let binding =
            #"{"apiVersion":"v1","kind":"Binding","metadata":{"name":"x"},"target":{"kind":"Node","name":"node-1"}}"#
        try #expect(
            rig.ask("POST", "\(Self.namespace)/pods/x/binding", binding, as: Self.node).code == 403)
    }

    private func leases(_ rig: Rig) throws {
        func make(_ namespace: String, _ name: String) throws -> Int {
            let body =
                #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"\#(name)"}}"#
            let path = "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases"
            return try rig.ask("POST", path, body, as: Self.node).code
        }
        try #expect(make("kube-node-lease", "node-1") == 201)
        try #expect(make("kube-node-lease", "node-2") == 403)
        try #expect(make("kube-system", "node-1") == 403)
    }

    @Test(
        "It mints tokens for the accounts of its own pods, bound to them; such a token ends with its pod"
    )
    func tokens() async throws {
        try await Rig.with { rig in
            try await prepare(rig)
            _ = try rig.ask(
                "POST", "\(Self.namespace)/serviceaccounts", object("ServiceAccount", "robot"))
            func uid(_ pod: String) throws -> String {
                try rig.ask("GET", "\(Self.namespace)/pods/\(pod)").body.at("metadata", "uid")?
                    .string ?? ""
            }
            func request(_ account: String, _ bound: String) throws -> Rig.HTTPAnswer {
                let body =
                    #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{\#(bound)}}"#
                return try rig.ask(
                    "POST", "\(Self.namespace)/serviceaccounts/\(account)/token", body,
                    as: Self.node)
            }
            func bound(_ pod: String, _ uid: String) -> String {
                #""boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"\#(pod)","uid":"\#(uid)"}"#
            }
            let (mine, other) = (try uid("mine"), try uid("other"))
            let minted = try await eventually {
                try request("default", bound("mine", mine)).code == 201
            }
            #expect(minted)
            for (account, wish) in [
                ("default", ""), ("default", bound("other", other)),
                ("default", bound("mine", other)),
                ("robot", bound("mine", mine)), ("robot", ""),
            ] { try #expect(request(account, wish).code == 403, "\(account) \(wish)") }
            let token =
                try request("default", bound("mine", mine)).body.at("status", "token")?.string ?? ""
            try #expect(rig.ask("GET", "/version", as: .token(token)).code == 200)
            _ = try rig.ask("DELETE", "\(Self.namespace)/pods/mine?gracePeriodSeconds=0")
            let isOver = try await eventually {
                try rig.ask("GET", "/version", as: .token(token)).code == 401
            }
            #expect(isOver)
        }
    }
}
