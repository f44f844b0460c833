@_exported import Contract
import JSON

/// Lab 09: which pods belong to a ReplicaSet, and what it does about their number.
///
/// A ReplicaSet has no list of its pods. It looks at all pods of its namespace, again and again, and
/// answers three questions: which of them are mine, how many of those count, and whom do I create or
/// delete? Everything it needs to know is in its arguments; it remembers nothing between two looks.
///
/// Source: k8s.io/kubernetes pkg/controller/replicaset/replica_set.go, pkg/controller/controller_utils.go
/// and controller_ref_manager.go.
public protocol SelectorsContract: Sendable {
    /// Whether a selector selects an object with these labels. All its requirements must hold; an empty
    /// selector selects everything.
    ///
    /// | requirement | `app=web` | `app=db` | no `app` |
    /// |---|---|---|---|
    /// | matchLabels `app: web` | yes | no | no |
    /// | `app In (web, api)` | yes | no | no |
    /// | `app NotIn (web, api)` | no | yes | **yes** |
    /// | `app Exists` | yes | yes | no |
    /// | `app DoesNotExist` | no | no | yes |
    func matches(_ selector: Selector, labels: [String: String]) throws -> Bool

    /// Whether a pod can still do its work: one that is being deleted, or has ended (phase Succeeded or
    /// Failed), cannot.
    ///
    /// A pod that is not ready yet counts: it is on its way.
    func counts(_ pod: PodFacts) throws -> Bool

    /// Sorts the pods that count into mine, to adopt and to release; a pod that appears in no list is
    /// none of this ReplicaSet's business. Lists hold names, in the order of `pods`.
    ///
    /// | controller | labels match | |
    /// |---|---|---|
    /// | this set's UID | yes | mine |
    /// | this set's UID | no | release: the owner reference is taken away, the pod lives on |
    /// | none | yes | adopt, and from then on mine |
    /// | another UID | either | leave alone |
    ///
    /// A set that is being deleted adopts and releases nothing.
    func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) throws -> Claim

    /// The pods' names in the order in which they would be deleted, the first to go first.
    ///
    /// The first difference decides: not on a node · phase Pending, then Unknown, then Running · not
    /// ready · lower deletion cost · more pods of its kind on its node · ready for less time · more
    /// restarts · younger · name. (kube-controller-manager: `ActivePodsWithRanks`, whose ages are
    /// rounded to powers of two.)
    /// - Parameter podsOnNode: node name to the number of counting pods of this set and its siblings;
    ///   a node without an entry has none.
    func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) throws -> [String]

    /// What is written into a new pod beside the template's spec: its labels, and who owns it.
    ///
    /// Set `web-5d8f` (UID u1), template labels `app=web, pod-template-hash=5d8f`: generateName
    /// `web-5d8f-`, those two labels, owner `apps/v1 ReplicaSet web-5d8f u1`, controller true,
    /// blockOwnerDeletion true.
    func newPod(_ set: ReplicaSetFacts) throws -> PodBirth

    /// The expectations after one more thing was seen in the cache.
    ///
    /// A creation lowers the count, never below zero; a deletion (or the mark that a pod is being
    /// deleted) strikes the pod's UID off the list.
    func observe(_ expectations: Expectations, _ event: PodEvent) throws -> Expectations

    /// One look at the world, and what to do.
    ///
    /// Wanted 3, mine and counting 1: create 2. Wanted 3, mine 5: delete the first two of
    /// `deletionOrder`. Adopted pods count as mine at once. What is created and deleted is expected from
    /// now on. While expectations are open (something created or deleted that the cache doesn't show
    /// yet, less than `Expectations.patienceSeconds` ago), and for a set that is being deleted: do
    /// neither, the numbers would be wrong. At most `ReplicaSetPlan.burst` pods a look. A pod is
    /// available when it is ready and has been for `minReadySeconds`.
    func plan(_ view: ReplicaSetView) throws -> ReplicaSetPlan
}

/// The part of lab 09: the contract, made anew by the program that serves it.
public protocol SelectorsPart: Part, SelectorsContract {}

