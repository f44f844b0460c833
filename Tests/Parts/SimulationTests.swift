import Contracts
import SolutionRollout
import SolutionSelectors
import Testing

/// ReplicaSets and Deployments over a simulated cluster with stale caches. A failure prints its
/// seed and its last seconds.
@Suite struct RolloutSimulation {
    private func run(_ seed: Int) -> RolloutRun {
        RolloutRun(seed: seed, selectors: Selectors(), rollout: Rollout())
    }

    @Test(
        "Templates change at any moment, and there are never too few pods nor too many wanted",
        arguments: 0..<150)
    func rollover(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        for change in 2...4 {
            let old = run.deployment.facts.templateHash
            run.deployment.facts.templateHash = run.dice.chance(30) ? "v1" : "v\(change)"
            if run.deployment.facts.templateHash == old { continue }
            for _ in 0..<run.dice.number(0...25) { try run.second() }
        }
        try run.settle()
        #expect(run.deployment.facts.progressing?.reason == "NewReplicaSetAvailable")
    }

    @Test(
        "Pods fail and are deleted all the while, and the promise holds but for what was lost",
        arguments: 0..<100)
    func losses(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        run.deployment.facts.templateHash = "v2"
        for _ in 0..<60 {
            if run.dice.chance(15) { run.loseOne() }
            try run.second()
        }
        // The lost are replaced before the promise is whole again.
        try run.settle()
    }

    @Test(
        "A template that never gets ready stalls, harms nobody, and an undo brings the first one back as revision 3",
        arguments: 0..<60)
    func stalled(seed: Int) throws {
        var run = run(seed)
        run.deployment.facts.revisionHistoryLimit = 3
        run.brokenTemplates = ["v2"]
        try run.settle()
        #expect(run.deployment.revision == 1)
        run.deployment.facts.templateHash = "v2"
        for _ in 0..<110 { try run.second() }
        #expect(
            run.deployment.facts.progressing?.reason == "ProgressDeadlineExceeded", "seed \(seed)")
        #expect(run.deployment.facts.progressing?.status == "False")
        let target = try Rollout().undoTarget(
            run.deployment.facts, among: DeploymentController.revisions(run.world), to: 0)
        run.deployment.facts.templateHash = try #require(run.world.sets[target ?? ""]?.hash)
        #expect(run.deployment.facts.templateHash == "v1", "seed \(seed)")
        try run.settle()
        #expect(run.deployment.revision == 3, "seed \(seed)")
    }

    @Test(
        "The wanted number changes in the middle of a rollout, and all ends as wanted",
        arguments: 0..<80)
    func scaling(seed: Int) throws {
        var run = run(seed)
        try run.settle()
        run.deployment.facts.templateHash = "v2"
        for _ in 0..<run.dice.number(0...15) { try run.second() }
        run.scale(to: run.dice.number(0...12))
        try run.settle()
        run.scale(to: run.dice.number(1...12))
        try run.settle()
    }
}

extension RolloutRun {
    /// Somebody deletes a pod, or it fails by itself.
    mutating func loseOne() {
        let living = world.pods.values.filter { !$0.facts.terminating && $0.facts.phase != .failed }
        let names = living.map(\.facts.name).sorted()
        guard !names.isEmpty else { return }
        let name = names[dice.number(0...names.count - 1)]
        losses.append(world.now)
        if dice.chance(50) { world.failPod(name) } else { world.deletePod(name, after: 2) }
    }

    /// From here on the promises are about another number; they hold again once it has been
    /// reached.
    mutating func scale(to replicas: Int) {
        deployment.facts.replicas = replicas
        (reachedBound, promiseFrom) = (false, world.now + 15)
        isScaling = true
    }
}
