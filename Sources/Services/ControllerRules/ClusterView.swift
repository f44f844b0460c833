import ContractScheduler
import Objects

/// The nodes and what is on each, as the scheduler sees them: kept up to date change by change, so that a
/// decision costs as much with ten thousand pods as with ten.
///
/// Whatever the order of changes, it is equal to a view that is built anew from what there is then.
public struct ClusterView: Equatable, Sendable {
    /// A pod that has a node, or is about to.
    struct Placed: Equatable, Sendable {
        var node: String
        var metadata: ObjectMeta
        var requests: [String: Int]
        var ports: [HostPort]
        var refusals: [PodWishes.Term]
    }
    struct OnNode: Equatable, Sendable {
        /// Whole, for what was added within bounds must come off again exactly.
        var requested: [String: Int128] = [:]
        var owners: [String: Int] = [:]
        var uids: Set<String> = []
    }

    /// By name. Their `requested` and `pods` are always those of what is on them.
    private(set) var nodes: [String: NodeFacts] = [:]
    private var names: [String] = []
    private var onNode: [String: OnNode] = [:]
    private(set) var placed: [String: Placed] = [:]
    /// UIDs of pods that were given a node which the cache doesn't show yet.
    private var assumed: Set<String> = []
    private var refusing: Set<String> = []
    private(set) var namespaces: [String: [String: String]] = [:]

    public init() {}

    // MARK: Changes

    public mutating func put(_ node: Node) {
        let name = node.metadata.name
        if nodes[name] == nil {
            names.insert(name, at: names.firstIndex { $0 > name } ?? names.count)
        }
        nodes[name] = NodeFacts(node)
        recount(name)
    }

    /// What is on it stays known, in case it comes back.
    public mutating func remove(node name: String) {
        guard nodes.removeValue(forKey: name) != nil else { return }
        names.removeAll { $0 == name }
    }

    public mutating func put(_ namespace: Namespace) {
        namespaces[namespace.metadata.name] = namespace.metadata.labels ?? [:]
    }

    public mutating func remove(namespace name: String) { namespaces[name] = nil }

    /// The pod as it is now.
    public mutating func put(_ pod: Pod) {
        let uid = pod.metadata.uid ?? ""
        if pod.isFinished { return remove(pod: uid) }
        guard let node = pod.placedOn else {
            // Where it is only assumed to be, its labels may still have changed.
            if !assumed.contains(uid) { return remove(pod: uid) }
            placed[uid]?.metadata = Self.known(pod.metadata)
            return
        }
        assumed.remove(uid)
        place(pod, on: node)
    }

    public mutating func remove(pod uid: String) {
        assumed.remove(uid)
        take(uid)
    }

    /// The pod was given a node, and the next decision shall know.
    public mutating func assume(_ pod: Pod, on node: String) {
        assumed.insert(pod.metadata.uid ?? "")
        place(pod, on: node)
    }

    /// It did not get that node after all.
    public mutating func forget(_ uid: String) {
        if assumed.contains(uid) { remove(pod: uid) }
    }

    public func isAssumed(_ uid: String) -> Bool { assumed.contains(uid) }

    // MARK: What is on a node

    private mutating func place(_ pod: Pod, on node: String) {
        let uid = pod.metadata.uid ?? ""
        let wishes = PodWishes(pod)
        let new = Placed(
            node: node, metadata: Self.known(pod.metadata), requests: podRequests(pod.spec),
            ports: wishes.ports,
            refusals: wishes.refusals)
        if placed[uid] == new { return }
        take(uid)
        placed[uid] = new
        if !new.refusals.isEmpty { refusing.insert(uid) }
        change(node) { there in
            there.uids.insert(uid)
            there.add(new, times: 1)
        }
    }

    /// What decisions about others look at, and no more: most changes of a pod are none here.
    private static func known(_ whole: ObjectMeta) -> ObjectMeta {
        var metadata = ObjectMeta(name: whole.name, namespace: whole.namespace)
        metadata.labels = whole.labels
        metadata.ownerReferences = whole.ownerReferences
        metadata.deletionTimestamp = whole.deletionTimestamp
        return metadata
    }

    private mutating func take(_ uid: String) {
        guard let old = placed.removeValue(forKey: uid) else { return }
        refusing.remove(uid)
        change(old.node) { there in
            there.uids.remove(uid)
            there.add(old, times: -1)
        }
    }

    private mutating func change(_ node: String, _ body: (inout OnNode) -> Void) {
        body(&onNode[node, default: OnNode()])
        if onNode[node]?.uids.isEmpty == true { onNode[node] = nil }
        recount(node)
    }

    private mutating func recount(_ name: String) {
        guard nodes[name] != nil else { return }
        let there = onNode[name]
        nodes[name]?.requested = (there?.requested ?? [:]).mapValues {
            Int(min($0, Int128(PartBounds.amount)))
        }
        nodes[name]?.pods = there?.uids.count ?? 0
    }

    // MARK: What a decision is made from

    /// The pod and the nodes, sorted by name, as part 11 is asked about them.
    public func question(_ pod: Pod) -> (pod: PodRequest, nodes: [NodeFacts]) {
        let owner = pod.metadata.controller?.uid
        var facts = names.compactMap { nodes[$0] }
        if let owner {
            for index in facts.indices {
                facts[index].siblings = onNode[facts[index].name]?.owners[owner] ?? 0
            }
        }
        let wishes = PodWishes(pod)
        if wishes.isEmpty, refusing.isEmpty { return (PodRequest(pod), facts) }
        let near = Nearness(self, pod, wishes)
        for index in facts.indices {
            facts[index].surroundings = near.surroundings(
                facts[index], ports(on: facts[index].name))
        }
        return (PodRequest(pod, wishes: near.wishes), facts)
    }

    private func ports(on node: String) -> [HostPort] {
        (onNode[node]?.uids ?? []).sorted().flatMap { placed[$0]?.ports ?? [] }
    }

    /// Those that must not have some others near, with the node that they are on.
    var refusers: [Placed] { refusing.sorted().compactMap { placed[$0] } }
}

extension ClusterView.OnNode {
    /// - Parameter sign: 1 when it comes, -1 when it goes.
    mutating func add(_ pod: ClusterView.Placed, times sign: Int) {
        for (name, amount) in pod.requests where amount != 0 {
            requested[name, default: 0] += Int128(amount * sign)
            if requested[name] == 0 { requested[name] = nil }
        }
        if let owner = pod.metadata.controller?.uid {
            owners[owner, default: 0] += sign
            if owners[owner] == 0 { owners[owner] = nil }
        }
    }
}
