import Launcher
import Linux

// The tour's first five stops: deploy, share, heal, roll, stall.

package func deploy(_ stage: Stage) throws -> String {
    try stage.kubectl("apply", "-f", "-", input: Manifests.web)
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    let pods = try stage.readyPods()
    try stage.expect(pods.count == 3, "\(pods.count) pods are ready, not 3")
    return "\(pods.joined(separator: ", "))"
}

func share(_ stage: Stage) throws -> String {
    let address = try stage.serviceAddress()
    // The proxy may be an instant behind the pods.
    _ = try stage.wait("all three pods answer on \(address)", seconds: 10) {
        try stage.startAsking([address, "--rate", "100", "--count", "30"]).report()
            .answers.count == 3 ? true : nil
    }
    let report = try stage.startAsking([address, "--rate", "150", "--count", "300"]).report()
    try stage.expect(report.failed == 0, "\(report.failed) of 300 failed: \(report.failures)")
    // A fair share of 300 is 100, with a standard deviation of 8: five of them on either side.
    for (pod, count) in report.answers {
        try stage.expect((60...140).contains(count), "\(pod) answered \(count) of 300")
    }
    try stage.expect(report.answers.count == 3, "answers came from \(report.answers.count) pods")
    return report.answers.map { "\($0.1)" }.joined(separator: " / ") + " of 300"
}

func heal(_ stage: Stage) throws -> String {
    let before = try stage.readyPods()
    guard let victim = before.first else { throw LauncherError("no pod is ready") }
    try stage.kubectl("delete", "pod", victim, "--wait=false")
    let after = try stage.wait("a third pod in place of \(victim)", seconds: 20) {
        let pods = try stage.readyPods()
        return pods.count == 3 && !pods.contains(victim) ? pods : nil
    }
    let new = after.filter { !before.contains($0) }
    return "\(new.joined(separator: ", ")) in place of \(victim)"
}

func roll(_ stage: Stage) throws -> String {
    let asked = 200.0
    let client = [try stage.serviceAddress(), "--rate", "200"]
    // What this machine lets a client ask when nothing rolls: a busy one does not reach 200 a second.
    let before = try stage.startAsking(client + ["--seconds", "2"]).report().requestsPerSecond
    let asking = try stage.startAsking(client + ["--seconds", "90"])
    do {
        try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:v2")
        try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        // The last old pods are still draining: what they drop would be missed by stopping now.
        sleep(4)
    } catch {
        _ = try asking.stop()
        throw error
    }
    let report = try asking.stop()
    try stage.expect(
        report.failed == 0,
        "\(report.failed) of \(report.requests) requests failed: \(report.failures)")
    try stage.expect(
        report.answers(of: "v1") > 0 && report.answers(of: "v2") > 0,
        "v1 answered \(report.answers(of: "v1")) times, v2 \(report.answers(of: "v2"))")
    let wanted = 0.9 * min(asked, before)
    let rate = report.requestsPerSecond
    try stage.expect(
        rate >= wanted,
        "the client asked only \(Int(rate)) times a second, and \(Int(before)) before the roll")
    return
        "\(report.requests) requests, \(Int(rate)) a second (\(Int(before)) before the roll), "
        + "\(report.answers(of: "v1")) answered by v1, \(report.answers(of: "v2")) by v2, none failed"
}

func stall(_ stage: Stage) throws -> String {
    try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:v3-broken")
    let broken = try stage.wait("a pod of v3 that runs", seconds: 30) { try runningV3(stage) }
    do {
        let status = try stage.kubectl("rollout", "status", "deployment/web", "--timeout=5s")
        throw LauncherError("the rollout of a pod that never gets ready succeeded: \(status)")
    } catch let error as LauncherError
        where ["timed out waiting", "exceeded its progress deadline"].contains(where: {
            error.description.contains($0)
        })
    {}
    let report = try stage.startAsking([
        try stage.serviceAddress(), "--rate", "100", "--count", "200",
    ]).report()
    try stage.expect(
        report.failed == 0 && report.answers(of: "v2") == 200,
        "\(report.answers(of: "v2")) of 200 answered by v2, \(report.failed) failed: \(report.failures)"
    )
    let pod = try stage.kubectl.json("get", "pod", broken)
    try stage.expect(!stage.isReady(pod), "\(broken) of v3 got ready")
    try stage.kubectl("rollout", "undo", "deployment/web")
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    let image = try stage.kubectl(
        "get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    try stage.expect(image == "drydock/web:v2", "after undo the image is \(image)")
    return
        "\(broken) ran and was not ready, 200 of 200 answered by v2 meanwhile, and v2 it is again"
}

/// The name of a pod of v3 whose container runs.
private func runningV3(_ stage: Stage) throws -> String? {
    let pods = try stage.kubectl.json("get", "pods", "-l", "app=web")["items"]?.array ?? []
    return pods.first { pod in
        pod.at("spec", "containers")?[0]?["image"] == "drydock/web:v3-broken"
            && pod.at("status", "containerStatuses")?[0]?.at("state", "running") != nil
    }?.at("metadata", "name")?.string
}
