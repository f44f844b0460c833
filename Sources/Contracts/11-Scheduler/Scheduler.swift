@_exported import Contract
import JSON

/// Lab 11: on which node a pod runs.
///
/// Two rounds: *filters* strike out the nodes where the pod can't run, each with its reason;
/// *scores* order the rest. The decision is
/// made over a snapshot and may be wrong a moment later; the kubelet checks again, and the
/// scheduler tries again.
///
/// Source: k8s.io/kubernetes pkg/scheduler (framework/plugins, framework/types.go for the wording).
public protocol SchedulerContract: Sendable {
    /// Why the pod can't run on the node; empty if it can. The first filter that objects ends the search;
    /// the one about resources names all that is short: pods first, then by name.
    ///
    /// In this order, in kube-scheduler's words:
    /// - `node(s) were unschedulable` (spec.unschedulable, unless the taint of that name is
    ///   tolerated)
    /// - `node(s) had untolerated taint {KEY: VALUE}` for taints with NoSchedule or NoExecute; a
    ///   node that isn't ready counts as tainted `{node.kubernetes.io/not-ready: }`
    /// - `node(s) didn't match Pod's node affinity/selector`
    /// - `node(s) didn't have free ports for the requested pod ports`
    /// - `Too many pods`, `Insufficient cpu`, `Insufficient memory`, …
    /// - `node(s) didn't match pod topology spread constraints`, and where the node lacks the label:
    ///   `… constraints (missing required label)`
    /// - `node(s) didn't match pod affinity rules`
    /// - `node(s) didn't match pod anti-affinity rules`
    /// - `node(s) didn't satisfy existing pods anti-affinity rules`
    func reasonsAgainst(_ pod: PodRequest, on node: NodeFacts) throws -> [String]

    /// How good a node is for the pod, each 0 to 100: `least allocated + 2 × spread`, 0 to 300.
    ///
    /// Least allocated: the mean, over cpu and memory, of
    /// `(allocatable - requested - this pod's) × 100 / allocatable`, rounded down. It spreads;
    /// "MostAllocated" would pack. Spread: `100 × (most - here) / most`, where `most` is the
    /// highest number of pods of the
    /// same owner on any of `nodes`; 100 where that is 0.
    ///
    /// What the pod prefers comes on top, each kind of preference twice, 0 to 100 for the best of `nodes`:
    /// the weights of the node terms that hold, the weights of the pod terms times the pods near, the
    /// evenness of its spread, the fewest PreferNoSchedule taints that it doesn't tolerate.
    func score(_ pod: PodRequest, on node: NodeFacts, among nodes: [NodeFacts]) throws -> Int

    /// The best node that no filter strikes out; of equals, the first by name. If there is none,
    /// the message:
    /// `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.` (each reason
    /// with its count, the lines sorted as text).
    /// No nodes at all: `no nodes available to schedule pods`.
    func place(_ pod: PodRequest, nodes: [NodeFacts]) throws -> Placement
}

/// The part of lab 11: the contract, made anew by the program that serves it.
public protocol SchedulerPart: Part, SchedulerContract {}

/// What keeps pods off a node.
public struct TaintFacts: Codable, Hashable, Sendable {
    public var key: String
    public var value: String
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    public var effect: String

    public init(key: String, value: String = "", effect: String) {
        (self.key, self.value, self.effect) = (key, value, effect)
    }
}

/// What lets a pod onto a tainted node.
public struct TolerationFacts: Codable, Hashable, Sendable {
    /// Empty with `exists`: every taint.
    public var key: String
    /// operator Exists: any value; otherwise Equal.
    public var exists: Bool
    public var value: String
    /// Empty: every effect.
    public var effect: String

    public init(key: String = "", exists: Bool = false, value: String = "", effect: String = "") {
        (self.key, self.exists, self.value, self.effect) = (key, exists, value, effect)
    }
}

/// A pod that waits for a node.
public struct PodRequest: Codable, Hashable, Sendable {
    public var namespace: String
    public var name: String
    /// Resource name to amount: cpu in millicores, memory in bytes, others in their units.
    /// The largest of the init containers' and the sum of the containers'.
    public var requests: [String: Int]
    public var nodeSelector: [String: String]
    public var tolerations: [TolerationFacts]
    /// nil: none.
    public var wishes: PlacementWishes?

    public init(
        namespace: String, name: String, requests: [String: Int] = [:],
        nodeSelector: [String: String] = [:], tolerations: [TolerationFacts] = [],
        wishes: PlacementWishes? = nil
    ) {
        (self.namespace, self.name, self.requests) = (namespace, name, requests)
        (self.nodeSelector, self.tolerations) = (nodeSelector, tolerations)
        self.wishes = wishes
    }
}

/// A node, and what is on it already (also what was placed there a moment ago and hasn't been seen
/// yet).
public struct NodeFacts: Codable, Hashable, Sendable {
    public var name: String
    public var labels: [String: String]
    public var taints: [TaintFacts]
    /// spec.unschedulable: `kubectl cordon`.
    public var unschedulable: Bool
    /// The Ready condition is True.
    public var ready: Bool
    /// Resource name to amount, units as in `PodRequest.requests`.
    public var allocatable: [String: Int]
    /// The sum of the requests of the pods here that have not ended.
    public var requested: [String: Int]
    /// Their number.
    public var pods: Int
    /// The most there may be (allocatable `pods`).
    public var podsMax: Int
    /// How many of them have the same controller as the pod to be placed.
    public var siblings: Int
    /// nil: nothing that the pod to be placed cares about.
    public var surroundings: Surroundings?

    public init(
        name: String, labels: [String: String] = [:], taints: [TaintFacts] = [],
        unschedulable: Bool = false, ready: Bool = true, allocatable: [String: Int] = [:],
        requested: [String: Int] = [:], pods: Int = 0, podsMax: Int = 110, siblings: Int = 0,
        surroundings: Surroundings? = nil
    ) {
        (self.name, self.labels, self.taints) = (name, labels, taints)
        (self.unschedulable, self.ready, self.allocatable) = (unschedulable, ready, allocatable)
        (self.requested, self.pods, self.podsMax) = (requested, pods, podsMax)
        (self.siblings, self.surroundings) = (siblings, surroundings)
    }
}

/// Where a pod goes, or why nowhere.
public struct Placement: Codable, Hashable, Sendable {
    public var node: String?
    /// For the FailedScheduling event and the PodScheduled condition; empty where there is a node.
    public var message: String

    public init(node: String?, message: String = "") { (self.node, self.message) = (node, message) }
}
