import JSON
import Linux

// The tour's last three stops: autoscale, killLeader, restart.

func autoscale(_ stage: Stage) throws -> String {
    func replicas() throws -> Int? {
        try stage.kubectl.json("get", "deployment", "web").at("spec", "replicas")?.int
    }
    try stage.kubectl("scale", "deployment/web", "--replicas=2")
    try stage.kubectl("apply", "-f", "-", input: Manifests.autoscaler)
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    // A burst of 20 ms of work each, more than the pods' requests but less than the machine.
    let load = try stage.startAsking([
        try stage.serviceAddress(), "--path", "/burn?ms=20", "--rate", "30", "--seconds", "60",
        "--timeout", "10000",
    ])
    let up: Int
    do {
        up = try stage.wait("5 replicas under load", seconds: 40) {
            try replicas() == 5 ? 5 : nil
        }
    } catch {
        _ = try load.stop()
        throw error
    }
    _ = try load.stop()
    let down = try stage.wait("2 replicas without load", seconds: 40) {
        try replicas() == 2 ? 2 : nil
    }
    try stage.kubectl("delete", "hpa", "web")
    return "2, then \(up), then \(down)"
}

/// Writes while the leader dies: every write that was acknowledged must be there afterwards.
func killLeader(_ stage: Stage) throws -> String {
    let inside = Inside(stage.layout)
    let before = try leader(stage)
    var acknowledged: [String] = []
    var killed: pid_t = 0
    for number in 1...30 {
        if number == 10 { killed = try inside.kill("raft-\(before)") }
        let name = "tour-write-\(number)"
        let made = try? stage.kubectl(
            "create", "configmap", name, "--from-literal=number=\(number)")
        if made != nil { acknowledged.append(name) }
    }
    _ = try stage.wait("raft-\(before) is back", seconds: 5) {
        let now = try Processes(state: stage.layout.state).component("raft-\(before)")
        return now.map { $0.pid != killed } ?? false ? true : nil
    }
    let maps = try stage.kubectl.json("get", "configmaps")["items"]?.array ?? []
    let names = Set(maps.compactMap { $0.at("metadata", "name")?.string })
    let lost = acknowledged.filter { !names.contains($0) }
    try stage.expect(lost.isEmpty, "acknowledged, and lost: \(lost.joined(separator: ", "))")
    try stage.expect(
        acknowledged.count >= 20, "only \(acknowledged.count) of 30 writes were acknowledged")
    try stage.kubectl.run(["label", "configmap"] + acknowledged + ["tour=drydock"])
    return "raft-\(before) led and died; raft-\(try leader(stage)) leads; "
        + "\(acknowledged.count) of 30 writes acknowledged, none lost"
}

/// The number of the store's member that leads, asked of the members themselves.
func leader(_ stage: Stage) throws -> Int {
    let dock = try Inside(stage.layout).enterCommand(
        "dock",
        [
            stage.layout.clusterProgram("raft"), "status", "--format", "json",
            "--endpoints", ClusterPlan.storeClients,
        ])
    return try stage.wait("a leader of the store", seconds: 5) {
        let result = try capture(dock[0], dock)
        let status = try JSON(parsing: result.output)
        return status["leader"]?.int
    }
}

func restart(_ stage: Stage) throws -> String {
    let maps = try stage.kubectl("get", "configmaps", "-o", "name").split(separator: "\n").count
    let uid = try stage.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.uid}")
    let wishes = try Up.remembered(stage.layout)
    try Down(stage.layout, stage.terminal).run(force: false, purge: false)
    try Up(wishes, stage.layout, stage.terminal).run()
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    let after = try stage.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.uid}")
    try stage.expect(after == uid, "the Deployment is another one: \(after) instead of \(uid)")
    let mapsAfter = try stage.kubectl("get", "configmaps", "-o", "name").split(separator: "\n")
        .count
    try stage.expect(mapsAfter == maps, "\(mapsAfter) ConfigMaps of \(maps) are there")
    let report = try stage.wait("the Service answers", seconds: 20) {
        let report = try stage.startAsking([
            try stage.serviceAddress(), "--rate", "50", "--count", "20",
        ]).report()
        return report.failed == 0 ? report : nil
    }
    return "the same Deployment, \(mapsAfter) ConfigMaps, \(report.requests) answers"
}
