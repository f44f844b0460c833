import Linux

/// Tests that need a whole cluster. Each boots one of its own, in a state directory of its own.
struct ClusterTest {
    let layout: Layout
    let terminal: Terminal

    init(_ layout: Layout, _ terminal: Terminal) {
        self.layout = Layout(root: layout.root, state: "\(layout.state)/test")
        self.terminal = terminal
    }

    /// Boots, runs `body`, and always brings the cluster down again.
    func withCluster<Result>(_ wishes: Up.Wishes, _ body: () throws -> Result) throws
        -> Result
    {
        let down = Down(layout, terminal)
        try down.run(force: true, purge: true)
        do {
            try Up(wishes, layout, terminal).run()
            let result = try body()
            try down.run(force: false, purge: true)
            return result
        } catch {
            keepLogs()
            try? down.run(force: true, purge: true)
            throw error
        }
    }

    /// The logs of a cluster that failed a test outlive it.
    func keepLogs() {
        let kept = "\(layout.state)-failed-logs"
        try? Files.removeTree(kept)
        rename(layout.logs, kept)
        terminal.say("the components' logs are kept in \(kept)")
    }

    /// The whole tour.
    func demo() throws -> SelfTest.Outcome {
        var wishes = Up.Wishes()
        wishes.autoscalerPeriodSeconds = 2
        return try withCluster(wishes) {
            let tour = try Demo(layout, terminal).tour()
            if tour.failed > 0 { keepLogs() }
            return SelfTest.Outcome(
                passed: tour.held, failed: tour.failed, skipped: tour.skipped,
                complaint: "the tour did not hold; see above")
        }
    }

    /// The cluster on Debian's etcd and runc: the tour's first three stops.
    func stockPeers() throws -> SelfTest.Outcome {
        var wishes = Up.Wishes()
        wishes.store = .etcd
        wishes.runtime = which("runc")
        return try withCluster(wishes) {
            let tour = try Demo(layout, terminal).tour(stops: 3)
            if tour.failed > 0 { keepLogs() }
            return SelfTest.Outcome(
                passed: tour.held, failed: tour.failed, skipped: tour.skipped,
                complaint: "the cluster on etcd and runc failed; see above")
        }
    }

    /// What the host has before and after; SIGKILL of the dock's process 1 in between.
    func leavesNothing() throws -> SelfTest.Outcome {
        try Down(layout, terminal).run(force: true, purge: true)
        let before = try HostState.read()
        let during = try withCluster(Up.Wishes()) {
            let stage = try Stage(layout, terminal)
            _ = try deploy(stage)
            let during = try HostState.read()
            guard let dock = try RunningDock.find(layout) else {
                throw LauncherError("the dock is gone")
            }
            kill(dock.pid, SIGKILL)
            _ = try stage.wait("the dock's end", seconds: 10) {
                try Processes(state: layout.state).all.isEmpty ? true : nil
            }
            return during
        }
        let after = try HostState.settled(like: before)
        var complaints = before.differences(
            to: during, ignoring: ["processes", "namespaces", "cgroups"])
        complaints += before.differences(to: after, ignoring: [])
        return SelfTest.Outcome(
            passed: complaints.isEmpty ? 1 : 0, failed: complaints.isEmpty ? 0 : 1,
            complaint: complaints.joined(separator: "\n"))
    }
}

/// What of the host a cluster could leave something in, counted or quoted.
struct HostState {
    let facts: [(name: String, value: String)]

    static func read() throws -> HostState {
        func output(_ words: String...) -> String {
            let result = try? capture(words[0], words)
            return String(decoding: result?.output ?? [], as: UTF8.self)
        }
        // Counters and comments of iptables-save change by themselves.
        let rules = output("iptables-save").split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "[")[0] }.joined(separator: "\n")
        return HostState(facts: [
            ("processes", "\(try kitProcesses())"),
            ("mounts", "\(try Files.readText("/proc/self/mounts").split(separator: "\n").count)"),
            (
                "interfaces",
                output("ip", "-o", "link").split(separator: "\n").map { $0.prefix { $0 != "<" } }
                    .joined(separator: "\n")
            ),
            ("routes", output("ip", "route")),
            ("rules", rules),
            ("namespaces", "\(output("lsns", "-n", "-t", "net").split(separator: "\n").count)"),
            ("cgroups", "\(countCgroups("/sys/fs/cgroup"))"),
        ])
    }

    /// Namespaces go a moment after their last process: reads again until `other` is reached, for 5 s.
    static func settled(like other: HostState) throws -> HostState {
        for _ in 0..<50 {
            let now = try read()
            if other.differences(to: now, ignoring: []).isEmpty { return now }
            usleep(100_000)
        }
        return try read()
    }

    func differences(to other: HostState, ignoring ignored: [String]) -> [String] {
        zip(facts, other.facts).filter { $0.value != $1.value && !ignored.contains($0.name) }.map {
            "\($0.name) of the host differ:\n\($0.value)\n— and then —\n\($1.value)"
        }
    }

    /// Processes that a dock started, whoever's.
    private static func kitProcesses() throws -> Int {
        try Files.list("/proc").count { name in
            pid_t(name) != nil
                && (try? Files.readText("/proc/\(name)/environ"))?.contains("DRYDOCK_COMPONENT=")
                    ?? false
        }
    }

    private static func countCgroups(_ path: String) -> Int {
        guard Files.isDirectory(path), let names = try? Files.list(path) else { return 0 }
        return names.reduce(1) { $0 + countCgroups("\(path)/\($1)") }
    }
}
