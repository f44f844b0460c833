import ContractAutoscaler
import ContractRollout
import Simulation
import SolutionRollout
import SolutionSelectors
import WorkloadSimulation

/// A Deployment of the simulated cluster that an autoscaler looks at every 15 s, as the real one does: its pods take
/// their time to start, burn cpu while they do, and are measured only some seconds later, or now and then not at all.
///
/// After each second: what the Deployment and its ReplicaSets promise, then what the autoscaler promises.
struct AutoscaledRun {
    static let (minReplicas, maxReplicas, surge) = (2, 8, 1)
    /// What a pod asks for, and the most that it gets, in millicores.
    static let (request, limit) = (100, 200)
    /// Of a pod ready for less time nothing is measured yet.
    static let measuredAfter = 15

    private(set) var run: RolloutRun
    /// What all clients together would use, in millicores.
    var load = 80
    /// Whether the metrics can be had at all.
    var isMeasuring = true
    private(set) var view: AutoscalerView
    private let part: any AutoscalerContract
    private var dice: Dice
    private var hasReachedMin = false

    init(seed: Int, part: any AutoscalerContract) {
        var setup = RolloutSetup(
            facts: DeploymentFacts(
                name: "web", replicas: Self.minReplicas, maxSurge: .pods(Self.surge),
                maxUnavailable: .pods(0), templateHash: "v1"))
        (setup.lagMax, setup.startSeconds) = (seed % 4, 2...20)
        run = RolloutRun(seed: seed, setup, rollout: Rollout(), selectors: Selectors())
        view = AutoscalerView(
            minReplicas: Self.minReplicas, maxReplicas: Self.maxReplicas, current: Self.minReplicas,
            metrics: [], now: World.start)
        view.down.windowSeconds = 120
        self.part = part
        dice = Dice(seed: UInt64(seed))
    }

    var replicas: Int { run.facts.replicas }
    var ready: Int { run.world.available(minReadySeconds: 0) }

    mutating func change(template: String) { run.change(template: template) }

    mutating func seconds(_ count: Int) throws {
        for _ in 0..<count {
            try run.second()
            if run.world.seconds % 15 == 0 { try look() }
            try check()
        }
    }

    // MARK: The autoscaler

    private mutating func look() throws {
        (view.now, view.current) = (run.world.now, replicas)
        let pods = samples()
        view.metrics = [MetricFacts(resource: "cpu", kind: .utilization, target: 50, pods: pods)]
        let plan = try part.plan(view)
        (view.recommendations, view.changes) = (plan.recommendations, plan.changes)
        if plan.replicas != replicas { run.scale(to: plan.replicas) }
    }

    private mutating func samples() -> [PodSample] {
        let share = load / max(1, ready)
        return run.world.pods.values.sorted { $0.facts.name < $1.facts.name }.map { pod in
            let since = pod.facts.readySince
            var usage: Int? = since == nil ? Self.limit : min(Self.limit, share)
            let isYoung = since.map { run.world.now - $0 < Self.measuredAfter } ?? dice.chance(percent: 50)
            if !isMeasuring || isYoung || dice.chance(percent: 5) { usage = nil }
            return PodSample(
                name: pod.facts.name, gone: pod.facts.terminating || pod.facts.phase == .failed,
                ready: since != nil, usage: usage, request: Self.request)
        }
    }

    // MARK: Promises

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private mutating func check() throws {
        if ready >= Self.minReplicas { hasReachedMin = true }
        if hasReachedMin, ready < Self.minReplicas {
            throw broken("at least \(Self.minReplicas) pods ready", seen: "\(ready)")
        }
        guard Self.minReplicas...Self.maxReplicas ~= replicas else {
            throw broken("between \(Self.minReplicas) and \(Self.maxReplicas) replicas", seen: "\(replicas)")
        }
        let active = run.world.activePods.count
        if active > Self.maxReplicas + Self.surge {
            throw broken("at most \(Self.maxReplicas) pods and \(Self.surge) more in a rollout", seen: "\(active)")
        }
    }

    private func broken(_ expected: String, seen: String) -> Broken {
        Broken(description: "expected \(expected), seen \(seen)\n\(run.timeline.text(last: 40))")
    }
}
