import JSON
import Linux

/// `lab bench`: the figures of the design, measured, each beside its goal and, where one is installed, a peer
/// in the same run: machines differ and drift, ratios hold.
public struct Bench {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        // A cluster of its own, so that the user's is neither measured nor disturbed.
        self.layout = Layout(root: layout.root, state: "\(layout.state)/bench")
        self.terminal = terminal
    }

    struct Figure {
        let name: String
        let goal: String
        let measured: String
    }

    static let names = ["up", "rollout", "memory", "runtime"]

    /// - Returns: whether all that was asked for could be measured. Goals are shown, not judged.
    public func run(only name: String?) throws -> Bool {
        if let name, !Self.names.contains(name) {
            throw LauncherError(
                "no figure \(name). There are: \(Self.names.joined(separator: ", "))")
        }
        try Setup(layout, terminal).installPackages(withPeers: true)
        var figures: [Figure] = []
        if name != "runtime" {
            figures += try clusterFigures().filter { name == nil || $0.name.hasPrefix(name!) }
        }
        // Last, since it changes this process' view of the mounts.
        if name == nil || name == "runtime" { figures += try RuntimeBench(layout).figures() }
        terminal.say(line("FIGURE", "GOAL", "MEASURED"))
        for figure in figures { terminal.say(line(figure.name, figure.goal, figure.measured)) }
        return true
    }

    private func line(_ name: String, _ goal: String, _ measured: String) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        return padded(name, 46) + padded(goal, 34) + measured
    }

    private func clusterFigures() throws -> [Figure] {
        let down = Down(layout, terminal)
        try down.run(force: true, purge: true)
        defer { try? down.run(force: true, purge: true) }
        try Up(Up.Wishes(), layout, terminal).run()  // builds, and makes keys and images
        try down.run(force: false, purge: false)
        let began = Clock.monotonicMilliseconds()
        try Up(Up.Wishes(), layout, terminal).run()
        let up = Clock.monotonicMilliseconds() - began
        sleep(5)
        let memory = try idleMemory()
        let rollouts = try (0..<5).map { _ in try rollout() }.sorted()
        return [
            Figure(name: "up: built, to 3 nodes Ready", goal: "3 s", measured: "\(up) ms"),
            Figure(name: "memory: idle 3-node cluster, PSS", goal: "250 MB", measured: memory),
            Figure(
                name: "rollout: Deployment of 3, 201 to 3 Ready", goal: "1 s",
                measured: "median \(rollouts[2]) ms of 5, \(rollouts[0]) to \(rollouts[4])"),
        ]
    }

    private func idleMemory() throws -> String {
        guard let dock = try RunningDock.find(layout) else {
            throw LauncherError("the dock is gone")
        }
        let pids = try [dock.pid] + Processes(state: layout.state).all.map(\.pid)
        let bytes = pids.map(Processes.proportionalMemory(of:)).reduce(0, +)
        return "\(bytes / 1_000_000) MB in \(pids.count) processes"
    }

    /// From the API server's 201 to the third Ready in a watch that was open before, in milliseconds.
    private func rollout() throws -> Int {
        let kubectl = Kubectl(try Setup(layout, terminal).kubectl(), layout)
        let output = try Pipe()
        let watch = try Child.spawn(
            kubectl.path,
            [
                kubectl.path, "--kubeconfig", layout.kubeconfig, "get", "pods", "--watch-only",
                "-o",
                "jsonpath={.metadata.name}{\" \"}"
                    + "{.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}",
            ],
            descriptors: [1: output.write.raw])
        defer {
            watch.signal(SIGTERM)
            _ = try? watch.wait()
        }
        usleep(300_000)
        try kubectl("apply", "-f", "-", input: Manifests.web)
        let created = Clock.monotonicMilliseconds()
        var ready: Set<Substring> = []
        var lines = Lines(output.intoRead())
        while ready.count < 3, let line = try lines.next() {
            if line.hasSuffix(" True") { ready.insert(line.split(separator: " ")[0]) }
        }
        let elapsed = Clock.monotonicMilliseconds() - created
        try kubectl("delete", "deployment,service", "-l", "tour=drydock")
        try kubectl("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s")
        return elapsed
    }
}
