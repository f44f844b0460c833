import JSON
import Launcher
import Linux
import Tour

// What breaks while it runs: controllers, the store's members, a node, a kubelet, the API server.

extension BadInput {
    static let failureCases = [
        Case(name: "a killed apiserver is back within 5 s with nothing lost", run: killAPIServer),
        Case(name: "a killed member of the store is back within 5 s", run: killMember),
        Case(name: "without its rollout controller a Deployment waits, and goes on with it") {
            try missingController($0, "rollout")
        },
        Case(name: "without its quorum the store times out and says so; nothing is lost") {
            try noQuorum($0)
        },
        Case(name: "a killed kubelet leaves its containers running", run: killKubelet),
        Case(name: "a killed node's pods run again", run: killNode),
    ]

    func pid(_ component: String) throws -> pid_t {
        guard let found = try Processes(state: layout.state).component(component) else {
            throw LauncherError("\(component) is not running")
        }
        return found.pid
    }

    /// SIGKILL through the launcher; waits until another process has the component's name.
    func killAndAwait(_ component: String) throws {
        let before = try pid(component)
        try lab("kill", component).expect(
            status: 0, saying: "killed \(component) (process \(before))\n")
        _ = try stage().wait("\(component) is back", seconds: 5) {
            try pid(component) != before ? true : nil
        }
    }

    private func freeze(_ components: [String], _ body: () throws -> Void) throws {
        let pids = try components.map(pid)
        for pid in pids { kill(pid, SIGSTOP) }
        defer { for pid in pids { kill(pid, SIGCONT) } }
        try body()
    }

    /// Makes the web Deployment of the tour, three pods of it ready.
    func deployed() throws -> Stage {
        let stage = try stage()
        try stage.kubectl("apply", "-f", "-", input: Manifests.web)
        try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        return stage
    }

    private static func killAPIServer(_ test: BadInput) throws {
        try test.kubectl("create", "configmap", "kept-1").expect(status: 0, saying: "created")
        let killed = Clock.monotonicMilliseconds()
        try test.killAndAwait("apiserver")
        _ = try test.stage().wait("an answer", seconds: 5) {
            try test.kubectl("get", "configmap", "kept-1").status == 0 ? true : nil
        }
        let took = Clock.monotonicMilliseconds() - killed
        try test.expect(took <= 5000, "the answer took \(took) ms")
    }

    private static func killMember(_ test: BadInput) throws {
        for member in 1...3 {
            try test.killAndAwait("raft-\(member)")
            try test.kubectl("create", "configmap", "amid-\(member)").expect(
                status: 0, saying: "created")
        }
        let names = try test.kubectl("get", "configmaps", "-o", "name").output
        for name in ["kept-1", "amid-1", "amid-2", "amid-3"] {
            try test.expect(names.contains("/\(name)\n"), "\(name) is lost")
        }
    }

    private static func missingController(_ test: BadInput, _ component: String) throws {
        let stage = try test.deployed()
        func replicaSets() throws -> Int {
            try stage.kubectl("get", "replicasets", "-l", "app=web", "-o", "name")
                .split(separator: "\n").count
        }
        let before = try replicaSets()
        try test.freeze([component]) {
            try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:v2")
            try test.kubectl("rollout", "status", "deployment/web", "--timeout=3s").expect(
                status: 1,
                saying: "Waiting for deployment spec update to be observed...\n",
                "error: timed out waiting for the condition\n")
            try test.expect(try replicaSets() == before, "somebody made a ReplicaSet")
        }
        try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        try test.expect(try replicaSets() == before + 1, "no new ReplicaSet")
        // The same with a controller that dies amid its work.
        try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:v1")
        try test.killAndAwait(component)
        try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    }

    private static func noQuorum(_ test: BadInput) throws {
        try test.freeze(["raft-1", "raft-2"]) {
            let began = Clock.monotonicMilliseconds()
            let said = try test.kubectl("create", "configmap", "refused")
            let took = Clock.monotonicMilliseconds() - began
            try said.expect(
                status: 1,
                saying: "Timeout: the store did not answer within 8 s; has it lost its quorum?")
            try test.expect((7000...12_000).contains(took), "it took \(took) ms")
        }
        _ = try test.stage().wait("writes are taken again", seconds: 10) {
            try test.kubectl("create", "configmap", "taken").status == 0 ? true : nil
        }
        try test.kubectl("get", "configmap", "kept-1").expect(status: 0, saying: "kept-1")
    }

    /// Pod, container, how the one before it ended, and whether it is ready: of every web pod, of one node or of all.
    func containers(_ stage: Stage, node: String? = nil) throws -> [String] {
        let pods = try stage.kubectl.json("get", "pods", "-l", "app=web")["items"]?.array ?? []
        return pods.filter { node == nil || $0.at("spec", "nodeName")?.string == node }.map {
            let status = $0.at("status", "containerStatuses")?[0]
            return [
                $0.at("metadata", "name")?.string ?? "?",
                status?["containerID"]?.string ?? "?",
                status?.at("lastState", "terminated").map {
                    "(before: \($0["reason"]?.string ?? ""), \($0["exitCode"]?.text ?? ""))"
                } ?? "(the first)",
                status?["ready"] == true ? "ready" : "not ready",
            ].joined(separator: " ")
        }.sorted()
    }

    private static func killKubelet(_ test: BadInput) throws {
        let stage = try test.deployed()
        // What the case before has rolled may still drain.
        _ = try stage.wait("the old pods' end", seconds: 30) {
            try test.containers(stage).count == 3 ? true : nil
        }
        let before = try test.containers(stage)
        for node in 1...3 { try test.killAndAwait("kubelet-\(node)") }
        for _ in 0..<10 {
            usleep(400_000)
            let now = try test.containers(stage)
            try test.expect(now == before, "containers: \(before), then \(now)")
        }
    }

    private static func killNode(_ test: BadInput) throws {
        let stage = try test.deployed()
        let before = try test.containers(stage, node: "node-2")
        try test.expect(!before.isEmpty, "no web pod is on node-2")
        try test.lab("kill", "node-2").expect(status: 0, saying: "killed node-2 (process ")
        _ = try stage.wait("three pods ready, none in its old container", seconds: 30) {
            let now = try test.containers(stage)
            let old = Set(now).intersection(before)
            return old.isEmpty && now.filter { $0.hasSuffix(" ready") }.count == 3
                && now.allSatisfy { !$0.hasSuffix(" not ready") } ? true : nil
        }
        let report = try stage.wait("the Service answers from all three", seconds: 10) {
            let report = try stage.startAsking([
                try stage.serviceAddress(), "--rate", "100", "--count", "60",
            ]).report()
            return report.failed == 0 && report.answers.count == 3 ? report : nil
        }
        try test.expect(report.requests == 60, "\(report.requests) answers of 60")
    }
}
