import Linux

// The tour's first five stops: deploy, share, heal, roll, stall.

func deploy(_ stage: Stage) throws -> String {
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
    let asking = try stage.startAsking([
        try stage.serviceAddress(), "--rate", "200", "--seconds", "90",
    ])
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
    try stage.expect(report.answers(of: "v2") > 0, "v2 never answered")
    return
        "\(report.requests) requests at 200 a second, \(report.answers(of: "v1")) answered by v1, "
        + "\(report.answers(of: "v2")) by v2, none failed"
}

func stall(_ stage: Stage) throws -> String {
    try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:v3-broken")
    let status = try? stage.kubectl("rollout", "status", "deployment/web", "--timeout=5s")
    try stage.expect(
        status == nil, "the rollout of a pod that never gets ready succeeded: \(status ?? "")")
    let report = try stage.startAsking([
        try stage.serviceAddress(), "--rate", "100", "--count", "200",
    ]).report()
    try stage.expect(
        report.failed == 0 && report.answers(of: "v2") == 200,
        "\(report.answers(of: "v2")) of 200 answered by v2, \(report.failed) failed: \(report.failures)"
    )
    try stage.kubectl("rollout", "undo", "deployment/web")
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    let image = try stage.kubectl(
        "get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    try stage.expect(image == "drydock/web:v2", "after undo the image is \(image)")
    return "200 of 200 answered by v2 meanwhile, and v2 it is again"
}
