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
        throw Unfinished("10.8")
        // step 10.8 end
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
