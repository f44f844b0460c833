import ContractRollout

/// The open step: what must hold of every rollout.
public struct RolloutTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any RolloutContract {
        RemoteRollout(asking: asker)
    }

    /// Tries a rollout; `expect` throws where it is wrong. `set` and `web`, below, make what it is
    /// asked about.
    public func test(_ part: any RolloutContract) throws {
        // step 10.8 begin
        try names(part)
        for (most, least, replicas, up, down) in [
            (Bound.percent(25), Bound.percent(25), 10, 3, 2), (.percent(25), .percent(25), 3, 1, 0),
            (.pods(0), .percent(5), 10, 0, 1), (.pods(2), .pods(0), 4, 2, 0),
        ] {
            let seen = try part.bounds(replicas: replicas, maxSurge: most, maxUnavailable: least)
            try expect(
                seen == RolloutBounds(surge: up, unavailable: down),
                "\(most) and \(least) of \(replicas) are \(up) and \(down)")
        }
        let (one, two) = (set("v1", 3), set("v2", 0, created: 2))
        try expect(part.roll(web(one, two)) == [Resize("v2", from: 0, to: 1)], "up to the surge")
        let fresh = set("v2", 1, ready: 1, available: 0, created: 2)
        try expect(part.roll(web(one, fresh)).isEmpty, "ready is not available yet")
        let good = set("v2", 1, created: 2)
        try expect(part.roll(web(one, good)) == [Resize("v1", from: 3, to: 2)], "one for one")
        var stale = one
        stale.observed = false
        try expect(part.roll(web(stale, good)).isEmpty, "numbers older than the size say nothing")
        var blind = good
        blind.observed = false
        try expect(part.roll(web(one, blind)).isEmpty, "nor do those of the new set")
        let weak = web(set("v1", 3, ready: 2, available: 2), set("v2", 1, ready: 0, available: 0))
        try expect(part.roll(weak).isEmpty, "a new pod that doesn't work holds a place")
        let sick = [set("v0", 2), set("v1", 1, ready: 0, available: 0), good]
        try expect(part.roll(web(sick)) == [Resize("v1", from: 1, to: 0)], "the broken one first")
        try looks(part)
        try deadlines(part)
        // step 10.8 end
    }

    private func names(_ part: any RolloutContract) throws {
        try expect(
            part.templateHash("", collisionCount: nil) == "65bb57b6b5", "the contract's example")
        try expect(
            part.templateHash("é", collisionCount: nil) == "957bb965c", "all bytes of a letter")
        let sets = [set("v2", 0, revision: 1), set("v1", 3, revision: 2, created: 9)]
        let facts = web().deployment
        try expect(part.newReplicaSet(facts, among: sets) == "v2", "the hash decides, not the age")
        try expect(part.revision(facts, among: sets) == 3, "what comes back gets a new number")
        try expect(part.undoTarget(facts, among: sets, to: 0) == "v1", "the one before")
        let undone = [set("v2", 3, revision: 3), set("v1", 0, revision: 2)]
        try expect(part.undoTarget(facts, among: undone, to: 0) == "v1", "not itself")
        let back = sets + [set("v3", 1, revision: 3)]
        try expect(part.undoTarget(facts, among: back, to: 0) == "v3", "the highest of the others")
    }

    private func looks(_ part: any RolloutContract) throws {
        let three = web(set("v0", 2), set("v1", 1), set("v2", 1, created: 2))
        try expect(part.roll(three) == [Resize("v0", from: 2, to: 1)], "one in all, of the oldest")
        var view = web(set("v1", 3))
        try expect(part.plan(view).create?.replicas == 1, "a new set, within the surge")
        view = web(set("v0", 2), set("v1", 1))
        try expect(part.plan(view).create?.name == "web-v2", "also in the middle of a rollout")
        view = web(set("v0", 1, ready: 0, available: 0), set("v1", 2))
        try expect(part.plan(view).resize.isEmpty, "one thing in a look")
        view.deployment.paused = true
        let paused = try part.plan(view)
        try expect(paused.create == nil && paused.resize.isEmpty, "a paused one rolls nothing")
        view = web(set("v1", 2, desired: 2))
        view.deployment.paused = true
        try expect(part.plan(view).resize == [Resize("v1", from: 2, to: 3)], "but it scales")
        view = web(set("v1", 0))
        (view.deployment.strategy, view.oldPodsAlive) = (.recreate, 1)
        try expect(part.plan(view).create == nil, "Recreate waits for the last old pod")
    }

    private func deadlines(_ part: any RolloutContract) throws {
        var view = web(set("v1", 3), set("v2", 1, ready: 0, available: 0, created: 2))
        view.deployment.progressDeadlineSeconds = 60
        view.deployment.progressing = RolloutCondition(
            status: "True", reason: "ReplicaSetUpdated", message: "", lastUpdate: 900,
            lastTransition: 900)
        view.deployment.status = DeploymentNumbers(replicas: 4, updated: 1, ready: 3, available: 3)
        try expect(part.plan(view).progressing?.status == "False", "too long without progress")
        view.deployment.status.replicas = 5
        try expect(part.plan(view).progressing?.status == "True", "an old pod less is progress")
        view.deployment.status.updated = 2
        try expect(part.plan(view).progressing?.status == "False", "a new pod less is none")
    }

    /// A set with the name and hash that are given; all its pods are ready and available unless
    /// something else is said.
    private func set(
        _ hash: String, _ replicas: Int, ready: Int? = nil, available: Int? = nil,
        revision: Int = 1, desired: Int? = nil, created: Int = 1
    ) -> RevisionFacts {
        RevisionFacts(
            name: hash, templateHash: hash, revision: revision, desired: desired,
            replicas: replicas, pods: replicas, ready: ready ?? replicas,
            available: available ?? replicas, created: created)
    }

    /// Three replicas of template v2 are wanted, with a surge of one and none unavailable.
    private func web(_ sets: RevisionFacts...) -> DeploymentView { web(sets) }

    private func web(_ sets: [RevisionFacts]) -> DeploymentView {
        DeploymentView(
            deployment: DeploymentFacts(
                name: "web", replicas: 3, maxSurge: .pods(1), maxUnavailable: .pods(0),
                templateHash: "v2"),
            sets: sets, now: 1000)
    }
}
