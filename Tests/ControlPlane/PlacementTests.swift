import JSON
import Linux
import Testing

/// Pods that some client can't read, pods that wait, and pods that have to go.
@Suite(
    .serialized,
    .enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct PlacementTests {
    private func pod(_ name: String, _ spec: String = "") -> String {
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","labels":{"app":"\(name)"}},
        "spec":{\(spec)"containers":[{"name":"c","image":"drydock/web:v1"}]}}
        """
    }

    private func node(_ cluster: Cluster, of pod: String) -> String {
        cluster.kubectl("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}").text
    }

    @Test func `an object that can't be read stops nobody, and is named in the log`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        for namespace in ["default", "aaa"] {
            try cluster.plant(
                "/registry/pods/\(namespace)/poison",
                [
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": [
                        "name": "poison", "namespace": .string(namespace),
                        "uid": .string("poison-\(namespace)"),
                        "creationTimestamp": "2026-01-01T00:00:00Z",
                    ],
                    "spec": ["containers": [["name": 7]]],
                ])
        }
        let web = """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
            "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
            "spec":{"containers":[{"name":"web","image":"drydock/web:v1"}]}}}}
            """
        #expect(cluster.kubectl("create", "-f", "-", input: web).succeeded)
        try cluster.until("pods beside it are made and placed") {
            cluster.kubectl("get", "pods", "-l", "app=web", "-o", "json").json["items"]?.array?
                .filter { $0.at("spec", "nodeName") != nil }.count == 2
        }
        for program in ["scheduler", "selectors", "controllers"] {
            let lines = cluster.log(program).split(separator: "\n").filter {
                $0.contains("default/poison")
            }
            #expect(lines.count == 1, "\(program) names it once: \(lines)")
            #expect(lines.first?.contains("spec.containers[0].name") == true)
        }
    }

    @Test func `a gated pod waits, says so, and goes when the last gate is open`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        let gated = pod("gated", #""schedulingGates":[{"name":"example.org/wait"}],"#)
        #expect(cluster.kubectl("create", "-f", "-", input: gated).succeeded)
        try cluster.until("it says why it waits") {
            let json = cluster.kubectl("get", "pod", "gated", "-o", "json").json
            let conditions = json.at("status", "conditions")?.array ?? []
            return conditions.contains { $0["reason"]?.string == "SchedulingGated" }
        }
        #expect(node(cluster, of: "gated") == "")
        #expect(
            cluster.kubectl(
                "patch", "pod", "gated", "--type=json", "-p",
                #"[{"op":"remove","path":"/spec/schedulingGates"}]"#
            ).succeeded)
        try cluster.until("it has a node") { node(cluster, of: "gated") == "node-1" }
    }

    @Test func `pods that no node would take go when one will, all of them`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        let picky = #""nodeSelector":{"disk":"ssd"},"#
        let all = (0..<20).map { pod("p\($0)", picky) }.joined(separator: "\n---\n")
        #expect(cluster.kubectl("create", "-f", "-", input: all).succeeded)
        try cluster.until("all were tried") {
            cluster.items("pods").filter { $0.at("status", "conditions") != nil }.count == 20
        }
        #expect(cluster.kubectl("label", "node", "node-1", "disk=ssd").succeeded)
        try cluster.until("all have a node", seconds: 30) {
            cluster.items("pods").allSatisfy { $0.at("spec", "nodeName") == "node-1" }
        }
    }

    @Test func `a NoExecute taint drives pods out, and who tolerates it stays`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        #expect(cluster.kubectl("create", "-f", "-", input: pod("leaves")).succeeded)
        let tolerant = pod("stays", #""tolerations":[{"key":"repair","operator":"Exists"}],"#)
        #expect(cluster.kubectl("create", "-f", "-", input: tolerant).succeeded)
        try cluster.until("both have a node") {
            ["leaves", "stays"].allSatisfy { node(cluster, of: $0) == "node-1" }
        }
        #expect(cluster.kubectl("taint", "node", "node-1", "repair=now:NoExecute").succeeded)
        try cluster.until("the one is gone") { !cluster.kubectl("get", "pod", "leaves").succeeded }
        #expect(cluster.kubectl("get", "pod", "stays").succeeded)
    }
}
