import Launcher
import Linux
import Tour

/// `lab test`: the kit's proof of itself, suite by suite, with the time that each takes.
public struct SelfTest {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    struct Suite: Sendable {
        let name: String
        let run: @Sendable (SelfTest) throws -> Outcome
    }

    static let suites = [
        // First, since some of the unit tests drive the built programs.
        Suite(name: "build") { try $0.buildAll() },
        Suite(name: "unit") { try $0.swiftTest("unit", $0.layout.root, ["--parallel"]) },
        Suite(name: "labs") { try StudyTest($0.layout, $0.terminal).labs() },
        Suite(name: "handouts") { try StudyTest($0.layout, $0.terminal).handouts() },
        Suite(name: "cluster") {
            // Without testable imports the tests use the very modules that the programs were built from.
            try $0.swiftTest(
                "cluster", $0.layout.clusterPackage,
                ["-c", "release", "--disable-testable-imports"])
        },
        Suite(name: "demo") { try ClusterTest($0.layout, $0.terminal).demo() },
        Suite(name: "peers") { try ClusterTest($0.layout, $0.terminal).stockPeers() },
        Suite(name: "parts") { try ClusterTest($0.layout, $0.terminal).parts() },
        Suite(name: "live") { try StudyTest($0.layout, $0.terminal).live() },
        Suite(name: "verbs") { try ClusterTest($0.layout, $0.terminal).verbs() },
        Suite(name: "bad-input") { try ClusterTest($0.layout, $0.terminal).badInput() },
        Suite(name: "leaves-nothing") { try ClusterTest($0.layout, $0.terminal).leavesNothing() },
    ]

    /// What takes long, or much of a machine: run by name, or all of it as `lab test long`.
    static let longSuites = [
        Suite(name: "seeds") { try StudyTest($0.layout, $0.terminal).long() },
        Suite(name: "variants") { try StudyTest($0.layout, $0.terminal).variants() },
        Suite(name: "etcd") {
            setenv("DRYDOCK_OPERATIONS", "20000", 1)
            defer { unsetenv("DRYDOCK_OPERATIONS") }
            return try $0.swiftTest(
                "etcd", $0.layout.clusterPackage,
                ["-c", "release", "--disable-testable-imports", "--filter", "DifferentialTests"])
        },
        Suite(name: "drills") { try StudyTest($0.layout, $0.terminal).drills() },
        Suite(name: "v2") { try VirtualMachineTest($0.layout, $0.terminal).run() },
    ]

    private static func suites(named name: String?) throws -> [Suite] {
        guard let name else { return suites }
        if name == "long" { return longSuites }
        let all = suites + longSuites
        let chosen = all.filter { $0.name == name }
        guard chosen.isEmpty else { return chosen }
        let known = all.map(\.name).joined(separator: ", ")
        throw LauncherError("no suite \(name). There are: \(known), long")
    }

    /// - Returns: whether nothing failed.
    public func run(only name: String?) throws -> Bool {
        let chosen = try Self.suites(named: name)
        let setup = Setup(layout, terminal)
        try setup.installPackages(withPeers: true)
        // Tests call kubectl by its bare name: that has to be the one that passed.
        KubectlSearch.putFirst(try setup.kubectl(aloud: true))
        var total = Outcome()
        var table = ["", "SUITE            SECONDS  PASSED  FAILED  SKIPPED"]
        for suite in chosen {
            terminal.say(terminal.bold("suite \(suite.name)"))
            let began = Clock.monotonicMilliseconds()
            let outcome = attempt(suite).judged(inCI: Outcome.isCI)
            let seconds = (Clock.monotonicMilliseconds() - began) / 1000
            if outcome.failed > 0 { terminal.say(outcome.complaint) }
            table.append(row(suite.name, seconds, outcome))
            table += outcome.skipped.map { "    skipped \($0)" }
            total.passed += outcome.passed
            total.failed += outcome.failed
            total.skipped += outcome.skipped
        }
        for line in table { terminal.say(line) }
        terminal.say("")
        terminal.say(
            "\(total.passed) passed, \(total.failed) failed, \(total.skipped.count) skipped")
        return total.failed == 0
    }

    private func attempt(_ suite: Suite) -> Outcome {
        do {
            return try suite.run(self)
        } catch {
            return Outcome(failed: 1, complaint: "\(error)")
        }
    }

    private func row(_ name: String, _ seconds: Int, _ outcome: Outcome) -> String {
        let cells = [seconds, outcome.passed, outcome.failed, outcome.skipped.count].map { "\($0)" }
        let widths = [8, 8, 8, 9]
        return zip(cells, widths).reduce(name + pad(17 - name.count)) { line, cell in
            line + pad(cell.1 - cell.0.count - 1) + cell.0 + " "
        }
    }

    private func pad(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private func buildAll() throws -> Outcome {
        try Build(layout, terminal).all()
        return Outcome(passed: 1)
    }

    /// Runs `swift test` and counts from its closing lines; its whole output is kept in a file.
    private func swiftTest(_ name: String, _ package: String, _ options: [String]) throws -> Outcome
    {
        let output = try Pipe()
        let child = try Child.spawn(
            which("swift") ?? "swift", ["swift", "test", "--package-path", package] + options,
            descriptors: [1: output.write.raw, 2: output.write.raw])
        var lines = Lines(output.intoRead())
        var all: [String] = []
        while let line = try lines.next() {
            all.append(line)
            if line.hasPrefix("[") { terminal.progress(line) }
        }
        let ending = try child.wait()
        try Files.makeDirectories(layout.state)
        try Files.write(
            all.joined(separator: "\n"), to: "\(layout.state)/test-\(name)-output.log")
        return Self.count(all, succeeded: ending.succeeded)
    }

    /// Swift Testing closes with `Test run with 31 tests in 4 suites passed after 0.2 seconds.`
    static func count(_ lines: [String], succeeded: Bool) -> Outcome {
        var outcome = Outcome()
        for line in lines {
            guard let found = line.split(separator: "Test run with ").last, line != found,
                let tests = Int(found.prefix { $0.isNumber })
            else { continue }
            outcome.passed += tests
        }
        outcome.skipped = lines.compactMap { Skipped(swiftTestingSaid: $0) }
        outcome.failed = lines.count { $0.contains("✘ Test ") && !$0.contains("Test run") }
        if !succeeded { outcome.failed = max(1, outcome.failed) }
        outcome.passed = max(0, outcome.passed - outcome.failed - outcome.skipped.count)
        let telling = lines.filter { $0.contains("✘") || $0.contains("error:") || $0.contains("↳") }
        outcome.complaint = (telling.isEmpty ? lines.suffix(40) : telling.prefix(60)[...])
            .joined(separator: "\n")
        return outcome
    }
}
