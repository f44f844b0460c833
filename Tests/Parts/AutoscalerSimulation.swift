import ContractAutoscaler
import SolutionAutoscaler
import Testing

/// Part 17 over the simulated cluster of parts 09 and 10.
@Suite struct AutoscalerSimulation {
    @Test(
        "Through load, spikes, a rollout and missing metrics there are never too few ready pods nor too many",
        arguments: 0..<25)
    func life(seed: Int) throws {
        var run = AutoscaledRun(seed: seed, part: Autoscaler())
        try run.seconds(60)
        #expect(run.ready == 2 && run.replicas == 2, "seed \(seed)")

        // A pod at its target carries 50 of its 100 millicores.
        let ideal = 4 + seed % 4
        run.load = ideal * 50
        try run.seconds(300)
        #expect(abs(run.replicas - ideal) <= 1 && run.ready == run.replicas, "seed \(seed): \(run.replicas)")
        run.change(template: "v2")
        try run.seconds(200)
        #expect(abs(run.replicas - ideal) <= 1 && run.ready == run.replicas, "seed \(seed): \(run.replicas)")

        run.load = 5000
        try run.seconds(200)
        #expect(run.replicas == 8 && run.ready == 8, "seed \(seed): \(run.replicas)")
        // Whoever knows nothing changes nothing, however long.
        (run.load, run.isMeasuring) = (0, false)
        try run.seconds(400)
        #expect(run.replicas == 8 && run.ready == 8, "seed \(seed): \(run.replicas)")
        run.isMeasuring = true
        try run.seconds(300)
        #expect(run.replicas == 2 && run.ready == 2, "seed \(seed): \(run.replicas)")
    }

    @Test("Pods that start slowly and are not measured yet don't drive the number up", arguments: 0..<25)
    func slowStarts(seed: Int) throws {
        var run = AutoscaledRun(seed: seed, part: Autoscaler())
        try run.seconds(60)
        run.load = 180
        var most = 0
        for _ in 0..<300 {
            try run.seconds(1)
            most = max(most, run.replicas)
        }
        // 90 % of two pods ask for four; starting pods at twice their request would ask for all eight.
        #expect(most == 4 && run.replicas == 4, "seed \(seed): \(most)")
    }

    @Test func aPartWithoutBoundsIsFoundOut() throws {
        #expect(throws: AutoscaledRun.Broken.self) {
            var run = AutoscaledRun(seed: 1, part: Careless(minReplicas: 0, maxReplicas: 8))
            run.load = 0
            try run.seconds(400)
        }
        #expect(throws: AutoscaledRun.Broken.self) {
            var run = AutoscaledRun(seed: 1, part: Careless(minReplicas: 2, maxReplicas: 100))
            run.load = 5000
            try run.seconds(400)
        }
    }

    @Test func aPartThatTrustsStartingPodsIsFoundOut() throws {
        var run = AutoscaledRun(seed: 1, part: Careless(minReplicas: 2, maxReplicas: 8, trustsStartingPods: true))
        try run.seconds(60)
        run.load = 180
        try run.seconds(60)
        #expect(run.replicas > 4)
    }
}

/// The reference with other bounds than it is told, or that takes a starting pod's usage for the load's.
private struct Careless: AutoscalerContract {
    let minReplicas: Int
    let maxReplicas: Int
    var trustsStartingPods = false
    private let right = Autoscaler()

    init(minReplicas: Int, maxReplicas: Int, trustsStartingPods: Bool = false) {
        (self.minReplicas, self.maxReplicas) = (minReplicas, maxReplicas)
        self.trustsStartingPods = trustsStartingPods
    }

    func plan(_ view: AutoscalerView) throws -> AutoscalerPlan {
        var view = view
        (view.minReplicas, view.maxReplicas) = (minReplicas, maxReplicas)
        if trustsStartingPods {
            for index in view.metrics[0].pods.indices { view.metrics[0].pods[index].ready = true }
        }
        return try right.plan(view)
    }
    func recommend(_ metric: MetricFacts, current: Int) throws -> Recommendation {
        try right.recommend(metric, current: current)
    }
    func choose(among wishes: [Int?], current: Int) throws -> Int? {
        try right.choose(among: wishes, current: current)
    }
    func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int {
        try right.stabilise(recommended, view: view)
    }
    func bounded(_ wanted: Int, view: AutoscalerView) throws -> Int { try right.bounded(wanted, view: view) }
    func limit(_ stabilised: Int, view: AutoscalerView) throws -> Int {
        try right.limit(stabilised, view: view)
    }
}
