import ContractScheduler

/// Lab 11: strike out, score, choose.
public struct Scheduler: SchedulerPart {
    public init() {}

    /// The first filter that objects, in kube-scheduler's words.
    public func reasonsAgainst(_ pod: PodRequest, on node: NodeFacts) throws -> [String] {
        let cordon = TaintFacts(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")
        if node.unschedulable, !tolerates(pod, cordon) { return ["node(s) were unschedulable"] }
        // The scheduler's view of the taint that the node controller sets a moment later.
        let unready = TaintFacts(key: "node.kubernetes.io/not-ready", effect: "NoSchedule")
        let taints = node.taints + (node.ready ? [] : [unready])
        let repelling = taints.filter { $0.effect != "PreferNoSchedule" && $0.key != cordon.key }
        if let taint = repelling.first(where: { !tolerates(pod, $0) }) {
            return ["node(s) had untolerated taint {\(taint.key): \(taint.value)}"]
        }
        let wishes = pod.wishes ?? PlacementWishes()
        if pod.nodeSelector.contains(where: { node.labels[$0.key] != $0.value })
            || wishes.nodes?.contains(where: { chooses($0, node) }) == false
        {
            return ["node(s) didn't match Pod's node affinity/selector"]
        }
        let around = node.surroundings ?? Surroundings()
        if wishes.ports.contains(where: { isTaken($0, around.usedPorts) }) {
            return ["node(s) didn't have free ports for the requested pod ports"]
        }
        let short = shortages(pod, node)
        return short.isEmpty ? [crowd(wishes, around)].compactMap { $0 } : short
    }

    func tolerates(_ pod: PodRequest, _ taint: TaintFacts) -> Bool {
        pod.tolerations.contains { toleration in
            (toleration.effect.isEmpty || toleration.effect == taint.effect)
                && (toleration.key.isEmpty ? toleration.exists : toleration.key == taint.key)
                && (toleration.exists || toleration.value == taint.value)
        }
    }

    private func shortages(_ pod: PodRequest, _ node: NodeFacts) -> [String] {
        let tooMany = node.pods >= node.podsMax ? ["Too many pods"] : []
        let short = pod.requests.filter { name, amount in
            amount > 0 && amount > (node.allocatable[name] ?? 0) - (node.requested[name] ?? 0)
        }
        return tooMany + short.keys.sorted().map { "Insufficient \($0)" }
    }

    /// Least allocated, twice the spread, and twice each preference.
    public func score(_ pod: PodRequest, on node: NodeFacts, among nodes: [NodeFacts]) throws -> Int
    {
        try scores(pod, [node], among: nodes)[0]
    }

    /// All at once, for what holds of all nodes is found out once.
    private func scores(_ pod: PodRequest, _ some: [NodeFacts], among nodes: [NodeFacts]) throws
        -> [Int]
    {
        let most = nodes.reduce(0) { max($0, $1.siblings) }
        let preferences = preferences(pod, among: nodes)
        return some.map { node in
            room(pod, node) + 2 * spread(node, most)
                + preferences.reduce(0) { $0 + 2 * $1.points(node) }
        }
    }

    private func spread(_ node: NodeFacts, _ most: Int) -> Int {
        most == 0 ? 100 : 100 * (most - node.siblings) / most
    }

    private func room(_ pod: PodRequest, _ node: NodeFacts) -> Int {
        let free = ["cpu", "memory"].map { name in
            let allocatable = node.allocatable[name] ?? 0
            let rest = allocatable - (node.requested[name] ?? 0) - (pod.requests[name] ?? 0)
            return allocatable <= 0 ? 0 : max(0, rest) * 100 / allocatable
        }
        return free.reduce(0, +) / free.count
    }

    /// The best of the nodes that are left, or the reasons.
    public func place(_ pod: PodRequest, nodes: [NodeFacts]) throws -> Placement {
        guard !nodes.isEmpty else {
            return Placement(node: nil, message: "no nodes available to schedule pods")
        }
        var feasible: [NodeFacts] = []
        var counts: [String: Int] = [:]
        for node in nodes {
            let reasons = try reasonsAgainst(pod, on: node)
            if reasons.isEmpty { feasible.append(node) }
            for reason in reasons { counts[reason, default: 0] += 1 }
        }
        let scored = zip(try scores(pod, feasible, among: feasible), feasible)
        if let best = scored.min(by: { ($1.0, $0.1.name) < ($0.0, $1.1.name) }) {
            return Placement(node: best.1.name)
        }
        let lines = counts.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
        return Placement(node: nil, message: "0/\(nodes.count) nodes are available: \(lines).")
    }
}
