import ContractRollout
import JSON
import SolutionRollout
import Testing

@Suite struct RolloutTests {
    private let part = Rollout()

    private func deployment(_ replicas: Int, surge: Bound = .pods(1), unavailable: Bound = .pods(0))
        -> DeploymentFacts
    {
        DeploymentFacts(
            name: "web", replicas: replicas, maxSurge: surge, maxUnavailable: unavailable,
            templateHash: "new")
    }
    private func set(
        _ hash: String, _ replicas: Int, available: Int? = nil, revision: Int = 1, created: Int = 1
    )
        -> RevisionFacts
    {
        RevisionFacts(
            name: "web-\(hash)", templateHash: hash, revision: revision, desired: nil,
            replicas: replicas, pods: replicas, ready: available ?? replicas,
            available: available ?? replicas, created: created)
    }
    private func view(_ deployment: DeploymentFacts, _ sets: RevisionFacts...) -> DeploymentView {
        DeploymentView(deployment: deployment, sets: sets, now: 1000)
    }

    @Test func theHashIsFNV1aInKubernetesLetters() throws {
        #expect(try part.templateHash("", collisionCount: nil) == "65bb57b6b5")
        // FNV-1a of "a" is 0xe40c292c = 3826002220.
        #expect(try part.templateHash("a", collisionCount: nil) == "7d6b446664")
        #expect(
            try part.templateHash("a", collisionCount: 1)
                != part.templateHash("a", collisionCount: nil))
    }

    @Test func theTextOfATemplateDoesNotDependOnOrderNullsOrTheHashLabel() throws {
        let one = try JSON(
            parsing: Array(
                #"{"spec":{"b":1,"a":null},"metadata":{"labels":{"x":"y","pod-template-hash":"5"}}}"#
                    .utf8))
        let other = try JSON(
            parsing: Array(#"{"metadata":{"labels":{"x":"y"}},"spec":{"b":1}}"#.utf8))
        #expect(canonicalTemplate(one) == canonicalTemplate(other))
        #expect(canonicalTemplate(one) == #"{"metadata":{"labels":{"x":"y"}},"spec":{"b":1}}"#)
    }

    @Test(
        "Surge is rounded up, unavailable down, and one of them is never nothing",
        arguments: [
            (3, "25%", "25%", 1, 0), (10, "25%", "25%", 3, 2), (10, "0", "5%", 0, 1),
            (4, "1", "0", 1, 0),
            (1, "25%", "25%", 1, 0), (5, "0", "0", 0, 1), (8, "50%", "100%", 4, 8),
        ])
    func bounds(replicas: Int, surge: String, unavailable: String, up: Int, down: Int) throws {
        let bounds = try part.bounds(
            replicas: replicas, maxSurge: try #require(Bound(surge)),
            maxUnavailable: try #require(Bound(unavailable)))
        #expect(bounds == RolloutBounds(surge: up, unavailable: down))
    }

    @Test func theNewSetGrowsToTheSurgeAndTheOldOneWaitsForIt() throws {
        let three = deployment(3)
        #expect(
            try part.roll(view(three, set("old", 3), set("new", 0))) == [
                Resize("web-new", from: 0, to: 1)
            ])
        #expect(try part.roll(view(three, set("old", 3), set("new", 1, available: 0))) == [])
        #expect(
            try part.roll(view(three, set("old", 3), set("new", 1))) == [
                Resize("web-old", from: 3, to: 2)
            ])
    }

    @Test func brokenOldPodsGoFirstAndOldestSetsFirst() throws {
        let six = deployment(6, surge: .pods(2), unavailable: .pods(1))
        let sets = view(
            six, set("a", 3, available: 1, created: 1), set("b", 2, created: 2),
            set("new", 3, created: 3))
        #expect(try part.roll(sets) == [Resize("web-a", from: 3, to: 1)])
    }

    @Test func aStatusOlderThanItsSetsSizeShrinksNothing() throws {
        var old = set("old", 3)
        old.observed = false
        #expect(try part.roll(view(deployment(3), old, set("new", 1))) == [])
    }

    @Test func readyPodsThatAreNotAvailableYetDoNotCount() throws {
        var new = set("new", 1, available: 0)
        new.ready = 1
        #expect(try part.roll(view(deployment(3), set("old", 3), new)) == [])
    }

    @Test func undoGivesRevisionOneTheNumberThree() throws {
        var facts = deployment(3)
        facts.templateHash = "v1"
        let sets = [set("v1", 0, revision: 1), set("v2", 3, revision: 2)]
        #expect(try part.revision(facts, among: sets) == 3)
        facts.templateHash = "v2"
        #expect(try part.revision(facts, among: sets) == 2)
        #expect(try part.undoTarget(facts, among: sets, to: 0) == "web-v1")
        #expect(try part.undoTarget(facts, among: sets, to: 2) == "web-v2")
        #expect(try part.undoTarget(facts, among: sets, to: 7) == nil)
    }

    @Test func everySetKeepsItsShareWhenTheNumberChanges() throws {
        var (old, new) = (set("old", 8, created: 1), set("new", 5, created: 2))
        (old.desired, new.desired) = (10, 10)
        let fifteen = deployment(15, surge: .pods(3), unavailable: .pods(2))
        #expect(
            try part.proportion(view(fifteen, old, new)) == [
                Resize("web-old", from: 8, to: 11), Resize("web-new", from: 5, to: 7),
            ])
    }

    @Test func aPausedDeploymentScalesButDoesNotRoll() throws {
        var paused = deployment(5)
        paused.paused = true
        #expect(try part.plan(view(paused, set("old", 5))).create == nil)
        var old = set("old", 3)
        old.desired = 3
        #expect(try part.plan(view(paused, old)).resize == [Resize("web-old", from: 3, to: 5)])
    }

    @Test func recreateTakesAllOldPodsAwayBeforeItMakesNewOnes() throws {
        var facts = deployment(3)
        facts.strategy = .recreate
        var sight = view(facts, set("old", 3))
        #expect(try part.plan(sight).resize == [Resize("web-old", from: 3, to: 0)])
        sight = view(facts, set("old", 0))
        sight.oldPodsAlive = 1
        #expect(try part.plan(sight).create == nil)
        sight.oldPodsAlive = 0
        #expect(try part.plan(sight).create?.replicas == 3)
    }

    @Test func theDeadlineRunsFromTheLastProgressAndIsSaidInKubernetesWords() throws {
        var facts = deployment(3)
        facts.status = DeploymentNumbers(
            replicas: 4, updated: 1, ready: 3, available: 3, unavailable: 1)
        facts.progressing = RolloutCondition(
            status: "True", reason: "ReplicaSetUpdated", message: "", lastUpdate: 500,
            lastTransition: 400)
        facts.progressDeadlineSeconds = 600
        var sight = view(facts, set("old", 3), set("new", 1, available: 0))
        #expect(try part.plan(sight).againInSeconds == 101)
        sight.now = 1101
        let late = try #require(try part.plan(sight).progressing)
        #expect(late.reason == "ProgressDeadlineExceeded" && late.status == "False")
        #expect(late.message == #"ReplicaSet "web-new" has timed out progressing."#)
        #expect(try part.plan(sight).available?.reason == "MinimumReplicasAvailable")
    }

    @Test func oldEmptySetsBeyondTheLimitGoWhenAllIsDone() throws {
        var facts = deployment(1)
        facts.revisionHistoryLimit = 1
        let sets = [set("a", 0, revision: 1), set("b", 0, revision: 2), set("new", 1, revision: 3)]
        #expect(
            try part.plan(DeploymentView(deployment: facts, sets: sets, now: 1)).delete == ["web-a"]
        )
    }
}
