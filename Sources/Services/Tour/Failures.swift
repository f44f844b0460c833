import JSON
import Launcher
import Linux

// The tour's last three stops: autoscale, killLeader, restart.

func autoscale(_ stage: Stage) throws -> String {
    func replicas() throws -> Int? {
        try stage.kubectl.json("get", "deployment", "web").at("spec", "replicas")?.int
    }
    try stage.kubectl("scale", "deployment/web", "--replicas=2")
    try stage.kubectl("apply", "-f", "-", input: Manifests.autoscaler(of: "Deployment", "web"))
    try stage.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    // Two looks to get there, and one more where a pod's first usage was not there yet.
    let patience = 30 + 3 * stage.autoscalerPeriodSeconds
    // A burst of 20 ms of work each, more than the pods' requests but less than the machine.
    let load = try stage.startAsking([
        try stage.serviceAddress(), "--path", "/burn?ms=20", "--rate", "30",
        "--seconds", "\(patience + 20)",
        "--timeout", "10000",
    ])
    let up: Int
    do {
        up = try stage.wait("5 replicas under load", seconds: patience) {
            try replicas() == 5 ? 5 : nil
        }
    } catch {
        _ = try load.stop()
        throw error
    }
    _ = try load.stop()
    let down = try stage.wait("2 replicas without load", seconds: patience) {
        try replicas() == 2 ? 2 : nil
    }
    try stage.kubectl("delete", "hpa", "web")
    return "2, then \(up), then \(down)"
}

/// Clients write before, while and after the leader dies: what was acknowledged must be there afterwards.
func killLeader(_ stage: Stage) throws -> String {
    let writers = try Writers(stage)
    let before: Leadership
    let atTheKill: Int
    let after: Leadership
    do {
        _ = try stage.wait("writes", seconds: 30) {
            writers.acknowledged().count >= 10 ? true : nil
        }
        before = try leader(stage)
        let killed = try Inside(stage.layout).kill("raft-\(before.member)")
        atTheKill = writers.acknowledged().count
        after = try stage.wait("a new leader", seconds: 10) {
            let now = try leader(stage)
            return now.term > before.term ? now : nil
        }
        _ = try stage.wait("raft-\(before.member) is back", seconds: 5) {
            let now = try Processes(state: stage.layout.state).component("raft-\(before.member)")
            return now.map { $0.pid != killed } ?? false ? true : nil
        }
        _ = try stage.wait("writes are acknowledged again", seconds: 30) {
            writers.acknowledged().count >= atTheKill + 10 ? true : nil
        }
    } catch {
        _ = try? writers.stop()
        throw error
    }
    let acknowledged = try writers.stop()
    let maps = try stage.kubectl.json("get", "configmaps")["items"]?.array ?? []
    let names = Set(maps.compactMap { $0.at("metadata", "name")?.string })
    let lost = acknowledged.filter { !names.contains($0) }
    try stage.expect(lost.isEmpty, "acknowledged, and lost: \(lost.joined(separator: ", "))")
    return
        "raft-\(before.member) led term \(before.term) and died; raft-\(after.member) leads term "
        + "\(after.term); \(acknowledged.count) writes acknowledged, \(atTheKill) of them before, none lost"
}

/// Who leads the store, and since which election.
package struct Leadership {
    package let member: Int
    package let term: Int
}

/// The store's leader, asked of the members themselves.
package func leader(_ stage: Stage) throws -> Leadership {
    let dock = try Inside(stage.layout).enterCommand(
        "dock",
        [
            stage.layout.clusterProgram("raft"), "status", "--format", "json",
            "--endpoints", ClusterPlan.storeClients, "--pki", stage.layout.pki,
        ])
    return try stage.wait("a leader of the store", seconds: 10) {
        let status = try JSON(parsing: try capture(dock[0], dock).output)
        let terms = status["members"]?.array?.compactMap { $0["term"]?.int } ?? []
        guard let member = status["leader"]?.int, let term = terms.max() else { return nil }
        return Leadership(member: member, term: term)
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
