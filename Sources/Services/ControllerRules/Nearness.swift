import ContractScheduler
import Objects

/// For one pod that waits: how many pods of each of its terms are near each node, and who must not have it near.
struct Nearness {
    /// Near is: the same value of this node label.
    private struct Place: Hashable {
        var key: String
        var value: String
    }
    private let view: ClusterView
    private let pod: Pod
    private let asked: PodWishes
    /// Index of a term to value of its node label to the number of pods there.
    private var near: [[String: Int]]
    private var evenly: [[String: Int]]
    private var refused: Set<Place> = []

    init(_ view: ClusterView, _ pod: Pod, _ asked: PodWishes) {
        (self.view, self.pod, self.asked) = (view, pod, asked)
        near = Array(repeating: [:], count: asked.terms.count)
        evenly = Array(repeating: [:], count: asked.spread.count)
        if asked.isAboutPods { count() }
        for other in view.refusers {
            for term in other.refusals
            where term.selects(pod.metadata, namespace: view.labels(of: pod.metadata.namespace)) {
                guard let value = view.nodes[other.node]?.labels[term.topologyKey] else { continue }
                refused.insert(Place(key: term.topologyKey, value: value))
            }
        }
    }

    private mutating func count() {
        for (index, spread) in asked.spread.enumerated() {
            for node in view.nodes.values where counts(node, spread) {
                evenly[index][node.labels[spread.topologyKey] ?? ""] = 0
            }
        }
        for other in view.placed.values {
            guard let node = view.nodes[other.node] else { continue }
            let namespace = view.labels(of: other.metadata.namespace)
            for (index, term) in asked.terms.enumerated() {
                guard let value = node.labels[term.topologyKey],
                    term.selects(other.metadata, namespace: namespace)
                else { continue }
                near[index][value, default: 0] += 1
            }
            for (index, spread) in asked.spread.enumerated()
            where counts(node, spread) && isSpread(other.metadata, spread) {
                evenly[index][node.labels[spread.topologyKey] ?? "", default: 0] += 1
            }
        }
    }

    private func isSpread(_ other: ObjectMeta, _ spread: PodWishes.Spread) -> Bool {
        other.namespace == pod.metadata.namespace && other.deletionTimestamp == nil
            && spread.selector?.matches(other.labels ?? [:]) ?? false
    }

    /// Whether the node is one of those over which the pods are to be spread: it has all the labels by which they
    /// are, and the pod could go there.
    private func counts(_ node: NodeFacts, _ spread: PodWishes.Spread) -> Bool {
        guard asked.spread.allSatisfy({ node.labels[$0.topologyKey] != nil }) else { return false }
        if !spread.countsTainted, node.taints.contains(where: { !tolerates($0) }) { return false }
        if spread.countsUnsuitable { return true }
        return (pod.spec.nodeSelector ?? [:]).allSatisfy { node.labels[$0.key] == $0.value }
            && asked.nodes.map { $0.contains { $0.chooses(node) } } ?? true
    }

    private func tolerates(_ taint: TaintFacts) -> Bool {
        taint.effect == "PreferNoSchedule"
            || (pod.spec.tolerations ?? []).contains {
                ControllerRules.tolerates(
                    $0, Taint(key: taint.key, value: taint.value, effect: taint.effect))
            }
    }

    /// The pod's wishes in the part's terms.
    var wishes: PlacementWishes? {
        if asked.isEmpty { return nil }
        var wishes = PlacementWishes()
        (wishes.nodes, wishes.preferredNodes) = (asked.nodes, asked.preferredNodes)
        wishes.ports = asked.ports
        let namespace = view.labels(of: pod.metadata.namespace)
        wishes.pods = zip(asked.terms, near).map { term, near in
            PodTerm(
                topologyKey: term.topologyKey, isAnti: term.isAnti, weight: term.weight,
                matchesItself: term.selects(pod.metadata, namespace: namespace),
                isAnywhere: !near.isEmpty)
        }
        wishes.spread = zip(asked.spread, evenly).map { spread, counts in
            let isEnough = counts.count >= spread.domainsMin
            return SpreadTerm(
                topologyKey: spread.topologyKey, maxSkew: spread.maxSkew,
                isRequired: spread.isRequired,
                matchesItself: spread.selector?.matches(pod.metadata.labels ?? [:]) ?? false,
                least: isEnough ? counts.values.min() ?? 0 : 0)
        }
        return wishes
    }

    func surroundings(_ node: NodeFacts, _ ports: [HostPort]) -> Surroundings? {
        var around = Surroundings()
        around.usedPorts = asked.ports.isEmpty ? [] : ports
        around.pods = zip(asked.terms, near).map { term, near in
            node.labels[term.topologyKey].map { near[$0] ?? 0 }
        }
        around.spread = zip(asked.spread, evenly).map { spread, counts in
            node.labels[spread.topologyKey].map { counts[$0] ?? 0 }
        }
        around.isRefused = refused.contains { node.labels[$0.key] == $0.value }
        return around == Surroundings() ? nil : around
    }
}

extension ClusterView {
    fileprivate func labels(of namespace: String?) -> [String: String] {
        namespaces[namespace ?? ""] ?? [:]
    }
}

extension NodeTerm {
    /// As the part decides it; here only to know which nodes count for a spread.
    fileprivate func chooses(_ node: NodeFacts) -> Bool {
        guard !labels.isEmpty || !names.isEmpty else { return false }
        return labels.allSatisfy { $0.holds(node.labels[$0.key]) }
            && names.allSatisfy { $0.holds(node.name) }
    }
}

extension NodeTerm.Requirement {
    fileprivate func holds(_ value: String?) -> Bool {
        switch `operator` {
        case .in: value.map(values.contains) ?? false
        case .notIn: !(value.map(values.contains) ?? false)
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .greater, .less:
            if let value = value.flatMap({ Int($0) }), let bound = values.first.flatMap({ Int($0) })
            {
                `operator` == .greater ? value > bound : value < bound
            } else {
                false
            }
        }
    }
}
