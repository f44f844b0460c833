import ContractSelectors

/// What an API server and some nodes would hold: ReplicaSets and pods. Time goes in seconds.
public struct World: Sendable {
    /// The time at which every world begins, in seconds since 1970.
    public static let start = 1_000_000

    public struct Pod: Sendable {
        public var facts: PodFacts
        /// When it becomes ready; nil: never.
        public var readyAt: Int?
        /// When a terminating pod is gone.
        public var goneAt: Int?
    }
    public struct Set: Sendable {
        public var facts: ReplicaSetFacts
        /// The label pod-template-hash.
        public var hash: String
        /// The annotation deployment.kubernetes.io/revision.
        public var revision: Int
        /// The annotation deployment.kubernetes.io/desired-replicas.
        public var desired: Int?
        public var created: Int
        public var status = ReplicaSetNumbers()
        /// Goes up with every resize; `observed` is the one that the status was made for.
        public var generation = 1
        public var observed = 0
        /// Goes up with every write; a write that was made from an older one is refused.
        public var version = 0

        public init(
            facts: ReplicaSetFacts, hash: String, revision: Int = 1, desired: Int? = nil,
            created: Int = World.start
        ) {
            (self.facts, self.hash, self.revision) = (facts, hash, revision)
            (self.desired, self.created) = (desired, created)
        }
    }
    public private(set) var now = World.start
    /// By name.
    public private(set) var pods: [String: Pod] = [:] { didSet { changes += 1 } }
    /// By name.
    public var sets: [String: Set] = [:] { didSet { changes += 1 } }
    /// How often anything was written: two worlds of one run with the same count are alike but for
    /// the time.
    public private(set) var changes = 0
    private var serial = 0

    public init() {}

    /// Seconds since the beginning.
    public var seconds: Int { now - World.start }

    // MARK: What controllers and users do

    /// A pod that a ReplicaSet, or a user, makes.
    /// - Parameter readyAfter: seconds; nil: never.
    /// - Returns: the pod's name.
    @discardableResult
    public mutating func createPod(
        prefix: String, labels: [String: String], owner: String?, readyAfter: Int?
    ) -> String {
        serial += 1
        let name = "\(prefix)\(serial)"
        let facts = PodFacts(
            name: name, uid: "uid-\(serial)", labels: labels, controllerUID: owner,
            phase: .pending, node: "node-\(serial % 3 + 1)", created: now)
        pods[name] = Pod(facts: facts, readyAt: readyAfter.map { now + $0 })
        return name
    }

    /// The API server marks a pod; its kubelet ends it some seconds later.
    public mutating func deletePod(_ name: String, after seconds: Int) {
        guard var pod = pods[name], !pod.facts.terminating else { return }
        pod.facts.terminating = true
        pod.goneAt = now + seconds
        pods[name] = pod
    }

    /// The pod's containers ended and are not started again.
    public mutating func failPod(_ name: String) {
        pods[name]?.facts.phase = .failed
        pods[name]?.facts.readySince = nil
        pods[name]?.readyAt = nil
    }

    /// The readiness probe fails from now on; it answers again after so many seconds, or never.
    public mutating func unreadyPod(_ name: String, for seconds: Int?) {
        let readyAt = seconds.map { now + $0 }
        pods[name]?.facts.readySince = nil
        pods[name]?.readyAt = readyAt
    }

    public mutating func relabelPod(_ name: String, _ labels: [String: String]) {
        pods[name]?.facts.labels = labels
    }

    /// Adopts or releases: the owner reference is written or taken away.
    public mutating func ownPod(_ name: String, by owner: String?) {
        pods[name]?.facts.controllerUID = owner
    }

    // MARK: What nodes do

    /// One second on the nodes.
    public mutating func tick() {
        now += 1
        for (name, pod) in pods {
            if let goneAt = pod.goneAt, goneAt <= now { pods[name] = nil }
            guard let readyAt = pod.readyAt, readyAt <= now, pod.facts.readySince == nil,
                pod.facts.phase != .failed
            else { continue }
            var pod = pod
            (pod.facts.phase, pod.facts.readySince) = (.running, now)
            pods[name] = pod
        }
    }

    // MARK: What there is

    /// Pods that could answer a request now and can be counted on.
    public func available(minReadySeconds: Int) -> Int {
        pods.values.filter { pod in
            guard let since = pod.facts.readySince else { return false }
            return !pod.facts.terminating && now - since >= minReadySeconds
        }.count
    }

    /// Pods that a set owns and that are neither ending nor ended.
    public func active(_ set: String) -> Int {
        guard let uid = sets[set]?.facts.uid else { return 0 }
        return pods.values.filter { $0.facts.controllerUID == uid && $0.facts.isActive }.count
    }

    /// Names of pods that are neither ending nor ended, sorted.
    public var activePods: [String] {
        pods.values.filter(\.facts.isActive).map(\.facts.name).sorted()
    }

    /// The sets, by name.
    public var sortedSets: [Set] { sets.values.sorted { $0.facts.name < $1.facts.name } }
}

extension PodFacts {
    var isActive: Bool { !terminating && phase != .failed && phase != .succeeded }
}
