import Launcher
import Linux
import Tour

extension ClusterTest {
    static let labs = ["01", "02", "03", "06", "09", "10", "14", "17"]

    /// The seam in the cluster: the whole tour with all eight parts as programs behind the pipe; then parts that
    /// are not written, that crash, that hang, and that don't compile.
    func parts() throws -> Outcome {
        var piped = Up.Wishes()
        piped.piped = Self.labs
        piped.autoscalerPeriodSeconds = 2
        var outcome = try withCluster(piped) {
            let tour = try Demo(layout, terminal).tour()
            if tour.failed > 0 { keepLogs() }
            return tour
        }
        if outcome.failed > 0 {
            outcome.complaint = "with all parts behind the pipe the tour did not hold; see above"
        }
        for (labs, test) in Starters.tests {
            outcome.attempt("the starters of \(labs.joined(separator: ", "))") {
                try Starters(rig: self).run(labs, test)
            }
        }
        outcome.attempt("the starter of lab 06") { try Starters(rig: self).storeRefuses() }
        outcome.attempt("parts that crash and hang") { try BrokenParts(rig: self).areNamed() }
        outcome.attempt("a part that does not compile") {
            try BrokenParts(rig: self).compilerIsQuoted()
        }
        return outcome
    }
}

/// With untouched starters what they would do is not done, by nobody; nothing else breaks; and the cluster names the
/// lab, in a log or in an event.
struct Starters {
    let rig: ClusterTest

    typealias Test = @Sendable (Starters, Stage) throws -> Void
    /// Those that don't hide each other share a cluster. Lab 02's part is asked after 01's, 03's before both.
    static let tests: [([String], Test)] = [
        (["10", "14", "17"], controllersSaySo),
        (["01", "09"], { try $0.noPods($1, lab: "01") }),
        (["02"], { try $0.podFails($1, naming: "lab 02, your part: step 02.") }),
        (["03"], { try $0.podFails($1, naming: "lab 03, your part: step 03.") }),
    ]

    func run(_ labs: [String], _ test: Test) throws {
        var wishes = Up.Wishes()
        (wishes.nodes, wishes.mine, wishes.autoscalerPeriodSeconds) = (1, labs, 1)
        try rig.withCluster(wishes) {
            let stage = try Stage(rig.layout, rig.terminal)
            try test(self, stage)
            try stage.kubectl("create", "configmap", "the-rest-works")
            try BadInput(rig.layout, rig.terminal).lab("status").expect(
                status: 0,
                saying: "parts: the reference's, but for: yours \(labs.joined(separator: ", "))\n")
        }
    }

    private func say(_ stage: Stage, _ component: String, _ words: String) throws {
        _ = try stage.wait("the log of \(component) says \(words)", seconds: 40) {
            try Files.readText("\(rig.layout.logs)/\(component).log").contains(words) ? true : nil
        }
    }

    /// A Deployment that does not roll, a Service without rules, load that scales nothing; the pod is a
    /// ReplicaSet's.
    private static func controllersSaySo(_ starters: Starters, _ stage: Stage) throws {
        try stage.kubectl("apply", "-f", "-", input: Manifests.web)
        try stage.kubectl("apply", "-f", "-", input: Manifests.replicaSet)
        try stage.kubectl(
            "apply", "-f", "-", input: Manifests.autoscaler(of: "ReplicaSet", "plain"))
        try starters.say(stage, "rollout", "default/web: lab 10, your part: step 10.")
        try starters.say(stage, "proxy-1", "lab 14, your part: step 14.")
        try starters.say(stage, "hpa", "lab 17, your part: step 17.")
        let sets = try stage.kubectl("get", "replicasets", "-l", "app=web", "-o", "name")
        try stage.expect(sets.isEmpty, "the reference rolled behind the student's back: \(sets)")
        let rules = try stage.rules(of: "node-1")
        try stage.expect(
            !rules.contains("KUBE-SVC"), "the reference wrote rules behind the student's back")
        let replicas = try stage.kubectl(
            "get", "replicaset", "plain", "-o", "jsonpath={.spec.replicas}")
        try stage.expect(replicas == "1", "the reference scaled to \(replicas)")
    }

    /// A ReplicaSet that gets no pods, and a pod of its own that does not start.
    private func noPods(_ stage: Stage, lab: String) throws {
        try stage.kubectl("apply", "-f", "-", input: Manifests.replicaSet)
        try podFails(stage, naming: "lab \(lab), your part: step \(lab).")
        try say(stage, "selectors", "default/plain: lab 09, your part: step 09.")
        let pods = try stage.kubectl("get", "pods", "-l", "app=plain", "-o", "name")
        try stage.expect(pods.isEmpty, "the reference made pods behind the student's back: \(pods)")
    }

    private func podFails(_ stage: Stage, naming words: String) throws {
        try stage.kubectl("run", "lone", "--image=drydock/web:v1")
        try stage.awaitEvent(of: "lone", saying: words)
        let ready = try stage.isReady(stage.kubectl.json("get", "pod", "lone"))
        try stage.expect(!ready, "the pod got ready without the student's part")
    }

    /// No store, no cluster: `lab up` says whose part it is, soon, and leaves nothing running.
    func storeRefuses() throws {
        var wishes = Up.Wishes()
        wishes.mine = ["06"]
        let down = Down(rig.layout, rig.terminal)
        try down.run(force: true, purge: true)
        defer { try? down.run(force: true, purge: true) }
        let began = Clock.monotonicMilliseconds()
        do {
            try Up(wishes, rig.layout, rig.terminal).run()
            throw LauncherError("a cluster came up on a store that nobody wrote")
        } catch let error as LauncherError
            where error.description.contains("can't run on your part of lab 06, and is down again")
            && error.description.contains("lab 06, your part: step 06.")
        {}
        let seconds = (Clock.monotonicMilliseconds() - began) / 1000
        guard seconds < 60 else { throw LauncherError("it took \(seconds) s to say so") }
        guard try Processes(state: rig.layout.state).all.isEmpty else {
            throw LauncherError("something of the cluster still runs")
        }
    }
}

extension Stage {
    func rules(of node: String) throws -> String {
        let words = try Inside(layout).enterCommand(node, ["iptables-save", "-t", "nat"])
        let result = try capture(words[0], words)
        try expect(result.ending.succeeded, "iptables-save on \(node) \(result.ending)")
        return String(decoding: result.output, as: UTF8.self)
    }

    func awaitEvent(of pod: String, saying words: String) throws {
        _ = try wait("an event of \(pod) says \(words)", seconds: 40) {
            let events = try kubectl(
                "get", "events", "--field-selector", "involvedObject.name=\(pod)", "-o",
                "jsonpath={.items[*].message}")
            return events.contains(words) ? true : nil
        }
    }
}
