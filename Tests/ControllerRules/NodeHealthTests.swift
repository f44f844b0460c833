import ControllerRules
import Objects
import Testing

private let start = Timestamp(seconds: 1_000_000)

private func node(ready: String, taints: [Taint] = [], cordoned: Bool = false) -> Node {
    var node = Node(metadata: ObjectMeta(name: "node-1"))
    node.status = NodeStatus()
    node.status?.conditions = [Condition(type: "Ready", status: ready)]
    node.spec = NodeSpec()
    node.spec?.taints = taints
    node.spec?.unschedulable = cordoned
    return node
}

@Suite struct NodeHealthTests {
    @Test func `silence is counted by our own clock since the lease last changed`() {
        var heartbeats = Heartbeats()
        var lease = Lease(metadata: ObjectMeta(name: "node-1"), spec: LeaseSpec())
        // The node's clock is a year behind: that must not matter.
        lease.spec?.renewTime = start.adding(seconds: -31_536_000)
        let node = node(ready: "True")
        let change19 = heartbeats.silence(of: node, lease: lease, now: start)
        #expect(change19 == 0)
        let change20 = heartbeats.silence(of: node, lease: lease, now: start.adding(seconds: 39))
        #expect(change20 == 39)
        lease.spec?.renewTime = start.adding(seconds: -31_535_990)
        let change21 = heartbeats.silence(of: node, lease: lease, now: start.adding(seconds: 40))
        #expect(change21 == 0)
    }

    @Test func `a taint keeps the time since when, and other people's taints stay`() {
        let own = Taint(key: "team", value: "a", effect: "NoSchedule")
        let first = wantedTaints(of: node(ready: "Unknown", taints: [own]), now: start)
        #expect(first.map(\.key) == ["team", NodeTaint.unreachable, NodeTaint.unreachable])
        let later = wantedTaints(
            of: node(ready: "Unknown", taints: first), now: start.adding(seconds: 60))
        #expect(later == first)
        #expect(wantedTaints(of: node(ready: "True", taints: first), now: start) == [own])
    }

    @Test func `a cordoned node is tainted as unschedulable`() {
        let taints = wantedTaints(of: node(ready: "True", cordoned: true), now: start)
        #expect(taints.map(\.key) == [NodeTaint.unschedulable])
    }

    @Test func `a pod leaves after its toleration's time, and one that tolerates for ever stays`() {
        var silent = node(ready: "Unknown")
        let taints = wantedTaints(of: silent, now: start)
        silent.spec?.taints = taints
        var pod = Pod()
        #expect(evictionTime(of: pod, from: silent, eviction: 300) == start.adding(seconds: 300))
        var toleration = Toleration()
        (toleration.key, toleration.operator) = (NodeTaint.unreachable, "Exists")
        toleration.tolerationSeconds = 20
        pod.spec.tolerations = [toleration]
        #expect(evictionTime(of: pod, from: silent, eviction: 300) == start.adding(seconds: 20))
        pod.spec.tolerations?[0].tolerationSeconds = nil
        #expect(evictionTime(of: pod, from: silent, eviction: 300) == nil)
    }

    @Test func `a user's NoExecute taint drives out at once who doesn't tolerate it`() {
        var healthy = node(
            ready: "True",
            taints: [
                Taint(key: "repair", value: "now", effect: "NoExecute"),
                Taint(key: "team", effect: "NoSchedule"),
            ])
        let taints = wantedTaints(of: healthy, now: start)
        #expect(taints.map(\.timeAdded) == [start, nil])
        healthy.spec?.taints = taints
        #expect(
            wantedTaints(of: healthy, now: start.adding(seconds: 9)) == taints,
            "the time stays that it was first seen")
        var pod = Pod()
        #expect(evictionTime(of: pod, from: healthy, eviction: 300) == start)
        var toleration = Toleration()
        (toleration.key, toleration.operator, toleration.value) = ("repair", "Equal", "now")
        toleration.tolerationSeconds = 20
        pod.spec.tolerations = [toleration]
        #expect(evictionTime(of: pod, from: healthy, eviction: 300) == start.adding(seconds: 20))
        pod.metadata.creationTimestamp = start.adding(seconds: 1000)
        #expect(
            evictionTime(of: pod, from: healthy, eviction: 300) == start.adding(seconds: 1020),
            "who comes later has his time too")
        pod.spec.tolerations?[0].tolerationSeconds = Int.max
        #expect(evictionTime(of: pod, from: healthy, eviction: 300) != nil)
    }
}