/// A Kubernetes LabelSelector, and its JSON form.
public struct Selector: Codable, Hashable, Sendable {
    public enum Operator: String, Codable, Sendable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }
    public struct Requirement: Codable, Hashable, Sendable {
        public var key: String
        public var `operator`: Operator
        public var values: [String]

        public init(_ key: String, _ operator: Operator, _ values: [String] = []) {
            (self.key, self.operator, self.values) = (key, `operator`, values)
        }
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            key = try fields.decode(String.self, forKey: .key)
            `operator` = try fields.decode(Operator.self, forKey: .operator)
            values = try fields.decodeIfPresent([String].self, forKey: .values) ?? []
        }
    }
    public var matchLabels: [String: String]
    public var matchExpressions: [Requirement]

    public init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        (self.matchLabels, self.matchExpressions) = (matchLabels, matchExpressions)
    }
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        matchLabels = try fields.decodeIfPresent([String: String].self, forKey: .matchLabels) ?? [:]
        matchExpressions =
            try fields.decodeIfPresent([Requirement].self, forKey: .matchExpressions) ?? []
    }
}

/// What a ReplicaSet needs to know of one pod. Times are seconds since 1970.
public struct PodFacts: Codable, Hashable, Sendable {
    public enum Phase: String, Codable, Sendable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case unknown = "Unknown"
    }
    public var name: String
    public var uid: String
    public var labels: [String: String]
    /// The UID in the owner reference that says `controller: true`; nil for an orphan.
    public var controllerUID: String?
    public var phase: Phase
    /// metadata.deletionTimestamp is set.
    public var terminating: Bool
    /// spec.nodeName; nil before the scheduler has placed the pod.
    public var node: String?
    /// When the Ready condition became True; nil while it is not.
    public var readySince: Int?
    /// The annotation controller.kubernetes.io/pod-deletion-cost, 0 where there is none.
    public var deletionCost: Int
    /// The highest restart count among the containers.
    public var restarts: Int
    /// metadata.creationTimestamp.
    public var created: Int

    public init(
        name: String, uid: String, labels: [String: String] = [:], controllerUID: String? = nil,
        phase: Phase = .running, terminating: Bool = false, node: String? = nil,
        readySince: Int? = nil, deletionCost: Int = 0, restarts: Int = 0, created: Int = 0
    ) {
        (self.name, self.uid, self.labels, self.controllerUID) = (name, uid, labels, controllerUID)
        (self.phase, self.terminating, self.node) = (phase, terminating, node)
        (self.readySince, self.deletionCost) = (readySince, deletionCost)
        (self.restarts, self.created) = (restarts, created)
    }
}

/// What a ReplicaSet knows of itself.
public struct ReplicaSetFacts: Codable, Hashable, Sendable {
    public var name: String
    public var uid: String
    public var selector: Selector
    /// spec.template.metadata.labels.
    public var templateLabels: [String: String]
    /// spec.replicas: how many pods are wanted.
    public var replicas: Int
    public var minReadySeconds: Int
    /// metadata.deletionTimestamp is set.
    public var terminating: Bool

    public init(
        name: String, uid: String, selector: Selector, templateLabels: [String: String],
        replicas: Int, minReadySeconds: Int = 0, terminating: Bool = false
    ) {
        (self.name, self.uid, self.selector) = (name, uid, selector)
        (self.templateLabels, self.replicas) = (templateLabels, replicas)
        (self.minReadySeconds, self.terminating) = (minReadySeconds, terminating)
    }
}

/// Whose pods are whose: names, in the order of the pods that were given.
public struct Claim: Codable, Hashable, Sendable {
    public var mine: [String]
    public var adopt: [String]
    public var release: [String]

    public init(mine: [String] = [], adopt: [String] = [], release: [String] = []) {
        (self.mine, self.adopt, self.release) = (mine, adopt, release)
    }
}

/// What a new pod gets beside the template's spec.
public struct PodBirth: Codable, Hashable, Sendable {
    public struct Owner: Codable, Hashable, Sendable {
        public var apiVersion: String
        public var kind: String
        public var name: String
        public var uid: String
        public var controller: Bool
        public var blockOwnerDeletion: Bool

