import JSON
import Objects

// What becomes of a node that is not heard from, and of the pods on it: pure.

/// The times of node lifecycle, in seconds.
public struct NodeTimes: Sendable {
    /// How often nodes are looked at.
    public var monitorPeriod: Int
    /// Without a heartbeat for so long, a node is Unknown.
    public var grace: Int
    /// How long a pod that says nothing about it stays bound to a node that is not ready.
    public var eviction: Int

    public init(monitorPeriod: Int = 5, grace: Int = 40, eviction: Int = 300) {
        (self.monitorPeriod, self.grace, self.eviction) = (monitorPeriod, grace, eviction)
    }
}

/// When a node was last heard from, by our own clock: its Lease or its status changed.
///
/// The times that nodes write are their own clocks', so only the fact of a change counts.
public struct Heartbeats {
    private struct Seen {
        var marks: [String?]
        var at: Timestamp
    }
    private var seen: [String: Seen] = [:]

    public init() {}

    /// Notes what a node shows now, and gives the seconds since that last changed.
    public mutating func silence(of node: Node, lease: Lease?, now: Timestamp) -> Int {
        let heartbeat = node.status?.condition("Ready")?.lastHeartbeatTime
        let marks = [
            node.metadata.uid, lease?.spec?.renewTime?.description, heartbeat?.description,
        ]
        let name = node.metadata.name
        if seen[name]?.marks != marks { seen[name] = Seen(marks: marks, at: now) }
        return now.seconds - seen[name]!.at.seconds
    }

    public mutating func forget(allBut names: Set<String>) {
        seen = seen.filter { names.contains($0.key) }
    }
}

public enum NodeTaint {
    public static let notReady = "node.kubernetes.io/not-ready"
    public static let unreachable = "node.kubernetes.io/unreachable"
    public static let unschedulable = "node.kubernetes.io/unschedulable"
    /// Set and taken away by the controller alone.
    public static let managed: Set<String> = [notReady, unreachable, unschedulable]
}

/// The taints that a node should have; those it has already keep the time since when.
///
/// Ready False: not-ready; Unknown: unreachable; each against new pods and against those that run. Cordoned: unschedulable.
public func wantedTaints(of node: Node, now: Timestamp) -> [Taint] {
    var wanted: [Taint] = []
    switch node.status?.condition("Ready")?.status {
    case "True": break
    case "Unknown":
        wanted = ["NoSchedule", "NoExecute"].map { Taint(key: NodeTaint.unreachable, effect: $0) }
    default:
        wanted = ["NoSchedule", "NoExecute"].map { Taint(key: NodeTaint.notReady, effect: $0) }
    }
    if node.spec?.unschedulable == true {
        wanted.append(Taint(key: NodeTaint.unschedulable, effect: "NoSchedule"))
    }
    let present = node.spec?.taints ?? []
    // Whoever is to leave has to know since when; kubectl taint doesn't say.
    let others = present.filter { !NodeTaint.managed.contains($0.key) }.map { taint in
        var taint = taint
        if taint.effect == "NoExecute" { taint.timeAdded = taint.timeAdded ?? now }
        return taint
    }
    return others
        + wanted.map { taint in
            var taint = taint
            taint.timeAdded =
                present.first { $0.key == taint.key && $0.effect == taint.effect }?.timeAdded ?? now
            return taint
        }
}

/// The node's conditions once nothing has been heard of it for too long.
public func unknownConditions(of node: Node, now: Timestamp) -> [Condition] {
    (node.status?.conditions ?? [Condition(type: "Ready", status: "False")])
        .filter { $0.status != "Unknown" }
        .map { old in
            var condition = old
            condition.status = "Unknown"
            condition.reason = "NodeStatusUnknown"
            condition.message = "Kubelet stopped posting node status."
            condition.lastTransitionTime = now
            return condition
        }
}

/// When a pod has to leave its node, by the node's NoExecute taints; nil where it may stay.
///
/// Each taint counts from when it was set, or the pod came later; the shortest of the pod's tolerations for it
/// decides. A pod that does not tolerate a user's taint leaves at once.
/// - Parameter eviction: seconds for a pod that says nothing about a node that is not ready.
public func evictionTime(of pod: Pod, from node: Node, eviction: Int) -> Timestamp? {
    let taints = (node.spec?.taints ?? []).filter { $0.effect == "NoExecute" }
    let times = taints.compactMap { taint -> Timestamp? in
        guard let added = taint.timeAdded else { return nil }
        let since = max(added, pod.status?.startTime ?? pod.metadata.creationTimestamp ?? added)
        let tolerations = (pod.spec.tolerations ?? []).filter { tolerates($0, taint) }
        if tolerations.isEmpty {
            return since.adding(seconds: NodeTaint.managed.contains(taint.key) ? eviction : 0)
        }
        let seconds = tolerations.compactMap(\.tolerationSeconds).min()
        return seconds.map { since.adding(seconds: max(0, bounded($0))) }
    }
    return times.min()
}

func tolerates(_ toleration: Toleration, _ taint: Taint) -> Bool {
    if let effect = toleration.effect, !effect.isEmpty, effect != taint.effect { return false }
    if let key = toleration.key, !key.isEmpty, key != taint.key { return false }
    if toleration.operator == "Exists" { return true }
    return toleration.key == taint.key && (toleration.value ?? "") == (taint.value ?? "")
}
