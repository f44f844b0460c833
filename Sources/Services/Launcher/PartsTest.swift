import Linux

extension ClusterTest {
    static let labs = ["01", "02", "03", "06", "09", "10", "14", "17"]

    /// The seam in the cluster: all eight parts as programs behind the pipe, and a starter that does nothing.
    func parts() throws -> SelfTest.Outcome {
        var piped = Up.Wishes()
        piped.piped = Self.labs
        let tour = try withCluster(piped) {
            let tour = try Demo(layout, terminal).tour(stops: 5)
            if tour.failed > 0 { keepLogs() }
            return tour
        }
        var outcome = SelfTest.Outcome(
            passed: tour.held, failed: tour.failed, skipped: tour.skipped,
            complaint: "with all parts behind the pipe the tour did not hold; see above")
        do {
            try starterIsNamed()
            outcome.passed += 1
        } catch {
            outcome.failed += 1
            outcome.complaint += "\n\(error)"
        }
        return outcome
    }

    /// With the untouched starter of lab 10 nothing rolls, nothing else breaks, and the log names the lab.
    private func starterIsNamed() throws {
        var wishes = Up.Wishes()
        wishes.mine = ["10"]
        try withCluster(wishes) {
            let stage = try Stage(layout, terminal)
            try stage.kubectl("apply", "-f", "-", input: Manifests.web)
            let log = "\(layout.logs)/rollout.log"
            _ = try stage.wait("the log of rollout names lab 10", seconds: 10) {
                try Files.readText(log).contains("lab 10, your part: step 10.") ? true : nil
            }
            let sets = try stage.kubectl("get", "replicasets", "-o", "name")
            try stage.expect(
                sets.isEmpty, "the reference rolled behind the student's back: \(sets)")
        }
    }
}
