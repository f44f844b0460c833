import ContractScheduler
import JSON
import Objects

/// What a pod says of where it wants to be: its affinity, its spread and its host ports, as the API has them.
///
/// The terms about pods are still selectors here; `ClusterView` counts what they select.
public struct PodWishes: Equatable, Sendable {
    /// Which pods a term means, and what near is.
    struct Term: Equatable, Sendable {
        var selector: LabelSelector?
        /// nil: all namespaces but for what `namespaceSelector` leaves out.
        var namespaces: Set<String>
        var namespaceSelector: LabelSelector?
        var topologyKey: String
        var isAnti: Bool
        var weight: Int?
    }
    struct Spread: Equatable, Sendable {
        var selector: LabelSelector?
        var topologyKey: String
        var maxSkew: Int
        var isRequired: Bool
        var domainsMin: Int
        /// Whether nodes that the pod's own affinity or tolerations leave out count.
        var countsUnsuitable: Bool
        var countsTainted: Bool
    }
    var nodes: [NodeTerm]?
    var preferredNodes: [PreferredNodes] = []
    public internal(set) var ports: [HostPort] = []
    var terms: [Term] = []
    var spread: [Spread] = []

    /// Nothing that another pod has to do with.
    public var isAboutPods: Bool { !terms.isEmpty || !spread.isEmpty }
    var isEmpty: Bool {
        nodes == nil && preferredNodes.isEmpty && ports.isEmpty && !isAboutPods
    }
    /// What it won't have near, whoever comes first.
    var refusals: [Term] { terms.filter { $0.isAnti && $0.weight == nil } }

    public init(_ pod: Pod) {
        let affinity = pod.spec.affinity ?? [:]
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
        if let terms = affinity.at("nodeAffinity", required, "nodeSelectorTerms")?.array {
            nodes = terms.map(NodeTerm.init)
        }
        preferredNodes = (affinity.at("nodeAffinity", preferred)?.array ?? []).map {
            PreferredNodes(weight: weight($0), term: NodeTerm($0["preference"] ?? [:]))
        }
        for (member, isAnti) in [("podAffinity", false), ("podAntiAffinity", true)] {
            terms += (affinity.at(member, required)?.array ?? []).map {
                Term($0, of: pod, isAnti: isAnti, weight: nil)
            }
            terms += (affinity.at(member, preferred)?.array ?? []).map {
                Term($0["podAffinityTerm"] ?? [:], of: pod, isAnti: isAnti, weight: weight($0))
            }
        }
        spread = (pod.spec.topologySpreadConstraints ?? []).map { Spread($0, of: pod) }
        // A container's ports are the node's where it says so; init containers' only while those run, or stay.
        ports = (pod.spec.containers + (pod.spec.initContainers ?? [])).flatMap { $0.ports ?? [] }
            .compactMap { port in
                guard let number = port.hostPort, number > 0 else { return nil }
                return HostPort(
                    address: port.hostIP ?? "", protocol: port.protocol ?? "TCP", port: number)
            }
    }
}

private func weight(_ preference: JSON) -> Int { bounded(preference["weight"]?.int ?? 0, 100) }

extension NodeTerm {
    /// What can't be understood chooses nothing, rather than everything.
    init(_ term: JSON) {
        func requirements(_ member: String) -> [Requirement] {
            (term[member]?.array ?? []).map { requirement in
                guard
                    let known = requirement["operator"]?.string.flatMap({
                        Requirement.Operator(rawValue: $0)
                    })
                else { return Requirement("", .in) }
                return Requirement(
                    requirement["key"]?.string ?? "", known,
                    (requirement["values"]?.array ?? []).compactMap(\.string))
            }
        }
        self.init(labels: requirements("matchExpressions"), names: requirements("matchFields"))
    }
}

extension PodWishes.Term {
    init(_ term: JSON, of pod: Pod, isAnti: Bool, weight: Int?) {
        let named = (term["namespaces"]?.array ?? []).compactMap(\.string)
        namespaceSelector = parsedSelector(term["namespaceSelector"])
        let isOwn = named.isEmpty && namespaceSelector == nil
        namespaces = Set(isOwn ? [pod.metadata.namespace ?? ""] : named)
        selector = adding(term, of: pod, to: parsedSelector(term["labelSelector"]))
        topologyKey = term["topologyKey"]?.string ?? ""
        (self.isAnti, self.weight) = (isAnti, weight)
    }

    /// - Parameter labels: of the pod's namespace.
    func selects(_ pod: ObjectMeta, namespace labels: [String: String]) -> Bool {
        guard let selector, selector.matches(pod.labels ?? [:]) else { return false }
        return namespaces.contains(pod.namespace ?? "")
            || namespaceSelector?.matches(labels) ?? false
    }
}

extension PodWishes.Spread {
    init(_ constraint: JSON, of pod: Pod) {
        selector = adding(
            constraint, of: pod, to: parsedSelector(constraint["labelSelector"]))
        topologyKey = constraint["topologyKey"]?.string ?? ""
        maxSkew = bounded(constraint["maxSkew"]?.int ?? 1)
        isRequired = constraint["whenUnsatisfiable"]?.string != "ScheduleAnyway"
        domainsMin = bounded(constraint["minDomains"]?.int ?? 1)
        countsUnsuitable = constraint["nodeAffinityPolicy"]?.string == "Ignore"
        countsTainted = constraint["nodeTaintsPolicy"]?.string != "Honor"
    }
}

/// nil where there is none: that selects nothing, where an empty one selects everything.
private func parsedSelector(_ tree: JSON?) -> LabelSelector? { tree.flatMap { try? $0.decode() } }

/// `matchLabelKeys` and `mismatchLabelKeys`: with, or with other than, the pod's own values of these labels.
private func adding(_ term: JSON, of pod: Pod, to selector: LabelSelector?) -> LabelSelector? {
    guard var selector else { return nil }
    for (member, word) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        for key in (term[member]?.array ?? []).compactMap(\.string) {
            guard let value = pod.metadata.labels?[key] else { continue }
            selector.matchExpressions =
                (selector.matchExpressions ?? [])
                + [.init(key: key, operator: word, values: [value])]
        }
    }
    return selector
}
