import JSON
import Launcher
import Linux
import Tour

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

    static let names = [
        "up", "rollout", "memory", "apiserver", "store", "dnat", "simulation", "loop", "runtime",
    ]
    static let ofTheCluster = ["up", "rollout", "memory", "apiserver"]

    /// Measures all, and writes the page of figures; or one by its name, and only shows it.
    ///
    /// - Returns: whether all that was asked for could be measured. Goals are shown, not judged.
    public func run(only name: String?) throws -> Bool {
        if let name, !Self.names.contains(name) {
            throw LauncherError(
                "no figure \(name). There are: \(Self.names.joined(separator: ", "))")
        }
        try Setup(layout, terminal).installPackages(withPeers: true)
        try Build(layout, terminal).all()
        let before = try Surroundings.read()
        var figures: [Figure] = []
        if name.map(Self.ofTheCluster.contains) ?? true {
            figures += try clusterFigures().filter { name == nil || $0.name.hasPrefix(name!) }
        }
        if name == nil || name == "store" {
            figures += try StoreBench(layout, terminal).figures()
        }
        if name == nil || name == "dnat" { figures += try DNATBench(layout, terminal).figures() }
        if name == nil || name == "simulation" { figures.append(try simulationFigure()) }
        if name == nil || name == "loop" { figures += try LoopBench(layout, terminal).figures() }
        // Last, since it changes this process' view of the mounts.
        if name == nil || name == "runtime" { figures += try RuntimeBench(layout).figures() }
        for figure in figures { terminal.say(figure.spoken) }
        guard name == nil else { return true }
        let page = "\(layout.root)/Docs/Figures.md"
        let old = (try? Files.readText(page)) ?? ""
        try Files.write(FiguresPage.text(figures, before, try .read(), old: old), to: page)
        terminal.say("written: \(page)")
        return true
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
        ] + (try serverFigures())
    }

    /// The API server on our store. Its peer, kube-apiserver, can't be had here.
    private func serverFigures() throws -> [Figure] {
        let server = layout.clusterProgram("apiserver")
        let result = try capture(server, [server, "bench", "--kubeconfig", layout.kubeconfig])
        guard result.ending.succeeded else {
            throw LauncherError(String(decoding: result.errors, as: UTF8.self))
        }
        let said = try JSON(parsing: result.output)
        func number(_ name: String) -> String { said[name]?.int.map(String.init) ?? "none" }
        let figures = [
            (
                "creates",
                "\(number("createsPerSecond")) /s with 1 client, "
                    + "\(number("createsPerSecondTogether")) /s with \(number("clients"))"
            ),
            ("lists", "\(number("listsPerSecond")) /s of \(number("objectsInList")) ConfigMaps"),
            ("watch", "\(number("eventsPerSecond")) events/s to \(number("watchers")) watchers"),
        ]
        return figures.map { name, measured in
            Figure(
                name: "apiserver: \(name)", goal: "kube-apiserver's", measured: measured,
                peer: "kube-apiserver can't be had here")
        }
    }

    /// Seeded simulations of three members under loss, crashes and partitions, one after the other.
    private func simulationFigure() throws -> Figure {
        let raft = layout.clusterProgram("raft")
        terminal.progress("simulation")
        let result = try capture(raft, [raft, "simulate", "--seeds", "500"])
        let said = String(decoding: result.output, as: UTF8.self).split(separator: "\n").last ?? ""
        guard result.ending.succeeded, said.contains("cluster-seconds a second") else {
            throw LauncherError(
                "raft simulate: \(said)" + String(decoding: result.errors, as: UTF8.self))
        }
        return Figure(
            name: "simulation: Raft, 3 members", goal: "1000 cluster-seconds a second",
            measured: String(said))
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
