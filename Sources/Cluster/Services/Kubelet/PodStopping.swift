import Client
import ContractPodLifecycle
import Linux
import Objects
import PodRuntime
import PodWork

/// Ending: the preStop hook, the stop signal, the grace period, SIGKILL, and only then the object.
extension PodWorker {
    /// Stops one container with all its ceremony.
    func stop(_ id: String, _ name: String, deletionSeconds: Int?) async {
        let began = Clock.monotonicMilliseconds()
        let podSeconds = machine.pod.spec.terminationGracePeriodSeconds ?? 30
        if let container = machine.container(name), let hook = container.lifecycle?.preStop,
            (deletionSeconds ?? podSeconds) > 0
        {
            let answer = await run(hook, container, id, seconds: deletionSeconds ?? podSeconds)
            if !answer.succeeded {
                services.tell(
                    machine.pod, .warning, reason: "FailedPreStopHook",
                    "PreStopHook failed: \(answer.message)", container: name)
            }
        }
        let used = (Clock.monotonicMilliseconds() - began) / 1000
        let runtime = services.runtime
        do {
            let seconds = try services.part.gracePeriod(
                GraceView(
                    podSeconds: podSeconds, deletionSeconds: deletionSeconds, preStopSeconds: used))
            try await blocking { try runtime.stopContainer(id, timeoutSeconds: seconds) }
        } catch { services.logger.error("\(machine.pod.key): stop \(name): \(error)") }
    }

    func run(
        _ hook: Lifecycle.Handler, _ container: Container, _ id: String, seconds: Int
    ) async -> ProbeAnswer {
        if let pause = hook.sleep {
            let seconds = Deadline.clamped(seconds: min(pause.seconds, seconds))
            try? await Task.sleep(for: .seconds(seconds))
            return ProbeAnswer(succeeded: true, message: "")
        }
        let runner = ProbeRunner(
            runtime: services.runtime, container: container, containerID: id,
            podIP: machine.sandbox?.ip ?? services.configuration.nodeIP)
        let answer = try? await blocking { runner.run(hook, seconds: seconds) }
        return answer ?? ProbeAnswer(succeeded: false, message: "no thread")
    }

    /// Takes the whole pod down and, at the very end, its object: whoever waits for the object to
    /// be gone may count on the pod's being gone too.
    func terminate() async throws {
        isTerminating = true
        for prober in probers.values { prober.cancel() }
        probers = [:]
        // An object that went without waiting for us leaves no time for ceremony.
        let seconds = isGone ? 1 : machine.pod.metadata.deletionGracePeriodSeconds
        let (others, sidecars) = machine.running
        let began = Clock.monotonicMilliseconds()
        await stop(others, seconds: seconds)
        // What the others needed is not theirs any more, and the last one goes first: it may use those before it.
        for sidecar in sidecars.reversed() {
            let used = (Clock.monotonicMilliseconds() - began) / 1000
            await stop(
                [sidecar], seconds: seconds.map { $0 <= 0 ? 0 : max(1, $0.addingClamped(-used)) })
        }
        try await observe()
        if !isGone { publish() }
        try await takeDown()
        await publisher.flush()
        try await deleteObject()
    }

    /// All at the same time.
    private func stop(_ containers: [CRIContainer], seconds: Int?) async {
        await withTaskGroup(of: Void.self) { group in
            for container in containers {
                services.tell(
                    machine.pod, reason: "Killing", "Stopping container \(container.config.name)",
                    container: container.config.name)
                group.addTask {
                    await self.stop(container.id, container.config.name, deletionSeconds: seconds)
                }
            }
        }
    }

    private func takeDown() async throws {
        let (runtime, volumes, ids) = (services.runtime, services.volumes, sandboxIDs)
        let uid = machine.pod.metadata.uid ?? ""
        let logs = services.logDirectory(machine.pod)
        try await blocking {
            for id in ids.sorted() {
                try runtime.stopPodSandbox(id)
                try runtime.removePodSandbox(id)
            }
            try volumes.remove(uid)
            try Files.removeTree(logs)
        }
    }

    private func deleteObject() async throws {
        guard !isGone, let client = services.client else { return }
        do {
            try await client.delete(
                Pod.self, namespace: machine.pod.metadata.namespace,
                name: machine.pod.metadata.name, uid: machine.pod.metadata.uid,
                gracePeriodSeconds: 0)
        } catch let error as APIError where error.isNotFound || error.isConflict {
            // Gone already, or a younger pod of the same name.
        }
    }
}
