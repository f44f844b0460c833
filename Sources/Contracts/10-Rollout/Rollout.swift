@_exported import Contract
import JSON

/// Lab 10: how a Deployment moves from one ReplicaSet to the next without ever having too few pods,
/// or too many.
///
/// A Deployment owns one ReplicaSet for each pod template it has had; the one of the present
/// template is *new*, the others are *old*. A rollout is nothing but numbers: raise the new, lower
/// the old, one look at a time. It is never "in" a rollout: it only compares what is with what
/// should be, so a change of mind in the middle needs no code of its own.
///
/// Source: k8s.io/kubernetes pkg/controller/deployment (rolling.go, sync.go, progress.go).
public protocol RolloutContract: Sendable {
    /// The name of a template, as it ends up in `pod-template-hash` and in the ReplicaSet's name.
    ///
    /// 32-bit FNV-1a over the text's UTF-8 bytes, then, where there is a collision count, over that
    /// number's four bytes, low byte first (offset basis 2166136261, prime 16777619); the hash's
    /// decimal digits, each replaced by `TemplateHash.letters[digit's ASCII code % 27]`. The text
    /// "" gives 2166136261 → `65bb57b6b5`.
    func templateHash(_ template: String, collisionCount: Int?) throws -> String

    /// How many pods may be above, and how many below, the wanted number.
    ///
    /// Percentages are of `replicas`; surge is rounded up, unavailable down. Where both come to
    /// nothing, one may be unavailable, or nothing could ever move.
    ///
    /// | replicas | maxSurge | maxUnavailable | surge | unavailable |
    /// |---|---|---|---|---|
    /// | 3 | 25% | 25% | 1 | 0 |
    /// | 10 | 25% | 25% | 3 | 2 |
    /// | 10 | 0 | 5% | 0 | 1 |
    /// | 4 | 1 | 0 | 1 | 0 |
    func bounds(replicas: Int, maxSurge: Bound, maxUnavailable: Bound) throws -> RolloutBounds

    /// The name of the ReplicaSet that has the Deployment's present template; nil where there is
    /// none yet. Of several, the oldest; one that is being deleted is none.
    func newReplicaSet(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> String?

    /// The revision number that the new ReplicaSet has to have: one more than the highest of the
    /// others, and never less than it has. After an undo of revision 2, the ReplicaSet of revision
    /// 1 becomes revision 3.
    func revision(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> Int

    /// The name of the ReplicaSet whose template an undo brings back.
    /// - Parameter target: the revision to go back to; 0 means the one before the present.
    /// - Returns: nil where there is no such revision. A set without a revision (0) is no target.
    func undoTarget(_ deployment: DeploymentFacts, among sets: [RevisionFacts], to target: Int)
        throws -> String?

    /// The new sizes of the ReplicaSets; only those that change are listed, in the order in which
    /// to write them.
    ///
    /// One step a look, the first that finds something to do:
    /// 1. the new set grows, as far as all sets together stay at or below replicas + surge (or it
    ///    shrinks to replicas);
    /// 2. old pods that are not available go, oldest set first: nobody misses them. But
    ///    replicas - unavailable pods stay, not counting new ones that are not available yet;
    /// 3. old pods that are available go, as far as available pods in all stay at or above
    ///    replicas - unavailable.
    ///
    /// Nothing is made smaller while some set's numbers are older than its size (`observed` is
    /// false).
    ///
    /// Replicas 3, surge 1, unavailable 0: old 3, new 0 → new 1; once that pod is available, old 2;
    /// then new 2 …
    func roll(_ view: DeploymentView) throws -> [Resize]

    /// The new sizes after the wanted number itself changed in the middle of a rollout: every set
    /// keeps its share.
    ///
    /// Wanted 10 → 15 with surge 3, old 8, new 5: all sets may have 18, 13 are there, so 5 are
    /// added: old +3, new +2. The rest that rounding leaves goes to the biggest set. With one set
    /// in use only that one is resized.
    func proportion(_ view: DeploymentView) throws -> [Resize]

    /// One look at the world, and what to do.
    func plan(_ view: DeploymentView) throws -> RolloutPlan
}

/// The part of lab 10: the contract, made anew by the program that serves it.
public protocol RolloutPart: Part, RolloutContract {}

/// Given for `templateHash`.
public enum TemplateHash {
    /// Kubernetes' alphabet for generated names: without vowels, so that no words come about.
    public static let letters = Array("bcdfghjklmnpqrstvwxz2456789")
}

/// maxSurge or maxUnavailable: a number of pods, or a percentage. In JSON `1` or `"25%"`.
public enum Bound: Hashable, Sendable {
    case pods(Int)
    case percent(Int)
}

extension Bound: Codable, CustomStringConvertible {
    /// - Parameter text: `25%` or `1`; nil for anything else.
    public init?(_ text: String) {
        if text.hasSuffix("%"), let number = Int(text.dropLast()) {
            self = .percent(number)
        } else if let number = Int(text) {
            self = .pods(number)
        } else {
            return nil
        }
    }
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
            self = .pods(number)
        } else {
            let text = try value.decode(String.self)
            guard let bound = Bound(text) else {
                throw DecodingError.dataCorruptedError(
                    in: value, debugDescription: "\"\(text)\" is neither a number nor a percentage")
            }
            self = bound
        }
    }
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .pods(let number): try value.encode(number)
        case .percent: try value.encode(description)
        }
    }
    public var description: String {
        switch self {
        case .pods(let number): "\(number)"
        case .percent(let number): "\(number)%"
        }
    }
}

