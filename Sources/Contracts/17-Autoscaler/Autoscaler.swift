@_exported import Contract
import JSON

/// Lab 17: how many pods the load asks for.
///
/// The idea is one line: `wanted = ceil(ready pods × usage / target)`. All the rest keeps it from
/// doing harm: a tolerance, so that noise moves nothing; care about pods of which nothing is known;
/// a memory of what it recommended, so that a short lull doesn't shrink the set; and limits on how
/// fast and how far it may go.
///
/// Source: k8s.io/kubernetes pkg/controller/podautoscaler (replica_calculator.go, horizontal.go),
/// autoscaling/v2.
public protocol AutoscalerContract: Sendable {
    /// What one metric asks for.
    ///
    /// Pods that are gone take no part. The others are of three kinds: *measured* (a usage is known,
    /// and it counts), *not ready* (of cpu only: what such a pod uses is its start-up's, and set
    /// aside), *missing* (no usage is known). The value comes from the measured alone:
    ///
    /// - target in percent: `usage of all × 100 / requests of all`, whole percent, rounded down
    /// - target as an average: `usage of all / count`, rounded down
    ///
    /// With none missing, and none not ready or a value not above the target: a value within ±10 % of
    /// the target changes nothing, any other asks for `ceil(value / target × measured)`.
    ///
    /// Otherwise the unknown are filled in against the move, and the value is taken again over all.
    /// Growing: missing pods and pods not ready count as 0. Shrinking: missing pods count as using
    /// their target (in percent: at least their whole request), pods not ready are left out. Where the
    /// new value is within the tolerance or on the other side of the target, or the number it asks
    /// for is on the other side of `current`, nothing changes.
    ///
    /// | pods | usage of each (request 100m) | target | wanted |
    /// |---|---|---|---|
    /// | 3 | 90m | 50 % | ceil(1.8 × 3) = 6 |
    /// | 3 | 54m | 50 % | 3: 1.08 is within the tolerance |
    /// | 4 | 10m | 50 % | ceil(0.2 × 4) = 1 |
    /// | 3, one missing | 90m | 50 % | growing: 180m of 300m are 60 %, ceil(1.2 × 3) = 4 |
    /// - Throws: `NoMetrics` when no pod is measured, or a pod has no request and the target is a
    ///   percentage.
    func recommend(_ metric: MetricFacts, current: Int) throws -> Recommendation

    /// What is followed of the metrics' wishes: the highest.
    ///
    /// A metric that can't be had has no wish (nil). With one such, nothing shrinks: it might have
    /// asked for more.
    /// - Returns: nil where nothing is to change for want of metrics.
    func choose(among wishes: [Int?], current: Int) throws -> Int?

    /// The number of pods after a look at the past recommendations.
    ///
    /// Start from `current`. If it is lower than every recommendation of the last `up.windowSeconds`
    /// (the new one included), rise to the lowest of them; if it is higher than every recommendation
    /// of the last `down.windowSeconds`, fall to the highest of them. So a rise waits until all of its
    /// window asks for it, and a fall likewise. A recommendation that is exactly a window old is out.
    ///
    /// Current 5, down window 300 s, recommendations 5 (200 s ago), 3 (100 s ago), now 2: 5. Had again
    /// 150 s later: 3.
    func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int

    /// The number nearest to `wanted` that is not outside minReplicas...maxReplicas.
    func bounded(_ wanted: Int, view: AutoscalerView) throws -> Int

    /// The number of pods allowed at this moment by the rate policies, and by the bounds.
    ///
    /// For each policy, take the number at the start of its period (`current`, less what was added in
    /// the period, plus what was taken away), and allow that ± `value` pods, or ± `value` percent (up:
    /// rounded up; down: rounded down). `select` Max takes the policy that allows the most change, Min
    /// the least, Disabled allows none. A change that is exactly a period old is out. The policies
    /// never turn a move around: what was done is not undone because it was too much.
    ///
    /// Current 2, wanted 20, policies 4 pods or 100 % in 15 s: 6. With 4 added 10 s ago (current 6):
    /// still 6.
    func limit(_ stabilised: Int, view: AutoscalerView) throws -> Int

    /// One look at the world, and what to do: recommend, choose, stabilise, limit.
    ///
    /// A target with 0 replicas is switched off by hand and left alone. One outside
    /// minReplicas...maxReplicas is brought inside at once.
    func plan(_ view: AutoscalerView) throws -> AutoscalerPlan
}

/// The part of lab 17: the contract, made anew by the program that serves it.
public protocol AutoscalerPart: Part, AutoscalerContract {}

/// Given: a ratio that differs from 1 by at most so many percent changes nothing
/// (--horizontal-pod-autoscaler-tolerance).
public let autoscalerTolerancePercent = 10

/// A metric says nothing about the number of pods, and why.
public struct NoMetrics: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// One pod of the target, and one measurement of it. Cpu in millicores, memory in bytes.
public struct PodSample: Codable, Hashable, Sendable {
    public var name: String
    /// Failed, or being deleted: takes no part.
    public var gone: Bool
    /// Not pending, and its Ready condition is True.
    public var ready: Bool
    /// nil: no measurement.
    public var usage: Int?
    /// The sum of its containers' requests; nil if one of them has none.
    public var request: Int?

    public init(name: String, gone: Bool = false, ready: Bool = true, usage: Int?, request: Int?) {
        (self.name, self.gone, self.ready) = (name, gone, ready)
        (self.usage, self.request) = (usage, request)
    }
}

