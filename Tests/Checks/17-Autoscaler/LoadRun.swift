import ContractAutoscaler
import Grading

/// An autoscaler over simulated pods that share a load, start late, burn cpu while they start, and
/// are sometimes not measured.
struct LoadRun {
    struct Pod {
        var name: String
        var readyAt: Int
    }
    /// What one look saw and did.
    struct Look {
        var load: Int
        /// What was recommended, before it was stabilised and limited; nil: nothing.
        var wish: Int?
        var replicas: Int
    }

    /// A pod can't use more than this, in millicores.
    private static let usageMax = 400
    let part: RemoteAutoscaler
    let scene: LoadScene
    var dice: Dice
    private(set) var looks: [Look] = []
    private(set) var timeline = Timeline(unit: "s")
    private(set) var view: AutoscalerView
    private var pods: [Pod] = []
    private var serial = 0

    init(_ run: Run, part: RemoteAutoscaler) {
        self.part = part
        dice = run.dice
        scene = LoadScene(run, dice: &dice)
        view = AutoscalerView(
            maxReplicas: scene.maxReplicas, current: scene.low, metrics: [], now: 100_000)
        scale(to: scene.low)
        for index in pods.indices { pods[index].readyAt = 0 }
    }

    /// Seconds since the run's start.
    var time: Int { view.now - 100_000 }
    var isOver: Bool { looks.count == scene.loads.count }

    /// One look, 15 s after the last one.
    mutating func look(window: Int? = nil) throws {
        let load = scene.loads[looks.count]
        view.now += LoadScene.lookSeconds
        view.down.windowSeconds = window ?? scene.windowSeconds
        view.metrics = [cpu(measure(load), target: LoadScene.target)]
        let starting = pods.filter { $0.readyAt > view.now }.count
        let plan = try part.plan(view)
        let wish = plan.recommendations.last.flatMap { $0.at == view.now ? $0.value : nil }
        looks.append(Look(load: load, wish: wish, replicas: plan.replicas))
        note(load, wish, plan.replicas, starting: starting)
        (view.recommendations, view.changes) = (plan.recommendations, plan.changes)
        scale(to: plan.replicas)
    }

    /// What the pods use: the ready ones share the load, the starting ones burn what they get.
    private mutating func measure(_ load: Int) -> [PodSample] {
        let ready = pods.filter { $0.readyAt <= view.now }.count
        let share = min(Self.usageMax, load / max(1, ready))
        // Once the load has gone for good, all are measured: what is judged then is the number.
        let isQuiet = looks.count > scene.lastHigh
        return pods.map { pod in
            if pod.readyAt > view.now {
                let usage = dice.chance(percent: 50) ? 300 : nil
                return PodSample(name: pod.name, ready: false, usage: usage, request: 100)
            }
            let isNew = pod.readyAt > view.now - LoadScene.lookSeconds
            let isMissing = dice.chance(percent: 5) && !isQuiet
            return PodSample(
                name: pod.name, usage: isNew || isMissing ? nil : share, request: 100)
        }
    }

    private mutating func scale(to replicas: Int) {
        view.current = replicas
        while pods.count > max(0, replicas) { pods.removeLast() }
        while pods.count < replicas {
            serial += 1
            pods.append(Pod(name: "web-\(serial)", readyAt: view.now + dice.roll(10...40)))
        }
    }

    /// A line in words, and the same as a bar: `#` up to the replicas, `o` or `@` where the
    /// recommendation is.
    private mutating func note(_ load: Int, _ wish: Int?, _ replicas: Int, starting: Int) {
        let asked = wish.map { "asked for \($0)" } ?? "nothing known"
        let change =
            replicas == view.current ? "\(replicas) pods" : "\(view.current) -> \(replicas) pods"
        let unready = starting > 0 ? ", \(starting) starting" : ""
        let words = "load \(load)m: \(asked), \(change)\(unready)"
        let bar = (1...max(1, replicas, wish ?? 0)).map { pod in
            pod <= replicas ? (pod == wish ? "@" : "#") : (pod == wish ? "o" : " ")
        }
        let space = String(repeating: " ", count: max(2, 50 - words.count))
        timeline.add(time, 0, words + space + bar.joined())
    }

    /// A failure at this moment, with what led to it.
    func failed(_ claim: String, seen: String, idea: String) -> Failed {
        var timeline = timeline
        timeline.add(time, 0, claim, isBad: true)
        return Failed(claim, seen: seen, idea: idea, timeline: timeline)
    }
}