/// What `maxSurge` and `maxUnavailable` come to, in pods.
public struct RolloutBounds: Codable, Hashable, Sendable {
    public var surge: Int
    public var unavailable: Int

    public init(surge: Int, unavailable: Int) {
        (self.surge, self.unavailable) = (surge, unavailable)
    }
}

/// What a Deployment knows of itself. Times are seconds since 1970.
public struct DeploymentFacts: Codable, Hashable, Sendable {
    public enum Strategy: String, Codable, Sendable {
        case rollingUpdate = "RollingUpdate"
        case recreate = "Recreate"
    }
    public var name: String
    public var replicas: Int
    public var strategy: Strategy
    public var maxSurge: Bound
    public var maxUnavailable: Bound
    public var paused: Bool
    /// `templateHash` of the present template.
    public var templateHash: String
    /// How many old, empty ReplicaSets are kept for an undo.
    public var revisionHistoryLimit: Int
    /// nil: a rollout may take as long as it likes.
    public var progressDeadlineSeconds: Int?
    /// The numbers that are in the status now.
    public var status: DeploymentNumbers
    /// The Progressing condition that is in the status now.
    public var progressing: RolloutCondition?
    /// The Available condition that is in the status now.
    public var available: RolloutCondition?

    public init(
        name: String, replicas: Int, strategy: Strategy = .rollingUpdate,
        maxSurge: Bound = .percent(25), maxUnavailable: Bound = .percent(25), paused: Bool = false,
        templateHash: String, revisionHistoryLimit: Int = 10, progressDeadlineSeconds: Int? = 600,
        status: DeploymentNumbers = DeploymentNumbers(), progressing: RolloutCondition? = nil,
        available: RolloutCondition? = nil
    ) {
        (self.name, self.replicas, self.strategy) = (name, replicas, strategy)
        (self.maxSurge, self.maxUnavailable, self.paused) = (maxSurge, maxUnavailable, paused)
        (self.templateHash, self.revisionHistoryLimit) = (templateHash, revisionHistoryLimit)
        (self.progressDeadlineSeconds, self.status) = (progressDeadlineSeconds, status)
        (self.progressing, self.available) = (progressing, available)
    }
}

/// One ReplicaSet that the Deployment owns: one revision of its template.
public struct RevisionFacts: Codable, Hashable, Sendable {
    public var name: String
    /// The label pod-template-hash.
    public var templateHash: String
    /// The annotation deployment.kubernetes.io/revision; 0 where there is none.
    public var revision: Int
    /// The annotation deployment.kubernetes.io/desired-replicas: what the Deployment wanted when
    /// this set was last resized.
    public var desired: Int?
    /// spec.replicas.
    public var replicas: Int
    /// status.replicas: pods that exist.
    public var pods: Int
    /// status.readyReplicas.
    public var ready: Int
    /// status.availableReplicas: ready for minReadySeconds. Only these can be counted on.
    public var available: Int
    /// status.observedGeneration is metadata.generation: the numbers above were counted after the
    /// set's last resize was seen. While they were not, they may count pods that are being deleted.
    public var observed: Bool
    /// metadata.creationTimestamp, seconds since 1970.
    public var created: Int
    /// metadata.deletionTimestamp is set.
    public var terminating: Bool

    public init(
        name: String, templateHash: String, revision: Int, desired: Int? = nil, replicas: Int,
        pods: Int = 0, ready: Int = 0, available: Int = 0, observed: Bool = true, created: Int = 0,
        terminating: Bool = false
    ) {
        (self.name, self.templateHash, self.revision) = (name, templateHash, revision)
        (self.desired, self.replicas, self.pods) = (desired, replicas, pods)
        (self.ready, self.available, self.observed) = (ready, available, observed)
        (self.created, self.terminating) = (created, terminating)
    }
}

/// All that a Deployment sees when it looks.
public struct DeploymentView: Codable, Hashable, Sendable {
    public var deployment: DeploymentFacts
    /// The ReplicaSets that it owns, in any order.
    public var sets: [RevisionFacts]
    /// Pods of the old sets that still exist, also terminating ones; the Recreate strategy waits
    /// for them.
    public var oldPodsAlive: Int
    /// Seconds since 1970.
    public var now: Int

    public init(
        deployment: DeploymentFacts, sets: [RevisionFacts], oldPodsAlive: Int = 0, now: Int
    ) {
        (self.deployment, self.sets) = (deployment, sets)
        (self.oldPodsAlive, self.now) = (oldPodsAlive, now)
    }
}
