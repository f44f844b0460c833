import Grading
import JSON

/// 10.7: in a running cluster a template whose pods never get ready stalls and harms nobody, and an
/// undo of it is revision 3.
let brokenReadinessStalls = Check(
    "10.7", requires: [Kubectl.requirement, .cluster(onPartOf: "10")], live: true
) { bench in
    guard let config = bench.options.live else { return }
    try Kubectl.inNamespace(config, prefix: "check-10") { kubectl in
        try kubectl.apply(web)
        try finish(kubectl, "the first template is rolled out", idea: "Steps 10.1 to 10.5.")
        try kubectl.apply(client(of: try address(kubectl)))
        try answered(kubectl, atLeast: 10)
        // A busy machine may take longer than this to start the first pods.
        let deadline = #"{"spec":{"progressDeadlineSeconds":5}}"#
        try kubectl.run(["patch", "deployment", "web", "--patch", deadline])
        try kubectl.run(["set", "image", "deployment/web", "web=drydock/web:v3-broken"])
        try stalls(kubectl)
        try kubectl.run(["rollout", "undo", "deployment/web"])
        try finish(
            kubectl, "an undo ends a stalled rollout",
            idea:
                "An undo is a change of the template like any other: the set that has it is "
                + "there already."
        )
        let revision = try kubectl.get("deployment", "web")
            .at("metadata", "annotations", "deployment.kubernetes.io/revision")?.string
        try expect(
            revision, is: "3", "after an undo revision 1 becomes 3", idea: "Step 10.4.")
        try answered(kubectl, atLeast: 20)
    }
}

private func finish(_ kubectl: Kubectl, _ claim: String, idea: String) throws {
    do {
        try kubectl.run(["rollout", "status", "deployment/web", "--timeout=60s"])
    } catch let refused as Kubectl.Refused {
        throw Failed(
            claim, expected: "kubectl rollout status succeeds within 60 s",
            seen: refused.description, idea: idea)
    }
}

private func stalls(_ kubectl: Kubectl) throws {
    var seen = "no condition Progressing"
    let isStalled = try kubectl.eventually(seconds: 40) {
        let conditions = try kubectl.get("deployment", "web").at("status", "conditions")?.array
        let progressing = conditions?.first { $0["type"] == "Progressing" }
        seen = progressing?["reason"]?.string ?? seen
        return seen == "ProgressDeadlineExceeded"
    }
    try require(
        isStalled, "a rollout whose pods never get ready is said to have stalled",
        seen: "\(seen), 40 s after a change with a deadline of 5 s",
        idea: "The deadline runs from the last progress, and passes by itself: step 10.6.")
    let sets = try kubectl.get("replicasets", "-l", "app=web")["items"]?.array ?? []
    let available = sets.map { $0.at("status", "availableReplicas")?.int ?? 0 }.reduce(0, +)
    let wanted = sets.map { $0.at("spec", "replicas")?.int ?? 0 }.reduce(0, +)
    try require(
        available == 3,
        "never below the bound: available pods stay at or above replicas - unavailable",
        seen: "\(available) of 3 available, maxUnavailable 0", idea: "Step 10.3.")
    try require(
        wanted == 4, "never above the bound: all sets together want at most replicas + surge",
        seen: "\(wanted) wanted of 3, maxSurge 1", idea: "Step 10.2.")
}

/// What the client in the cluster has seen so far: a line for each request.
private func answered(_ kubectl: Kubectl, atLeast count: Int) throws {
    var lines: [Substring] = []
    let isEnough = kubectl.eventually(seconds: 40) {
        // Its container may not run yet.
        lines = (try? kubectl.run(["logs", "client"]))?.split(separator: "\n") ?? []
        return lines.count >= count
    }
    try require(
        isEnough, "a client in the cluster gets answers", seen: "\(lines.count) within 40 s",
        idea: "The Service and its pods are the kit's own here: see `Labs/lab status`.")
    let failed = lines.filter { !$0.hasPrefix("v1 ") }
    try require(
        failed.isEmpty, "every request is answered, and by the template that works",
        seen: "\(failed.count) of \(lines.count) were not: \(failed.first ?? "")",
        idea: "Old pods stay as long as no new one is available: step 10.3.")
}

private func address(_ kubectl: Kubectl) throws -> String {
    try kubectl.get("service", "web").at("spec", "clusterIP")?.string ?? "web"
}

private let web = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 3
      progressDeadlineSeconds: 60
      selector: {matchLabels: {app: web}}
      strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
      template:
        metadata: {labels: {app: web}}
        spec:
          terminationGracePeriodSeconds: 5
          containers:
          - name: web
            image: drydock/web:v1
            readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec:
      selector: {app: web}
      ports: [{port: 80, targetPort: 8080}]
    """

/// Ten requests a second, each over a new connection.
private func client(of address: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: client}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: client
        image: drydock/busybox
        command: [sh, -c, "while :; do timeout 2 wget -q -O - http://\(address)/ || echo FAILED; sleep 0.1; done"]
    """
}
