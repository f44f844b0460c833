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
        throw Unfinished("09.9")
        // step 09.9 end
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
