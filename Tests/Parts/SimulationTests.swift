import Contract
import SolutionRollout
import SolutionSelectors
import Testing
import WorkloadSimulation

/// ReplicaSets and Deployments over a simulated cluster with stale caches. A failure prints its
/// seed and its last seconds.
@Suite struct RolloutSimulation {
    /// - Parameter adjust: what of the drawn setup has to be otherwise.
    private func run(_ seed: Int, _ adjust: (inout RolloutSetup) -> Void = { _ in }) -> RolloutRun {
        var setup = RolloutSetup.drawn(seed: seed, size: 8)
        adjust(&setup)
        return RolloutRun(seed: seed, setup, rollout: Rollout(), selectors: Selectors())
    }

    @Test(
        "Templates change at any moment, and there are never too few pods nor too many wanted",
        arguments: 0..<150)
    func rollover(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        for change in 2...4 {
            let template = run.stage.dice.chance(percent: 30) ? "v1" : "v\(change)"
            if run.facts.templateHash == template { continue }
            run.change(template: template)
            try run.seconds(run.stage.dice.roll(0...25))
        }
        try run.settle()
        #expect(run.facts.progressing?.reason == "NewReplicaSetAvailable")
    }

    @Test(
        "Pods fail and are deleted all the while, and the promise holds but for what was lost",
        arguments: 0..<100)
    func losses(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        run.change(template: "v2")
        for _ in 0..<60 {
            if run.stage.dice.chance(percent: 15) { run.stage.loseOne() }
            try run.second()
        }
        // The lost are replaced before the promise is whole again.
        try run.settle()
    }

    @Test(
        "A template that never gets ready stalls, harms nobody, and an undo brings the first one back as revision 3",
        arguments: 0..<60)
    func stalled(seed: Int) throws {
        var run = run(seed) { $0.facts.revisionHistoryLimit = 3 }
        run.stage.brokenTemplates = ["v2"]
        try run.settle()
        #expect(run.deployment.revision == 1)
        run.change(template: "v2")
        try run.seconds(110)
        #expect(run.facts.progressing?.reason == "ProgressDeadlineExceeded", "seed \(seed)")
        #expect(run.facts.progressing?.status == "False")
        let target = try Rollout().undoTarget(
            run.facts, among: DeploymentController.revisions(run.world), to: 0)
        run.change(template: try #require(run.world.sets[target ?? ""]?.hash))
        #expect(run.facts.templateHash == "v1", "seed \(seed)")
        try run.settle()
        #expect(run.deployment.revision == 3, "seed \(seed)")
    }

    @Test(
        "The wanted number changes in the middle of a rollout, and all ends as wanted",
        arguments: 0..<80)
    func scaling(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        run.change(template: "v2")
        try run.seconds(run.stage.dice.roll(0...15))
        run.scale(to: run.stage.dice.roll(0...12))
        try run.settle()
        run.scale(to: run.stage.dice.roll(1...12))
        try run.settle()
    }

    @Test("The plain ReplicaSet controller of the simulation keeps every promise", arguments: 0..<60)
    func plainSets(seed: Int) throws {
        let setup = RolloutSetup.drawn(seed: seed, size: 8)
        var run = RolloutRun(seed: seed, setup, rollout: Rollout())
        try run.settle()
        run.change(template: "v2")
        for _ in 0..<20 {
            if run.stage.dice.chance(percent: 15) { run.stage.loseOne() }
            try run.second()
        }
        try run.settle()
    }

    @Test(
        "A ReplicaSet among strangers, losses and relabelled pods ends with as many as wanted",
        arguments: 0..<100)
    func sets(seed: Int) throws {
        var run = SetRun(
            seed: seed, replicas: seed % 7, minReadySeconds: seed % 3, lagMax: seed % 5,
            selectors: Selectors())
        try run.settle()
        for _ in 0..<40 {
            switch run.stage.dice.roll(0...19) {
            case 0: run.addStranger()
            case 1: run.stage.loseOne()
            case 2: if let pod = run.owned.first { run.relabel(pod) }
            case 3: run.scale(to: run.stage.dice.roll(0...7))
            default: break
            }
            try run.second()
        }
        try run.settle()
    }
}
