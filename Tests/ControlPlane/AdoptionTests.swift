import JSON
import Linux
import Testing

/// What becomes of a ReplicaSet's own pods while it can't adopt others.
@Suite(
    .serialized,
    .enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct AdoptionTests {
    private static let role = "system:kube-controller-manager"

    /// The role's rules without the verb `patch` for pods.
    private func rulesWithoutPatch(_ cluster: Cluster) -> JSON {
        let rules = cluster.kubectl("get", "clusterrole", Self.role, "-o", "json").json["rules"]?.array ?? []
        let verbs: JSON = ["create", "delete", "deletecollection", "get", "list", "update", "watch"]
        return .array(
            rules.map { rule in
                var rule = rule
                if rule["resources"]?.array?.contains(where: { $0 == "pods" || $0 == "*" }) == true {
                    rule["verbs"] = verbs
                }
                return rule
            })
    }

    private func setRules(_ cluster: Cluster, _ rules: JSON) {
        let patch: JSON = ["rules": rules]
        #expect(cluster.kubectl("patch", "clusterrole", Self.role, "--type=merge", "-p", patch.text).succeeded)
    }

    @Test func `an adoption that fails and then succeeds leaves nothing to wait for`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        let before = cluster.kubectl("get", "clusterrole", Self.role, "-o", "json").json["rules"] ?? []
        setRules(cluster, rulesWithoutPatch(cluster))
        let template = #"{"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}"#
        let stranger =
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stranger", "labels": {"app": "web"}}, "#
            + #""spec": {"containers": [{"name": "c", "image": "i"}]}}"#
        let set =
            #"{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web"}, "spec": {"replicas": 2, "#
            + #""selector": {"matchLabels": {"app": "web"}}, "template": \#(template)}}"#
        #expect(cluster.kubectl("create", "-f", "-", input: stranger).succeeded)
        #expect(cluster.kubectl("create", "-f", "-", input: set).succeeded)
        try cluster.until("the adoption is refused") { cluster.log("selectors").contains("Forbidden (403)") }
        setRules(cluster, before)
        try cluster.until("the stranger is adopted, and one more is made", seconds: 60) {
            let pods = cluster.items("pods")
            return pods.count == 2 && pods.allSatisfy { $0.at("metadata", "ownerReferences")?[0]?["name"] == "web" }
        }
    }
}
