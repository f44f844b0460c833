import ContractScheduler
import SolutionScheduler
import Testing

@Suite struct SchedulerTests {
    private let part = Scheduler()
    private func node(_ name: String, cpu: Int = 1000, requested: Int = 0) -> NodeFacts {
        NodeFacts(
            name: name, allocatable: ["cpu": cpu, "memory": 1 << 30],
            requested: ["cpu": requested, "memory": 0])
    }
    private func pod(cpu: Int = 100) -> PodRequest {
        PodRequest(namespace: "default", name: "web", requests: ["cpu": cpu, "memory": 1 << 20])
    }

    @Test func theReasonsAreKubeSchedulersOwn() throws {
        let nodes = (1...3).map { node("node-\($0)", cpu: 50) }
        #expect(
            try part.place(pod(), nodes: nodes).message
                == "0/3 nodes are available: 3 Insufficient cpu.")
        var mixed = nodes
        mixed[0].unschedulable = true
        mixed[1].taints = [TaintFacts(key: "gpu", value: "yes", effect: "NoSchedule")]
        mixed[2].allocatable["memory"] = 1
        #expect(
            try part.place(pod(), nodes: mixed).message
                == "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, "
                + "1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable.")
        #expect(try part.place(pod(), nodes: []).message == "no nodes available to schedule pods")
    }

    @Test func aNodeThatIsNotReadyOrLacksTheLabelOrIsFullIsOut() throws {
        var sick = node("a")
        sick.ready = false
        #expect(
            try part.reasonsAgainst(pod(), on: sick)
                == ["node(s) had untolerated taint {node.kubernetes.io/not-ready: }"])
        var picky = pod()
        picky.nodeSelector = ["disk": "ssd"]
        #expect(
            try part.reasonsAgainst(picky, on: node("a"))
                == ["node(s) didn't match Pod's node affinity/selector"])
        var full = node("a")
        (full.pods, full.podsMax) = (2, 2)
        #expect(try part.reasonsAgainst(pod(), on: full) == ["Too many pods"])
    }

    @Test func aToleratedTaintIsNoReason() throws {
        var tainted = node("a")
        tainted.taints = [TaintFacts(key: "gpu", value: "yes", effect: "NoSchedule")]
        var tolerant = pod()
        for toleration in [
            TolerationFacts(key: "gpu", value: "yes"), .init(key: "gpu", exists: true),
            .init(exists: true),
        ] {
            tolerant.tolerations = [toleration]
            #expect(try part.reasonsAgainst(tolerant, on: tainted) == [])
        }
        tolerant.tolerations = [TolerationFacts(key: "gpu", value: "no")]
        #expect(try part.reasonsAgainst(tolerant, on: tainted).count == 1)
    }

    @Test func podsOfOneOwnerSpreadAndOtherwiseTheEmptiestNodeWins() throws {
        #expect(
            try part.place(pod(), nodes: [node("a", requested: 500), node("b", requested: 100)])
                .node == "b")
        var (crowded, free) = (node("a"), node("b", requested: 500))
        (crowded.siblings, free.siblings) = (2, 1)
        #expect(try part.place(pod(), nodes: [crowded, free]).node == "b")
        #expect(try part.place(pod(), nodes: [node("b"), node("a")]).node == "a")
    }
}
