import Contracts

/// The open step: what must hold of every ReplicaSet.
public struct SelectorsTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any SelectorsContract {
        RemoteSelectors(asking: asker)
    }

    /// Tries a ReplicaSet's part; `expect` throws where it is wrong.
    public func test(_ part: any SelectorsContract) throws {
        // step 09.9 begin
        let notWeb = Selector(matchExpressions: [.init("app", .notIn, ["web"])])
        try expect(part.matches(notWeb, labels: [:]), "NotIn holds where there is no such label")
        try expect(
            !part.matches(set.selector, labels: ["tier": "x"]), "matchLabels wants the label")
        try expect(!part.counts(pod("a", phase: .succeeded)), "a pod that has ended does not count")
        try expect(part.counts(pod("a", phase: .pending)), "a pod that starts counts")
        let pods = [
            pod("mine"), pod("stray", app: "db"), pod("orphan", owner: nil),
            pod("foreign", owner: "u2"), pod("dying", owner: nil, terminating: true),
        ]
        try expect(
            part.claim(set, pods: pods)
                == Claim(mine: ["mine"], adopt: ["orphan"], release: ["stray"]),
            "orphans are adopted, strays released, others left alone")
        let order = [pod("old", created: 1), pod("young", created: 2), pod("new", phase: .pending)]
        try expect(
            part.deletionOrder(order, podsOnNode: [:]) == ["new", "young", "old"],
            "pending goes first, then the younger")
        try expect(part.newPod(set).labels == set.templateLabels, "labels come from the template")
        try expect(part.newPod(set).owner.controller, "the owner is the controller")
        let first = try part.plan(ReplicaSetView(set: set, pods: [pod("a")], now: 10))
        try expect(first.create == 2, "what is missing is created")
        let stale = ReplicaSetView(
            set: set, pods: [pod("a")], expectations: first.expectations, now: 11)
        try expect(part.plan(stale).create == 0, "and not once more while the cache is behind")
        let seen = try part.observe(first.expectations, PodEvent(.created, uid: "b"))
        try expect(seen.creations == 1, "one creation seen leaves one")
        // step 09.9 end
    }

    /// Wants three pods with the label `app=web`.
    let set = ReplicaSetFacts(
        name: "web-5d8f", uid: "u1", selector: Selector(matchLabels: ["app": "web"]),
        templateLabels: ["app": "web", "pod-template-hash": "5d8f"], replicas: 3)

    /// A pod of that set, but for what is said otherwise.
    func pod(
        _ name: String, app: String = "web", owner: String? = "u1",
        phase: PodFacts.Phase = .running, terminating: Bool = false, created: Int = 0
    ) -> PodFacts {
        PodFacts(
            name: name, uid: "uid-\(name)", labels: ["app": app], controllerUID: owner,
            phase: phase, terminating: terminating, node: "node-1",
            readySince: phase == .running ? 0 : nil, created: created)
    }
}
