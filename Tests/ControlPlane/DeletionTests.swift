import JSON
import Linux
import Testing

/// Every deletion ends, of whatever kind, and takes with it what it should.
@Suite(
    .serialized,
    .enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct DeletionTests {
    private func make(
        _ cluster: Cluster, _ name: String, kind: String = "ConfigMap",
        namespace: String = "default",
        owner: (kind: String, name: String, uid: String)? = nil
    ) -> String {
        var metadata: JSON = ["name": .string(name), "namespace": .string(namespace)]
        if let owner {
            metadata["ownerReferences"] = [
                [
                    "apiVersion": "v1", "kind": .string(owner.kind), "name": .string(owner.name),
                    "uid": .string(owner.uid), "blockOwnerDeletion": true,
                ]
            ]
        }
        let object: JSON = ["apiVersion": "v1", "kind": .string(kind), "metadata": metadata]
        #expect(cluster.kubectl("create", "-f", "-", input: object.text).succeeded)
        return cluster.kubectl("get", kind, name, "-n", namespace, "-o", "jsonpath={.metadata.uid}")
            .text
    }

    private func isThere(
        _ cluster: Cluster, _ kind: String, _ name: String, _ namespace: String = "default"
    )
        -> Bool
    {
        cluster.kubectl("get", kind, name, "-n", namespace).succeeded
    }

    @Test func `owners of any kind take their dependents of any kind with them, or leave them`()
        throws
    {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        for (policy, stay) in [("background", false), ("foreground", false), ("orphan", true)] {
            let uid = make(cluster, "top-\(policy)")
            let owner = (kind: "ConfigMap", name: "top-\(policy)", uid: uid)
            _ = make(cluster, "secret-\(policy)", kind: "Secret", owner: owner)
            _ = make(cluster, "account-\(policy)", kind: "ServiceAccount", owner: owner)
            #expect(
                cluster.kubectl(
                    "delete", "configmap", "top-\(policy)", "--cascade=\(policy)", "--timeout=20s"
                ).succeeded, "\(policy)")
            try cluster.until("\(policy) ends") {
                stay
                    == (isThere(cluster, "secret", "secret-\(policy)")
                        && isThere(cluster, "serviceaccount", "account-\(policy)"))
                    && (stay || !isThere(cluster, "secret", "secret-\(policy)"))
            }
        }
        let orphan = cluster.kubectl("get", "secret", "secret-orphan", "-o", "json").json
        #expect(orphan.at("metadata", "ownerReferences") == nil)
    }

    @Test func `a circle of owners ends, in the foreground too, and with it its namespace`() throws
    {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        #expect(cluster.kubectl("create", "namespace", "ring").succeeded)
        let first = make(cluster, "first", namespace: "ring")
        let second = make(
            cluster, "second", namespace: "ring", owner: ("ConfigMap", "first", first))
        let back = #"""
            {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"second",
            "uid":"\#(second)","blockOwnerDeletion":true}]}}
            """#
        #expect(
            cluster.kubectl("patch", "configmap", "first", "-n", "ring", "--type=merge", "-p", back)
                .succeeded)
        #expect(
            cluster.kubectl(
                "delete", "configmap", "first", "-n", "ring", "--cascade=foreground",
                "--timeout=20s"
            ).succeeded)
        try cluster.until("the other one is gone") {
            !isThere(cluster, "configmap", "second", "ring")
        }
        // Deletions that wait for the collector, when their namespace goes.
        let top = make(cluster, "top", namespace: "ring")
        _ = make(
            cluster, "leaf", kind: "Secret", namespace: "ring", owner: ("ConfigMap", "top", top))
        cluster.kubectl(
            "delete", "configmap", "top", "-n", "ring", "--cascade=orphan", "--wait=false")
        #expect(cluster.kubectl("delete", "namespace", "ring", "--timeout=30s").succeeded)
    }

    @Test func `an owner in another namespace is absent`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        #expect(cluster.kubectl("create", "namespace", "far").succeeded)
        let uid = make(cluster, "owner")
        _ = make(cluster, "kept", owner: ("ConfigMap", "owner", uid))
        _ = make(cluster, "lost", namespace: "far", owner: ("ConfigMap", "owner", uid))
        try cluster.until("it is collected") { !isThere(cluster, "configmap", "lost", "far") }
        #expect(isThere(cluster, "configmap", "kept"))
        try cluster.until("and told why") {
            cluster.kubectl("get", "events", "-n", "far").text.contains("OwnerRefInvalidNamespace")
        }
    }

    @Test func `a Deployment takes over the sets that it left behind as orphans`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        let web = """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
            "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
            "spec":{"containers":[{"name":"web","image":"drydock/web:v1"}]}}}}
            """
        cluster.addNode("node-1")
        #expect(cluster.kubectl("create", "-f", "-", input: web).succeeded)
        try cluster.until("two pods are there") { cluster.items("pods").count == 2 }
        let sets = { cluster.items("replicasets").map { $0.at("metadata", "uid")?.string ?? "" } }
        let pods = { cluster.items("pods").map { $0.at("metadata", "uid")?.string ?? "" }.sorted() }
        let (setsBefore, podsBefore) = (sets(), pods())
        #expect(
            cluster.kubectl("delete", "deployment", "web", "--cascade=orphan", "--timeout=20s")
                .succeeded)
        let owner = {
            cluster.items("replicasets").first?.at("metadata", "ownerReferences")?[0]?["uid"]?
                .string
        }
        #expect(owner() == nil && sets() == setsBefore)
        #expect(cluster.kubectl("create", "-f", "-", input: web).succeeded)
        let uid = cluster.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.uid}").text
        try cluster.until("the set is the new one's") { owner() == uid }
        #expect(sets() == setsBefore && pods() == podsBefore)
    }

    @Test func `every namespace has the certificate of the API server's authority`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        #expect(cluster.kubectl("create", "namespace", "team").succeeded)
        let certificate = {
            cluster.kubectl("get", "configmap", "kube-root-ca.crt", "-n", "team", "-o", "json").json
                .at("data", "ca.crt")?.string ?? ""
        }
        try cluster.until("it is there") { certificate().contains("BEGIN CERTIFICATE") }
        let first = certificate()
        #expect(cluster.kubectl("delete", "configmap", "kube-root-ca.crt", "-n", "team").succeeded)
        try cluster.until("it is there again") { certificate() == first }
        #expect(cluster.kubectl("delete", "namespace", "team", "--timeout=30s").succeeded)
    }
}
