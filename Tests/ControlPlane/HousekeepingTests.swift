import JSON
import Linux
import Testing

private let web = """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
    "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"tolerations":[TOLERATIONS],"containers":[{"name":"web","image":"drydock/web:v1"}]}}}}
    """

/// What the controllers do that no lab is about, as stock kubectl sees it.
@Suite(
    .serialized,
    .enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct HousekeepingTests {
    @Test
    func `every namespace has an account "default", also after somebody deleted it`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        #expect(cluster.kubectl("create", "namespace", "team").succeeded)
        let account = {
            cluster.kubectl("get", "serviceaccount", "default", "-n", "team", "-o", "json").json
                .at("metadata", "uid")?.string
        }
        try cluster.until("the account is there") { account() != nil }
        let first = account()
        #expect(cluster.kubectl("delete", "sa", "default", "-n", "team").succeeded)
        try cluster.until("the account is there again") { account() != nil && account() != first }
        #expect(cluster.kubectl("delete", "namespace", "team", "--timeout=20s").succeeded)
    }

    @Test func `addresses that somebody writes for a Service without a selector are served`() throws
    {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        func make(_ kind: String, _ more: String) {
            let object = #"{"apiVersion":"v1","kind":"\#(kind)","metadata":{"name":"db"},\#(more)}"#
            #expect(cluster.kubectl("apply", "-f", "-", input: object).succeeded)
        }
        func written(_ address: String) -> String {
            #""subsets":[{"addresses":[{"ip":"\#(address)"}],"ports":[{"port":5432}]}]"#
        }
        func served() -> [String] {
            cluster.kubectl(
                "get", "endpointslices", "-l", "kubernetes.io/service-name=db", "-o",
                "jsonpath={.items[*].endpoints[*].addresses[*]}"
            ).text.split(separator: " ").map(String.init)
        }
        // The addresses before their Service: they wait for it.
        make("Endpoints", written("192.0.2.1"))
        make("Service", #""spec":{"ports":[{"port":5432}]}"#)
        try cluster.until("they are in a slice") { served() == ["192.0.2.1"] }
        make("Endpoints", written("192.0.2.2"))
        try cluster.until("a change is followed") { served() == ["192.0.2.2"] }
        #expect(cluster.kubectl("delete", "endpoints", "db").succeeded)
        try cluster.until("they go with their object") { served().isEmpty }
    }

    @Test
    func `a foreground deletion ends after the last of what the object owned`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        let manifest = web.replacing("TOLERATIONS", with: "")
        #expect(cluster.kubectl("apply", "-f", "-", input: manifest).succeeded)
        try cluster.until("two pods are there") { running(cluster).count == 2 }
        // One pod doesn't go: its kubelet, or here its finalizer, holds it.
        let held = running(cluster)[0]
        let hold = #"{"metadata":{"finalizers":["example.com/hold"]}}"#
        #expect(cluster.kubectl("patch", "pod", held, "--type=merge", "-p", hold).succeeded)
        #expect(
            cluster.kubectl(
                "delete", "deployment", "web", "--cascade=foreground", "--wait=false"
            ).succeeded)
        try cluster.until("only the held pod is left") {
            cluster.items("pods").compactMap { $0.at("metadata", "name")?.string } == [held]
        }
        let deployment = cluster.kubectl("get", "deployment", "web", "-o", "json").json
        #expect(deployment.at("metadata", "finalizers") == ["foregroundDeletion"])
        #expect(deployment.at("metadata", "deletionTimestamp")?.string != nil)
        #expect(cluster.items("replicasets").count == 1)
        let release = #"{"metadata":{"finalizers":null}}"#
        #expect(cluster.kubectl("patch", "pod", held, "--type=merge", "-p", release).succeeded)
        try cluster.until("all of it is gone") {
            ["deployments", "replicasets", "pods"].allSatisfy { cluster.items($0).isEmpty }
        }
    }

    @Test
    func `pods of a node that has gone silent are deleted and come up on another one`() throws {
        let cluster = try Cluster(controllers: [
            "--node-monitor-period-seconds", "1", "--node-monitor-grace-seconds", "3",
        ])
        defer { _ = cluster.stop() }
        cluster.addNode("dead")
        cluster.addLease("dead")
        let patient =
            #"{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":1}"#
        let manifest = web.replacing("TOLERATIONS", with: patient)
        #expect(cluster.kubectl("apply", "-f", "-", input: manifest).succeeded)
        try cluster.until("two pods are on it") { running(cluster).count == 2 }
        let before = Set(running(cluster))
        cluster.addNode("alive")
        // Nobody renews the lease of the one; the other one's is.
        try cluster.until("both run on the living node", seconds: 60) {
            cluster.addLease("alive")
            let pods = cluster.items("pods").filter {
                $0.at("metadata", "deletionTimestamp") == nil
            }
            return pods.count == 2 && pods.allSatisfy { $0.at("spec", "nodeName") == "alive" }
        }
        try cluster.until("the old ones are gone and the new ones run") {
            running(cluster).count == 2 && before.isDisjoint(with: running(cluster))
        }
        let node = cluster.kubectl("get", "node", "dead", "-o", "json").json
        let taints = (node.at("spec", "taints")?.array ?? []).compactMap { $0["key"]?.string }
        #expect(taints.contains("node.kubernetes.io/unreachable"))
    }
}

private func running(_ cluster: Cluster) -> [String] {
    cluster.items("pods").filter { $0.at("status", "phase") == "Running" }
        .compactMap { $0.at("metadata", "name")?.string }.sorted()
}
