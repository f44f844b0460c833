import JSON
import Launcher
import Linux
import Tour

extension StudyTest {
    /// The labs' steps that need a cluster, with every reference behind the pipe as a student's part would be. The
    /// faults of lab 19 are put in and taken out one by one.
    func live() throws -> Outcome {
        let rig = ClusterTest(layout, terminal)
        var wishes = Up.Wishes()
        wishes.piped = ClusterTest.labs + ["19"]
        return try rig.withCluster(wishes) {
            var outcome = Outcome()
            for step in try liveSteps() {
                let drill = ["19.2": "1", "19.3": "2", "19.4": "3"][step]
                if let drill {
                    let fault = ["fault", drill, "--seed", "1"]
                    _ = try launcher(["try", "--reference", "19"] + fault, rig)
                }
                let result = try launcher(["check", step, "--reference", "--live"], rig)
                if drill != nil { _ = try launcher(["try", "--reference", "19", "heal"], rig) }
                outcome.passed += result.succeeded ? 1 : 0
                outcome.failed += result.succeeded ? 0 : 1
                if !result.succeeded { outcome.complaint += "live step \(step):\n\(result.text)\n" }
            }
            // The faults of two more students, with right answers and wrong ones.
            outcome.add(try rehearsal(["2", "3"], rig))
            if outcome.failed > 0 { rig.keepLogs() }
            return outcome
        }
    }

    /// All ten faults of lab 19, one after another, each with a right answer and wrong ones.
    func drills() throws -> Outcome {
        let rig = ClusterTest(layout, terminal)
        return try rig.withCluster(Up.Wishes()) {
            let outcome = try rehearsal([], rig)
            if outcome.failed > 0 { rig.keepLogs() }
            return outcome
        }
    }

    private func rehearsal(_ seeds: [String], _ rig: ClusterTest) throws -> Outcome {
        let result = try launcher(["try", "--reference", "19", "rehearse"] + seeds, rig)
        let lines = result.text.split(separator: "\n").map(String.init)
        let sum = lines.last { $0.hasPrefix("sum: ") }
        var outcome = sum.map { Self.count($0, after: lines) } ?? Outcome(failed: 1)
        if !result.succeeded { outcome.failed = max(1, outcome.failed) }
        if outcome.failed > 0 { outcome.complaint = "rehearsal:\n\(result.text)\n" }
        return outcome
    }

    /// `09.8` …: the steps of kind `cluster`, by the labs' cards.
    private func liveSteps() throws -> [String] {
        let labs = try Files.list("\(layout.root)/Labs").sorted()
        let cards = labs.map { "\(layout.root)/Labs/\($0)/lab.json" }.filter { Files.exists($0) }
        return try cards.flatMap { path in
            let card = try JSON(parsing: Array(try Files.readText(path).utf8))
            return (card["steps"]?.array ?? []).filter { $0["kind"]?.string == "cluster" }
                .compactMap { $0["number"]?.string }
        }
    }

    private func launcher(
        _ words: [String], _ rig: ClusterTest
    ) throws -> (text: String, succeeded: Bool) {
        terminal.progress("Labs/lab \(words.joined(separator: " "))")
        setenv("DRYDOCK_STATE", rig.layout.state, 1)
        defer { unsetenv("DRYDOCK_STATE") }
        let result = try capture("\(layout.root)/Labs/lab", ["Labs/lab"] + words)
        return (
            String(decoding: result.output + result.errors, as: UTF8.self), result.ending.succeeded
        )
    }
}