/// One metric of the autoscaler, and what is known about it.
public struct MetricFacts: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable {
        /// Percent of the requests (`averageUtilization`).
        case utilization = "Utilization"
        /// Millicores or bytes a pod (`averageValue`).
        case averageValue = "AverageValue"
    }
    /// `cpu` or `memory`.
    public var resource: String
    public var kind: Kind
    public var target: Int
    public var pods: [PodSample]

    public init(resource: String, kind: Kind, target: Int, pods: [PodSample]) {
        (self.resource, self.kind, self.target, self.pods) = (resource, kind, target, pods)
    }
}

/// What one metric asks for.
public struct Recommendation: Codable, Hashable, Sendable {
    public var replicas: Int
    /// The measured pods' usage in percent of their requests, rounded down; nil for averageValue.
    public var utilization: Int?
    /// The measured pods' mean usage, millicores or bytes, rounded down.
    public var averageValue: Int

    public init(replicas: Int, utilization: Int?, averageValue: Int) {
        (self.replicas, self.utilization, self.averageValue) = (replicas, utilization, averageValue)
    }
}

/// How fast, and after how long, one direction may go (`behavior.scaleUp`, `behavior.scaleDown`).
public struct ScalingRules: Codable, Hashable, Sendable {
    public enum Select: String, Codable, Sendable {
        case max = "Max"
        case min = "Min"
        case disabled = "Disabled"
    }
    public struct Policy: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Sendable {
            case pods = "Pods"
            case percent = "Percent"
        }
        public var kind: Kind
        public var value: Int
        public var periodSeconds: Int

        public init(_ kind: Kind, _ value: Int, periodSeconds: Int) {
            (self.kind, self.value, self.periodSeconds) = (kind, value, periodSeconds)
        }
    }
    /// stabilizationWindowSeconds.
    public var windowSeconds: Int
    public var select: Select
    public var policies: [Policy]

    public init(windowSeconds: Int, select: Select = .max, policies: [Policy]) {
        (self.windowSeconds, self.select, self.policies) = (windowSeconds, select, policies)
    }

    /// autoscaling/v2's default: at once, by 4 pods or 100 % in 15 s, whichever is more.
    public static let defaultUp = ScalingRules(
        windowSeconds: 0,
        policies: [.init(.pods, 4, periodSeconds: 15), .init(.percent, 100, periodSeconds: 15)])
    /// autoscaling/v2's default: to the highest recommendation of the last 300 s, by any number.
    public static let defaultDown = ScalingRules(
        windowSeconds: 300, policies: [.init(.percent, 100, periodSeconds: 15)])
}

/// A number and when it was: a past recommendation, or a past change (+4, -1).
public struct Past: Codable, Hashable, Sendable {
    public var value: Int
    /// Seconds since 1970.
    public var at: Int

    public init(_ value: Int, at: Int) { (self.value, self.at) = (value, at) }
}

/// All that an autoscaler sees when it looks.
public struct AutoscalerView: Codable, Hashable, Sendable {
    public var minReplicas: Int
    public var maxReplicas: Int
    /// The target's spec.replicas.
    public var current: Int
    public var metrics: [MetricFacts]
    public var up: ScalingRules
    public var down: ScalingRules
    /// What was recommended before stabilising, oldest first.
    public var recommendations: [Past]
    /// What was changed, oldest first: +4, -1.
    public var changes: [Past]
    /// Seconds since 1970.
    public var now: Int

    public init(
        minReplicas: Int = 1, maxReplicas: Int, current: Int, metrics: [MetricFacts],
        up: ScalingRules = .defaultUp, down: ScalingRules = .defaultDown,
        recommendations: [Past] = [], changes: [Past] = [], now: Int
    ) {
        (self.minReplicas, self.maxReplicas, self.current) = (minReplicas, maxReplicas, current)
        (self.metrics, self.up, self.down) = (metrics, up, down)
        (self.recommendations, self.changes, self.now) = (recommendations, changes, now)
    }
}

/// What an autoscaler does after a look. The controller writes the scale, and only when that went
/// well keeps `changes`.
public struct AutoscalerPlan: Codable, Hashable, Sendable {
    /// A condition of the status: `AbleToScale`, `ScalingActive` or `ScalingLimited`.
    public struct Condition: Codable, Hashable, Sendable {
        public var type: String
        /// `True` or `False`.
        public var status: String
        public var reason: String
        public var message: String

        public init(_ type: String, _ status: String, _ reason: String, _ message: String) {
            (self.type, self.status, self.reason, self.message) = (type, status, reason, message)
        }
    }
    public var replicas: Int
    /// For the event: `cpu resource utilization (percentage of request) above target`. Empty if
    /// nothing changes.
    public var reason: String
    /// By metric, in the order of the view; nil where a metric said nothing.
    public var metrics: [Recommendation?]
    /// To be kept for the next look (older ones than both windows are dropped).
    public var recommendations: [Past]
    public var changes: [Past]
    public var conditions: [Condition]

    public init(
        replicas: Int, reason: String = "", metrics: [Recommendation?] = [],
        recommendations: [Past] = [], changes: [Past] = [], conditions: [Condition] = []
    ) {
        (self.replicas, self.reason, self.metrics) = (replicas, reason, metrics)
        (self.recommendations, self.changes) = (recommendations, changes)
        self.conditions = conditions
    }
}
