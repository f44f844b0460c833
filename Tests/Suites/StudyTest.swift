import Launcher
import Linux
import Tour

/// What the labs prove about themselves. The program `study` does it, which has nothing of the cluster in it; the
/// script builds and starts it.
struct StudyTest {
    let layout: Layout
    let terminal: Terminal

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// Every lab: the solution passes, every emptied hole and every mutant is noticed as it should be.
    func labs() throws -> Outcome { try study("labs", ["prove-all"]) }

    /// The handouts' commands, those for a cluster with one that runs.
    func handouts() throws -> Outcome {
        var outcome = try study("handouts", ["handouts"])
        let rig = ClusterTest(layout, terminal)
        let live = try rig.withCluster(Up.Wishes()) {
            try study("handouts-cluster", ["handouts", "--cluster"], state: rig.layout.state)
        }
        outcome.passed += live.passed
        outcome.failed += live.failed
        // The first run counted the commands for a cluster as skipped.
        outcome.skipped = live.skipped
        outcome.complaint += live.complaint
        return outcome
    }

    /// Every lab: generated one-mistake variants of the reference, and how many of them the checks notice.
    func variants() throws -> Outcome { try study("variants", ["prove-all", "--generate"]) }

    /// A thousand seeds of every seeded check, fifty rounds of every kernel check with all cores busy.
    func long() throws -> Outcome { try study("long", ["long"]) }

    /// Its last line is `sum: 5 passed, 0 failed, 1 skipped`; all of it is kept in a file.
    private func study(
        _ name: String, _ arguments: [String], state: String? = nil
    ) throws -> Outcome {
        if let state { setenv("DRYDOCK_STATE", state, 1) }
        defer { if state != nil { unsetenv("DRYDOCK_STATE") } }
        let output = try Pipe()
        let child = try Child.spawn(
            "\(layout.root)/Labs/lab", ["\(layout.root)/Labs/lab"] + arguments,
            descriptors: [1: output.write.raw, 2: output.write.raw])
        var lines = Lines(output.intoRead())
        var all: [String] = []
        var outcome: Outcome?
        while let line = try lines.next() {
            all.append(line)
            terminal.progress(line)
            if line.hasPrefix("sum: ") { outcome = Self.count(line, after: all) }
        }
        let ending = try child.wait()
        try Files.makeDirectories(layout.state)
        try Files.write(
            all.joined(separator: "\n"), to: "\(layout.state)/test-\(name)-output.log")
        var result = outcome ?? Outcome(failed: 1)
        if !ending.succeeded { result.failed = max(1, result.failed) }
        if result.failed > 0 {
            let telling = all.filter { !$0.hasPrefix("  holds") && !$0.hasPrefix("  took") }
            result.complaint = telling.suffix(80).joined(separator: "\n")
        }
        return result
    }

    static func count(_ sum: String, after lines: [String]) -> Outcome {
        let numbers = sum.split { !$0.isNumber }.compactMap { Int($0) }
        guard numbers.count == 3 else { return Outcome(failed: 1) }
        var skipped = lines.compactMap { Skipped(studySaid: $0) }
        if numbers[2] > skipped.count {
            let more = "\(numbers[2] - skipped.count) that need a cluster"
            skipped.append(Skipped(name: more, reason: "none is up"))
        }
        return Outcome(passed: numbers[0], failed: numbers[1], skipped: skipped)
    }
}
