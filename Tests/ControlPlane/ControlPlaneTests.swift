import JSON
import Linux
import Testing

private let web = """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3,
    "selector":{"matchLabels":{"app":"web"}},
    "strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}},
    "template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","image":"drydock/web:v1","ports":[{"containerPort":8080}]}]}}}}
    """

@Suite(.enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct ControlPlaneTests {
    @Test
    func
        `a Deployment becomes pods, scales, rolls, stalls on a broken version, is undone and leaves nothing`()
        throws
    {
        let cluster = try Cluster()
        var stopped = false
        defer { if !stopped { _ = cluster.stop() } }
        for node in ["node-1", "node-2", "node-3"] { cluster.addNode(node) }

        #expect(cluster.kubectl("apply", "-f", "-", input: web).succeeded)
        #expect(
            cluster.kubectl("expose", "deployment", "web", "--port=80", "--target-port=8080")
                .succeeded)
        try cluster.until("three pods are ready") { isRolledOut(cluster) }
        let nodes = Set(cluster.items("pods").compactMap { $0.at("spec", "nodeName")?.string })
        #expect(nodes == ["node-1", "node-2", "node-3"])
        try cluster.until("the service has three endpoints") { endpoints(cluster) == 3 }

        cluster.kubectl("scale", "deployment", "web", "--replicas=5")
        try cluster.until("five pods are ready") { isRolledOut(cluster) && pods(cluster) == 5 }

        cluster.kubectl("set", "image", "deployment/web", "web=drydock/web:v2")
        try cluster.until("v2 is rolled out") {
            isRolledOut(cluster) && images(cluster) == ["drydock/web:v2"]
        }

        cluster.kubectl("set", "image", "deployment/web", "web=drydock/web:v3-broken")
        try cluster.until("one broken pod is there") {
            images(cluster).contains("drydock/web:v3-broken")
        }
        for _ in 0..<20 { cluster.playKubelets() }
        #expect(pods(cluster) == 6)
        #expect(
            cluster.kubectl("get", "deployment", "web", "-o", "json").json.at(
                "status", "availableReplicas") == 5)

        #expect(cluster.kubectl("rollout", "undo", "deployment/web").succeeded)
        try cluster.until("v2 is back") {
            isRolledOut(cluster) && images(cluster) == ["drydock/web:v2"]
        }
        let history = cluster.kubectl("rollout", "history", "deployment/web").text
        let revisions = history.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }
        #expect(revisions == [1, 3, 4])

        cluster.kubectl("delete", "deployment", "web", "--wait=false")
        try cluster.until("nothing of it is left") {
            cluster.items("replicasets").isEmpty && cluster.items("pods").isEmpty
        }
        stopped = true
        #expect(cluster.stop(), "every program ends on SIGTERM")
    }
}

/// As stock kubectl sees it.
private func isRolledOut(_ cluster: Cluster) -> Bool {
    let status = cluster.kubectl("rollout", "status", "deployment/web", "--watch=false").text
    return status.contains("successfully rolled out")
}

private func pods(_ cluster: Cluster) -> Int {
    cluster.items("pods").filter { $0.at("metadata", "deletionTimestamp") == nil }.count
}

private func images(_ cluster: Cluster) -> Set<String> {
    Set(cluster.items("pods").compactMap { $0.at("spec", "containers")?[0]?["image"]?.string })
}

private func endpoints(_ cluster: Cluster) -> Int {
    cluster.items("endpointslices")
        .filter { $0.at("metadata", "labels", "kubernetes.io/service-name") == "web" }
        .reduce(0) { $0 + ($1["endpoints"]?.array?.count ?? 0) }
}
