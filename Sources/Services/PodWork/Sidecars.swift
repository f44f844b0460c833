import ContractPodLifecycle
import Objects
import PodRuntime

/// Sidecars: init containers with `restartPolicy: Always`. They start in their place among the init
/// containers, count as done as soon as they have started, run beside the others, and end after
/// them, the last one first.
///
/// The part of lab 12 knows nothing of them: it sees an init container that has succeeded, or one
/// that waits, and what is left over is decided here. Source: KEP-753; Kubernetes documentation,
/// "Sidecar Containers".
extension PodMachine {
    var sidecars: [Container] { (pod.spec.initContainers ?? []).filter(\.isSidecar) }

    /// The init containers had their turn: one of the others was made already.
    var isInitialized: Bool {
        pod.spec.containers.contains { memories[$0.name]?.current != nil }
    }

    /// How an init container looks to the part.
    func initView(_ container: Container) -> ContainerView {
        let current = memories[container.name]?.current
        guard container.isSidecar else { return containerView(container) }
        let hasHadItsTurn = isInitialized || isStarted(container.name)
        let state: ContainerView.State =
            hasHadItsTurn ? .ended : current?.state == .running ? .running : .waiting
        return ContainerView(container.name, state, isStarted: isStarted(container.name))
    }

    /// The containers that are to be started now or after their back-off, in order; nil when all is
    /// over.
    func namesToStart() throws -> [String]? {
        guard case .start(let names) = try part.nextStep(view) else { return nil }
        let down = sidecars.map(\.name).filter { memories[$0]?.current?.state != .running }
        return isInitialized ? down + names.filter { !down.contains($0) } : names
    }

    /// What has not ended yet, in the order of the spec.
    public var running: (others: [CRIContainer], sidecars: [CRIContainer]) {
        let beside = Set(sidecars.map(\.name))
        let all = allContainers.compactMap { container in
            memories[container.name]?.current.flatMap { $0.state == .exited ? nil : $0 }
        }
        return (
            all.filter { !beside.contains($0.config.name) },
            all.filter { beside.contains($0.config.name) }
        )
    }

    /// The last of the sidecars that still runs.
    var lastSidecar: (id: String, name: String)? {
        sidecars.reversed().lazy.compactMap { container in
            self.memories[container.name]?.current.flatMap {
                $0.state == .exited ? nil : ($0.id, container.name)
            }
        }.first
    }
}

extension Container {
    /// Of an init container.
    public var isSidecar: Bool { restartPolicy == "Always" }
}
