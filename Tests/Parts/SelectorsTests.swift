import ContractSelectors
import SolutionSelectors
import Testing

@Suite struct SelectorsTests {
    private let part = Selectors()
    private let set = ReplicaSetFacts(
        name: "web-5d8f", uid: "u1", selector: Selector(matchLabels: ["app": "web"]),
        templateLabels: ["app": "web", "pod-template-hash": "5d8f"], replicas: 3)

    private func pod(
        _ name: String, labels: [String: String] = ["app": "web"], owner: String? = "u1",
        phase: PodFacts.Phase = .running, terminating: Bool = false, node: String? = "node-1",
        readySince: Int? = 0, cost: Int = 0, restarts: Int = 0, created: Int = 0
    ) -> PodFacts {
        PodFacts(
            name: name, uid: "uid-\(name)", labels: labels, controllerUID: owner, phase: phase,
            terminating: terminating, node: node, readySince: readySince, deletionCost: cost,
            restarts: restarts, created: created)
    }

    @Test(
        "The contract's table of requirements holds",
        arguments: [
            (Selector.Requirement("app", .in, ["web", "api"]), [true, false, false]),
            (.init("app", .notIn, ["web", "api"]), [false, true, true]),
            (.init("app", .exists), [true, true, false]),
            (.init("app", .doesNotExist), [false, false, true]),
        ])
    func requirements(requirement: Selector.Requirement, expected: [Bool]) throws {
        let labels = [["app": "web"], ["app": "db"], ["tier": "back"]]
        let selector = Selector(matchExpressions: [requirement])
        #expect(try labels.map { try part.matches(selector, labels: $0) } == expected)
    }

    @Test func anEmptySelectorSelectsEverythingAndAllRequirementsMustHold() throws {
        #expect(try part.matches(Selector(), labels: [:]))
        let both = Selector(matchLabels: ["app": "web"], matchExpressions: [.init("tier", .exists)])
        #expect(try !part.matches(both, labels: ["app": "web"]))
        #expect(try part.matches(both, labels: ["app": "web", "tier": "front"]))
    }

    @Test func aPodThatIsGoingOrHasEndedDoesNotCountAndOneThatIsNotReadyDoes() throws {
        #expect(try !part.counts(pod("a", terminating: true)))
        #expect(try !part.counts(pod("a", phase: .failed)))
        #expect(try !part.counts(pod("a", phase: .succeeded)))
        #expect(try part.counts(pod("a", phase: .pending, readySince: nil)))
    }

    @Test func orphansAreAdoptedStrayPodsReleasedAndOthersLeftAlone() throws {
        let pods = [
            pod("mine"), pod("stray", labels: ["app": "db"]), pod("orphan", owner: nil),
            pod("foreign", owner: "u2"), pod("dying", owner: nil, terminating: true),
        ]
        let claim = try part.claim(set, pods: pods)
        #expect(claim == Claim(mine: ["mine"], adopt: ["orphan"], release: ["stray"]))
        var going = set
        going.terminating = true
        #expect(try part.claim(going, pods: pods) == Claim(mine: ["mine"]))
    }

    @Test func podsGoInTheOrderOfActivePodsWithRanks() throws {
        let pods = [
            pod("young", created: 9), pod("old", created: 1), pod("restarted", restarts: 3),
            pod("fresh", readySince: 5), pod("crowded", node: "node-2"), pod("cheap", cost: -1),
            pod("unready", readySince: nil), pod("unknown", phase: .unknown),
            pod("pending", phase: .pending), pod("unplaced", node: nil),
        ]
        let order = try part.deletionOrder(pods.reversed(), podsOnNode: ["node-1": 1, "node-2": 2])
        #expect(
            order == [
                "unplaced", "pending", "unknown", "unready", "cheap", "crowded", "fresh",
                "restarted", "young", "old",
            ])
    }

    @Test func aNewPodHasTheTemplatesLabelsAndItsOwner() throws {
        let birth = try part.newPod(set)
        #expect(birth.generateName == "web-5d8f-")
        #expect(birth.labels == ["app": "web", "pod-template-hash": "5d8f"])
        #expect(
            birth.owner.uid == "u1" && birth.owner.controller && birth.owner.kind == "ReplicaSet")
    }

    @Test func whatIsMissingIsCreatedAndNotOnceMoreOnAStaleCache() throws {
        let first = try part.plan(ReplicaSetView(set: set, pods: [pod("a")], now: 10))
        #expect(first.create == 2)
        var stale = ReplicaSetView(
            set: set, pods: [pod("a")], expectations: first.expectations, now: 11)
        #expect(try part.plan(stale).create == 0)
        stale.expectations = try part.observe(first.expectations, PodEvent(.created, uid: "uid-b"))
        #expect(try part.plan(stale).create == 0)
        stale.now = 10 + Expectations.patienceSeconds
        #expect(try part.plan(stale).create == 2)
    }

    @Test func tooManyAreDeletedOnceAndNoLongerCountedAsAvailable() throws {
        let pods = (1...5).map { pod("p\($0)", created: $0) }
        let plan = try part.plan(ReplicaSetView(set: set, pods: pods, now: 100))
        #expect(plan.delete == ["p5", "p4"])
        #expect(plan.status.available == 3)
        let again = ReplicaSetView(set: set, pods: pods, expectations: plan.expectations, now: 101)
        #expect(try part.plan(again).delete == [])
        #expect(try part.plan(again).status.available == 3)
    }

    @Test func aReadyPodIsAvailableAfterMinReadySecondsAndTheSetLooksAgainThen() throws {
        var patient = set
        patient.minReadySeconds = 10
        let pods = [pod("a", readySince: 95), pod("b", readySince: 85), pod("c", readySince: nil)]
        let plan = try part.plan(ReplicaSetView(set: patient, pods: pods, now: 100))
        #expect(
            plan.status == ReplicaSetNumbers(replicas: 3, fullyLabeled: 0, ready: 2, available: 1))
        #expect(plan.againInSeconds == 5)
    }
}
