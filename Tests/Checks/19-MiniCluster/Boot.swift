import Grading
import JSON
import Linux

/// 19.1: the cluster runs on parts behind the pipe, and does what a cluster is for.
let theClusterRunsOnOnesOwnParts = Check("19.1", live: true) { _ in
    let cluster = try LiveCluster()
    try ownParts(cluster)
    defer { _ = try? cluster.kubectl(["delete", "namespace", "smoke", "--wait=false"]) }
    _ = try cluster.kubectl(["delete", "namespace", "smoke", "--ignore-not-found", "--timeout=30s"])
    try cluster.apply(smokeManifest)
    func ready() throws -> Int {
        try cluster.json("get", "deployment", "web", "-n", "smoke")
            .at("status", "readyReplicas")?.int ?? 0
    }
    let idea =
        "Labs/lab blame finds the part that breaks it; Labs/lab logs COMPONENT says what it says."
    try require(
        try cluster.wait(seconds: 40) { try ready() == 3 },
        "a Deployment of 3 gets ready within 40 s",
        seen: "\((try? ready()) ?? 0) of 3 ready", idea: idea)
    let address = try cluster.json("get", "service", "web", "-n", "smoke").at("spec", "clusterIP")?
        .string
    try answers(cluster, "http://\(address ?? "")/", idea)
    let victim = try cluster.kubectl(["get", "pods", "-n", "smoke", "-o", "name"]).text.split(
        separator: "\n"
    ).first
    _ = try cluster.kubectl(["delete", String(victim ?? ""), "-n", "smoke", "--wait=false"])
    try require(
        try cluster.wait(seconds: 30) {
            let pods = try cluster.kubectl(["get", "pods", "-n", "smoke", "-o", "name"]).text
            return try !pods.contains(victim ?? "-") && ready() == 3
        }, "a deleted pod is replaced within 30 s", seen: "\((try? ready()) ?? 0) of 3 ready",
        idea: idea)
}

private func ownParts(_ cluster: LiveCluster) throws {
    let environments = try cluster.processes().all.compactMap {
        try? Files.readText("/proc/\($0.pid)/environ")
    }
    let missing = ["01", "02", "03", "06", "09", "10", "14", "17"].filter { lab in
        !environments.contains { $0.contains("DRYDOCK_PART_\(lab)=") }
    }
    try require(
        missing.isEmpty, "the cluster runs on your own parts",
        seen: "labs \(missing.joined(separator: ", ")) run on the reference",
        idea: "Labs/lab down; Labs/lab up --mine 01,02,03,06,09,10,14,17")
}

/// Thirty questions from each of two nodes: all answered, and by more than one pod.
private func answers(_ cluster: LiveCluster, _ url: String, _ idea: String) throws {
    for node in ["node-1", "node-2"] {
        var pods: Set<String> = []
        let script =
            "i=0; while [ $i -lt 30 ]; do timeout 3 busybox wget -q -O - \(url) || echo FAILED; i=$((i+1)); done"
        let good = try cluster.wait(seconds: 20) {
            let text = try cluster.lab(["enter", node, "--", "sh", "-c", script]).text
            pods = Set(text.split(separator: "\n").map(String.init))
            return !text.contains("FAILED") && pods.count >= 2
        }
        try require(
            good, "the Service answers on \(node), from more than one pod",
            seen: "\(pods.sorted().prefix(4))",
            idea: idea)
    }
}

private let smokeManifest = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: smoke}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: smoke}
    spec:
      replicas: 3
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: web
            image: drydock/web:v1
            readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: smoke}
    spec:
      selector: {app: web}
      ports: [{port: 80, targetPort: 8080}]
    """
