/// Where a pod wants to be, beyond resources, labels and tolerations. What is empty asks for nothing.
///
/// What depends on other pods is counted beforehand, by whoever knows them all: a term says what near means, and
/// each node's `Surroundings` how many pods of that term are near it.
///
/// Source: Kubernetes documentation, "Assigning Pods to Nodes", "Pod Topology Spread Constraints".
public struct PlacementWishes: Codable, Hashable, Sendable {
    /// One of these must hold; nil: no such wish.
    public var nodes: [NodeTerm]?
    public var preferredNodes: [PreferredNodes] = []
    /// Ports of the node itself that the pod's containers want.
    public var ports: [HostPort] = []
    public var pods: [PodTerm] = []
    public var spread: [SpreadTerm] = []

    public init() {}
}

/// A choice of nodes: all requirements hold. Without any it chooses none.
public struct NodeTerm: Codable, Hashable, Sendable {
    public struct Requirement: Codable, Hashable, Sendable {
        public enum Operator: String, Codable, Hashable, Sendable {
            case `in` = "In"
            case notIn = "NotIn"
            case exists = "Exists"
            case doesNotExist = "DoesNotExist"
            /// The label's value and the requirement's one value, as whole numbers.
            case greater = "Gt"
            case less = "Lt"
        }
        public var key: String
        public var `operator`: Operator
        public var values: [String]

        public init(_ key: String, _ operator: Operator, _ values: [String] = []) {
            (self.key, self.operator, self.values) = (key, `operator`, values)
        }
    }
    /// Of the node's labels.
    public var labels: [Requirement]
    /// Of the node's name.
    public var names: [Requirement]

    public init(labels: [Requirement] = [], names: [Requirement] = []) {
        (self.labels, self.names) = (labels, names)
    }
}

public struct PreferredNodes: Codable, Hashable, Sendable {
    /// 1 to 100.
    public var weight: Int
    public var term: NodeTerm

    public init(weight: Int, term: NodeTerm) { (self.weight, self.term) = (weight, term) }
}

/// A port of the node that one pod at a time can have.
public struct HostPort: Codable, Hashable, Sendable {
    /// Empty or 0.0.0.0: all of the node's addresses.
    public var address: String
    public var `protocol`: String
    public var port: Int

    public init(address: String = "", protocol: String = "TCP", port: Int) {
        (self.address, self.protocol, self.port) = (address, `protocol`, port)
    }
}

/// Some pods, and whether to be near to or far from them: on nodes with the same value of a label.
public struct PodTerm: Codable, Hashable, Sendable {
    public var topologyKey: String
    public var isAnti: Bool
    /// 1 to 100 for what is only preferred; nil: it must hold.
    public var weight: Int?
    /// The pod to be placed is one of those pods itself: the first of a group needs no other to be near to.
    public var matchesItself: Bool
    /// There are such pods, wherever they run.
    public var isAnywhere: Bool

    public init(
        topologyKey: String, isAnti: Bool, weight: Int? = nil, matchesItself: Bool = false,
        isAnywhere: Bool = false
    ) {
        (self.topologyKey, self.isAnti, self.weight) = (topologyKey, isAnti, weight)
        (self.matchesItself, self.isAnywhere) = (matchesItself, isAnywhere)
    }
}

/// How evenly some pods are to be spread over the values of a node label.
public struct SpreadTerm: Codable, Hashable, Sendable {
    public var topologyKey: String
    /// So many more than on the emptiest value at most.
    public var maxSkew: Int
    /// DoNotSchedule; otherwise ScheduleAnyway.
    public var isRequired: Bool
    public var matchesItself: Bool
    /// How many of them the emptiest value has; 0 where there are fewer values than `minDomains`.
    public var least: Int

    public init(
        topologyKey: String, maxSkew: Int, isRequired: Bool, matchesItself: Bool = false,
        least: Int = 0
    ) {
        (self.topologyKey, self.maxSkew, self.isRequired) = (topologyKey, maxSkew, isRequired)
        (self.matchesItself, self.least) = (matchesItself, least)
    }
}

/// What is on a node and near it, as far as the pod to be placed cares.
public struct Surroundings: Codable, Hashable, Sendable {
    public var usedPorts: [HostPort] = []
    /// For each term of the pod's `pods`, how many such pods there are near; nil where the node lacks the label.
    public var pods: [Int?] = []
    /// For each term of the pod's `spread`, likewise.
    public var spread: [Int?] = []
    /// A pod that is near must not have this one near.
    public var isRefused = false

    public init() {}
}
