import ContractAutoscaler
import Simulation
import SolutionAutoscaler
import Testing

@Suite struct AutoscalerTests {
    private let part = Autoscaler()

    private func cpu(_ usage: [Int?], ready: [Bool]? = nil, target: Int = 50) -> MetricFacts {
        let pods = usage.enumerated().map {
            PodSample(name: "p\($0)", ready: ready?[$0] ?? true, usage: $1, request: 100)
        }
        return MetricFacts(resource: "cpu", kind: .utilization, target: target, pods: pods)
    }

    @Test(
        "Usage over requests, rounded up, with a tolerance of 10 %",
        arguments: [
            ([90, 90, 90], 6), ([54, 54, 54], 3), ([10, 10, 10, 10], 1), ([55, 55], 2),
            ([56, 56], 3),
            ([45, 45], 2), ([100], 2), ([0, 0], 0), ([55, 55, 55, 55, 55, 55, 55, 55, 55, 55], 10),
        ])
    func formula(usage: [Int], wanted: Int) throws {
        #expect(try part.recommend(cpu(usage), current: usage.count).replicas == wanted)
    }

    @Test func missingPodsCountAsIdleWhenGrowingAndAsBusyWhenShrinking() throws {
        #expect(try part.recommend(cpu([90, 90, nil]), current: 3).replicas == 4)
        // 10 % of one of two known; the missing one as 100 % makes 55 %: within the tolerance.
        #expect(try part.recommend(cpu([10, nil]), current: 2).replicas == 2)
    }

    @Test func podsThatAreNotReadyCountAsIdleWhenGrowingAndNotAtAllOtherwise() throws {
        let starting = cpu([90, 500], ready: [true, false])
        #expect(try part.recommend(starting, current: 2).replicas == 2)
        let idle = cpu([10, 500], ready: [true, false])
        #expect(try part.recommend(idle, current: 2).replicas == 1)
    }

    @Test func gonePodsTakeNoPartAndWithoutAnyMeasurementNothingIsSaid() throws {
        var metric = cpu([90, 90])
        metric.pods.append(PodSample(name: "gone", gone: true, usage: 0, request: 100))
        #expect(try part.recommend(metric, current: 2).replicas == 4)
        #expect(throws: NoMetrics.self) { try part.recommend(cpu([nil, nil]), current: 2) }
        metric.pods[0].request = nil
        #expect(throws: NoMetrics("missing request for cpu in pod p0")) {
            try part.recommend(metric, current: 2)
        }
    }

    @Test func anAverageValueNeedsNoRequests() throws {
        let pods = [300, 500].map { PodSample(name: "p", usage: $0, request: nil) }
        let metric = MetricFacts(resource: "memory", kind: .averageValue, target: 200, pods: pods)
        let answer = try part.recommend(metric, current: 2)
        #expect(answer.replicas == 4 && answer.averageValue == 400 && answer.utilization == nil)
    }

    @Test func theHighestRecommendationOfTheWindowHolds() throws {
        var view = AutoscalerView(maxReplicas: 10, current: 5, metrics: [], now: 1000)
        view.recommendations = [Past(5, at: 800), Past(3, at: 900)]
        #expect(try part.stabilise(2, view: view) == 5)
        view.now = 1150
        #expect(try part.stabilise(2, view: view) == 3)
        view.now = 1300
        #expect(try part.stabilise(2, view: view) == 2)
    }

    @Test func ratePoliciesCountWhatWasChangedInTheirPeriod() throws {
        var view = AutoscalerView(maxReplicas: 100, current: 2, metrics: [], now: 100)
        #expect(try part.limit(20, view: view) == 6)
        (view.current, view.changes) = (6, [Past(4, at: 90)])
        #expect(try part.limit(20, view: view) == 6)
        view.now = 106
        #expect(try part.limit(20, view: view) == 12)
        view.down.policies = [
            .init(.percent, 10, periodSeconds: 60), .init(.pods, 3, periodSeconds: 60),
        ]
        (view.current, view.changes) = (50, [])
        #expect(try part.limit(1, view: view) == 45)
        view.down.select = .min
        #expect(try part.limit(1, view: view) == 47)
        view.down.select = .disabled
        #expect(try part.limit(1, view: view) == 50)
    }

    @Test func boundsHoldAtOnceAndZeroIsLeftAlone() throws {
        var view = AutoscalerView(
            minReplicas: 2, maxReplicas: 5, current: 9, metrics: [cpu([90])], now: 1)
        #expect(try part.plan(view).replicas == 5)
        view.current = 1
        #expect(try part.plan(view).replicas == 2)
        view.current = 0
        #expect(try part.plan(view).replicas == 0)
        #expect(try part.plan(view).conditions.last?.reason == "ScalingDisabled")
    }

    @Test func theHighestMetricWinsAndAMissingOneForbidsShrinking() throws {
        var view = AutoscalerView(
            maxReplicas: 10, current: 3, metrics: [cpu([50, 50, 50]), cpu([90, 90, 90])], now: 1)
        #expect(try part.plan(view).replicas == 6)
        view.down.windowSeconds = 0
        view.metrics = [cpu([5, 5, 5]), cpu([nil, nil, nil])]
        let held = try part.plan(view)
        #expect(held.replicas == 3 && held.metrics.last == .some(nil))
        #expect(held.conditions.last?.reason == "FailedGetResourceMetric")
        view.metrics[0] = cpu([90, 90, 90])
        #expect(try part.plan(view).replicas == 6)
    }

    @Test(
        "A noisy load is followed without thrashing, and a steady one is reached",
        arguments: 0..<200)
    func noThrashing(seed: Int) throws {
        var run = LoadRun(seed: seed)
        let steady = run.dice.roll(1...9) * 50
        for _ in 0..<120 {
            try run.look(load: steady + run.dice.roll(-steady / 20...steady / 20))
        }
        #expect(run.changesLate == 0, "seed \(seed): \(run.history)")
        // Noise of 5 % around what n pods at half their request carry.
        let ideal = (steady + 49) / 50
        #expect(abs(run.replicas - ideal) <= max(1, ideal / 5), "seed \(seed): \(run.history)")
        // A lull shorter than the window shrinks nothing.
        let before = run.replicas
        let remembered = run.view.recommendations.suffix(4).map(\.value).max() ?? 0
        for _ in 0..<15 { try run.look(load: steady / 4) }
        #expect(run.replicas >= min(before, remembered), "seed \(seed)")
    }
}

/// An autoscaler over simulated pods that share a load; a look every 15 s.
private struct LoadRun {
    var dice: Dice
    var replicas = 2
    var history: [Int] = []
    var view = AutoscalerView(minReplicas: 1, maxReplicas: 20, current: 2, metrics: [], now: 0)
    /// Changes after the first fifteen minutes: a steady load gives no reason for any.
    var changesLate = 0

    init(seed: Int) { dice = Dice(seed: UInt64(seed)) }

    mutating func look(load: Int) throws {
        view.now += 15
        view.current = replicas
        let usage = load / replicas
        let pods = (0..<replicas).map { PodSample(name: "p\($0)", usage: usage, request: 100) }
        view.metrics = [MetricFacts(resource: "cpu", kind: .utilization, target: 50, pods: pods)]
        let plan = try Autoscaler().plan(view)
        (view.recommendations, view.changes) = (plan.recommendations, plan.changes)
        if plan.replicas != replicas, view.now > 900, view.now <= 1800 { changesLate += 1 }
        replicas = plan.replicas
        history.append(replicas)
    }
}
