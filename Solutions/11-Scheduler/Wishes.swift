import ContractScheduler

extension Scheduler {
    /// Whether the term chooses the node.
    func chooses(_ term: NodeTerm, _ node: NodeFacts) -> Bool {
        guard !term.labels.isEmpty || !term.names.isEmpty else { return false }
        return term.labels.allSatisfy { holds($0, node.labels[$0.key]) }
            && term.names.allSatisfy { holds($0, node.name) }
    }

    private func holds(_ requirement: NodeTerm.Requirement, _ value: String?) -> Bool {
        switch requirement.operator {
        case .in: value.map(requirement.values.contains) ?? false
        case .notIn: !(value.map(requirement.values.contains) ?? false)
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .greater: compare(requirement, value, >)
        case .less: compare(requirement, value, <)
        }
    }

    private func compare(
        _ requirement: NodeTerm.Requirement, _ value: String?, _ relation: (Int, Int) -> Bool
    ) -> Bool {
        guard let value = value.flatMap({ Int($0) }),
            let bound = requirement.values.first.flatMap({ Int($0) })
        else { return false }
        return relation(value, bound)
    }

    /// Somebody has the port, at that address or at all.
    func isTaken(_ port: HostPort, _ used: [HostPort]) -> Bool {
        func isEverywhere(_ port: HostPort) -> Bool { ["", "0.0.0.0"].contains(port.address) }
        return used.contains {
            $0.port == port.port && $0.protocol == port.protocol
                && ($0.address == port.address || isEverywhere($0) || isEverywhere(port))
        }
    }

    /// What other pods have against it, or it against them; nil if nothing.
    func crowd(_ wishes: PlacementWishes, _ around: Surroundings) -> String? {
        for (term, near) in zip(wishes.spread, around.spread) where term.isRequired {
            let words = "node(s) didn't match pod topology spread constraints"
            guard let near else { return words + " (missing required label)" }
            if near + (term.matchesItself ? 1 : 0) - term.least > term.maxSkew { return words }
        }
        let terms = zip(wishes.pods, around.pods).filter { $0.0.weight == nil }
        for (term, near) in terms where !term.isAnti {
            let isFirst = near == 0 && term.matchesItself && !term.isAnywhere
            if near ?? 0 < 1, !isFirst { return "node(s) didn't match pod affinity rules" }
        }
        if terms.contains(where: { $0.0.isAnti && $0.1 ?? 0 > 0 }) {
            return "node(s) didn't match pod anti-affinity rules"
        }
        return around.isRefused ? "node(s) didn't satisfy existing pods anti-affinity rules" : nil
    }
}

/// One kind of preference: what a node has of it, between the least and the most that any has.
struct Preference {
    let value: (NodeFacts) -> Int
    private let least: Int
    private let most: Int

    init(among nodes: [NodeFacts], _ value: @escaping (NodeFacts) -> Int) {
        let values = nodes.map(value)
        (self.value, least, most) = (value, values.min() ?? 0, values.max() ?? 0)
    }

    /// 0 to 100.
    func points(_ node: NodeFacts) -> Int {
        most == least ? 0 : 100 * (value(node) - least) / (most - least)
    }
}

extension Scheduler {
    /// Those of which the pod, or some node, has any.
    func preferences(_ pod: PodRequest, among nodes: [NodeFacts]) -> [Preference] {
        var preferences: [Preference] = []
        func add(_ value: @escaping (NodeFacts) -> Int) {
            preferences.append(Preference(among: nodes, value))
        }
        if nodes.contains(where: { $0.taints.contains { $0.effect == "PreferNoSchedule" } }) {
            add { node in
                -node.taints.count { $0.effect == "PreferNoSchedule" && !self.tolerates(pod, $0) }
            }
        }
        guard let wishes = pod.wishes else { return preferences }
        if !wishes.preferredNodes.isEmpty {
            add { node in
                wishes.preferredNodes.filter { self.chooses($0.term, node) }.reduce(0) {
                    $0 + $1.weight
                }
            }
        }
        if wishes.pods.contains(where: { $0.weight != nil }) {
            add { node in
                zip(wishes.pods, node.surroundings?.pods ?? []).reduce(0) { sum, pair in
                    let points = (pair.0.weight ?? 0) * (pair.1 ?? 0)
                    return sum + (pair.0.isAnti ? -points : points)
                }
            }
        }
        if wishes.spread.contains(where: { !$0.isRequired }) {
            add { node in
                zip(wishes.spread, node.surroundings?.spread ?? []).reduce(0) { sum, pair in
                    // Where the label is missing nothing is even: worse than any number of pods.
                    sum - (pair.0.isRequired ? 0 : pair.1 ?? 1_000_000)
                }
            }
        }
        return preferences
    }
}
