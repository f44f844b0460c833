import ContractSelectors

/// The open step: what must hold of every ReplicaSet.
public struct SelectorsTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any SelectorsContract {
        RemoteSelectors(asking: asker)
    }

    /// Tries a ReplicaSet's part; `expect` throws where it is wrong.
    public func test(_ part: any SelectorsContract) throws {
        // step 09.9 begin
        try selectors(part)
        try owners(part)
        try ranks(part)
        try numbers(part)
        // step 09.9 end
    }

    private func selectors(_ part: any SelectorsContract) throws {
        let notWeb = Selector(matchExpressions: [.init("app", .notIn, ["web"])])
        try expect(part.matches(notWeb, labels: [:]), "NotIn holds where there is no such label")
        let named = Selector(matchExpressions: [.init("app", .exists)])
        try expect(part.matches(named, labels: ["app": ""]), "Exists takes an empty value")
        let both = Selector(matchLabels: ["app": "web", "tier": "front"])
        try expect(!part.matches(both, labels: ["app": "web"]), "all labels are asked for")
        try expect(
            part.matches(set.selector, labels: ["app": "web", "more": "x"]), "more do no harm")
        try expect(!part.counts(pod("a", phase: .succeeded)), "a pod that has ended does not count")
        try expect(part.counts(pod("a", phase: .pending)), "a pod that starts counts")
    }

    private func owners(_ part: any SelectorsContract) throws {
        let pods = [
            pod("mine"), pod("stray", app: "db"), pod("orphan", owner: nil),
            pod("foreign", owner: "u2"), pod("dying", owner: nil, terminating: true),
        ]
        let wanted = Claim(mine: ["mine"], adopt: ["orphan"], release: ["stray"])
        try expect(
            part.claim(set, pods: pods) == wanted,
            "orphans are adopted, strays released, others left alone")
        var going = set
        going.terminating = true
        try expect(
            part.claim(going, pods: pods) == Claim(mine: ["mine"]),
            "a set that is being deleted adopts and releases nothing")
        let birth = try part.newPod(set)
        try expect(birth.labels == set.templateLabels, "labels come from the template")
        try expect(birth.owner.uid == "u1" && birth.owner.controller, "the set is its controller")
    }

    private func ranks(_ part: any SelectorsContract) throws {
        var pods = ["old", "young", "fresh", "crowded", "cheap", "unready"].map { pod($0) }
        pods[1].created = 1
        pods[2].readySince = 1
        pods[3].node = "node-2"
        pods[4].deletionCost = -1
        (pods[5].readySince, pods[5].deletionCost) = (nil, 9)
        try expect(
            part.deletionOrder(pods, podsOnNode: ["node-1": 1, "node-2": 2])
                == ["unready", "cheap", "crowded", "fresh", "young", "old"],
            "not ready, cheap, on a crowded node, ready for less time, young: in this order")
    }

    private func numbers(_ part: any SelectorsContract) throws {
        func plan(_ pods: [PodFacts], _ set: ReplicaSetFacts, _ open: Expectations? = nil) throws
            -> ReplicaSetPlan
        {
            try part.plan(
                ReplicaSetView(set: set, pods: pods, expectations: open ?? .init(), now: 10))
        }
        let few = try plan([pod("a")], set)
        try expect(few.create == 2, "what is missing is created")
        try expect(
            plan([pod("a")], set, few.expectations).create == 0, "not twice on a stale cache")
        let many = try plan(["a", "b", "c", "d"].map { pod($0) }, set)
        try expect(many.expectations.deletions == ["uid-a"], "the deletion of a UID is expected")
        var (going, huge) = (set, set)
        (going.terminating, huge.replicas) = (true, 900)
        try expect(plan([], going).create == 0, "a set that is being deleted creates nothing")
        try expect(plan([], huge).create == ReplicaSetPlan.burst, "a look has its bound")
        let open = Expectations(creations: 2, deletions: ["a", "b"])
        let born = try part.observe(open, PodEvent(.created, uid: "c"))
        try expect(born.creations == 1, "one creation seen leaves one")
        let gone = try part.observe(open, PodEvent(.deleted, uid: "x"))
        try expect(gone == open, "a deletion that nobody waits for changes nothing")
        let none = try part.observe(Expectations(), PodEvent(.created, uid: "c"))
        try expect(none.creations == 0, "never below zero")
    }

    /// Wants three pods with the label `app=web`.
    let set = ReplicaSetFacts(
        name: "web-5d8f", uid: "u1", selector: Selector(matchLabels: ["app": "web"]),
        templateLabels: ["app": "web", "pod-template-hash": "5d8f"], replicas: 3)

    /// A pod of that set, but for what is said otherwise.
    func pod(
        _ name: String, app: String = "web", owner: String? = "u1",
        phase: PodFacts.Phase = .running, terminating: Bool = false
    ) -> PodFacts {
        PodFacts(
            name: name, uid: "uid-\(name)", labels: ["app": app], controllerUID: owner,
            phase: phase, terminating: terminating, node: "node-1",
            readySince: phase == .running ? 0 : nil)
    }
}