        public init(
            apiVersion: String, kind: String, name: String, uid: String, controller: Bool,
            blockOwnerDeletion: Bool
        ) {
            (self.apiVersion, self.kind, self.name, self.uid) = (apiVersion, kind, name, uid)
            (self.controller, self.blockOwnerDeletion) = (controller, blockOwnerDeletion)
        }
    }
    public var generateName: String
    public var labels: [String: String]
    public var owner: Owner

    public init(generateName: String, labels: [String: String], owner: Owner) {
        (self.generateName, self.labels, self.owner) = (generateName, labels, owner)
    }
}

/// What the controller has asked the API server for and not yet seen in its cache.
///
/// The cache is a moment behind. A controller that looks again before its own creations have come back
/// counts too few and creates them twice. So it writes down what it expects, and waits for it.
public struct Expectations: Codable, Hashable, Sendable {
    /// After this long, an expectation that was not met is taken for lost.
    public static let patienceSeconds = 300

    /// How many creations have not been seen.
    public var creations: Int
    /// The UIDs of the pods whose deletion has not been seen.
    public var deletions: [String]
    /// When they were written down, seconds since 1970.
    public var since: Int

    public init(creations: Int = 0, deletions: [String] = [], since: Int = 0) {
        (self.creations, self.deletions, self.since) = (creations, deletions, since)
    }
}

/// Something the cache has just shown.
public struct PodEvent: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable { case created, deleted }
    public var kind: Kind
    public var uid: String

    public init(_ kind: Kind, uid: String) { (self.kind, self.uid) = (kind, uid) }
}

/// All that a ReplicaSet sees when it looks.
public struct ReplicaSetView: Codable, Hashable, Sendable {
    public var set: ReplicaSetFacts
    /// All pods of the namespace, whoever's they are.
    public var pods: [PodFacts]
    /// Node name to the number of counting pods of this set and of the other sets of its
    /// Deployment.
    public var podsOnNode: [String: Int]
    public var expectations: Expectations
    /// Seconds since 1970.
    public var now: Int

    public init(
        set: ReplicaSetFacts, pods: [PodFacts], podsOnNode: [String: Int] = [:],
        expectations: Expectations = Expectations(), now: Int
    ) {
        (self.set, self.pods, self.podsOnNode) = (set, pods, podsOnNode)
        (self.expectations, self.now) = (expectations, now)
    }
}

/// What a ReplicaSet does after a look. The controller first writes `expectations` down, then acts:
/// adopt, release, create, delete, and writes the status. A creation or deletion that the API server
/// refused is *observed* at once.
public struct ReplicaSetPlan: Codable, Hashable, Sendable {
    /// The most pods created, or deleted, after one look.
    public static let burst = 500

    /// Names of pods that get this set's owner reference (a patch that names the pod's UID).
    public var adopt: [String]
    /// Names of pods that lose it.
    public var release: [String]
    public var create: Int
    /// Names, the first to go first.
    public var delete: [String]
    /// To be kept until the next look.
    public var expectations: Expectations
    public var status: ReplicaSetNumbers
    /// Look again after so many seconds though nothing was seen: a pod becomes available by time
    /// alone.
    public var againInSeconds: Int?

    public init(
        adopt: [String] = [], release: [String] = [], create: Int = 0, delete: [String] = [],
        expectations: Expectations = Expectations(),
        status: ReplicaSetNumbers = ReplicaSetNumbers(),
        againInSeconds: Int? = nil
    ) {
        (self.adopt, self.release, self.create, self.delete) = (adopt, release, create, delete)
        (self.expectations, self.status) = (expectations, status)
        self.againInSeconds = againInSeconds
    }
}

/// The numbers of a ReplicaSet's status, counted over the pods that are mine and count (the adopted
/// too), without those whose deletion is decided: who reads the status must not count on them.
public struct ReplicaSetNumbers: Codable, Hashable, Sendable {
    public var replicas: Int
    /// Those whose labels hold all of the template's.
    public var fullyLabeled: Int
    public var ready: Int
    /// Ready for at least minReadySeconds.
    public var available: Int

    public init(replicas: Int = 0, fullyLabeled: Int = 0, ready: Int = 0, available: Int = 0) {
        (self.replicas, self.fullyLabeled) = (replicas, fullyLabeled)
        (self.ready, self.available) = (ready, available)
    }
}
