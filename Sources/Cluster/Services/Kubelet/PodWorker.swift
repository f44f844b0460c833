import Client
import Contract
import Linux
import Objects
import PodRuntime
import PodWork

/// Carries out what `PodMachine` decides, for one pod, one action after the other.
///
/// It sleeps until poked: the pod changed, a container ended, a probe changed its mind, a back-off
/// is over. Then it looks at everything anew, so a poke too many does no harm and a lost one is
/// made up for within 10 s.
actor PodWorker {
    let services: KubeletServices
    var machine: PodMachine
    var sandboxIDs: Set<String>
    var containerIDs: Set<String>
    var probers: [ProberKey: Task<Void, Never>] = [:]
    /// The pod object is gone, or its deletion was asked for; there is no way back from either.
    var isGone = false
    var isTerminating = false
    /// What the API server gave for this pod's volumes, and what was written into them.
    var tokens: [TokenRequest: IssuedToken] = [:]
    var written: [String: [VolumeFile]] = [:]
    /// When the objects behind the volumes are to be looked at again; on the monotonic clock.
    var refreshAt = 0
    private var isRetrying = false

    private let pokes: AsyncStream<Void>
    nonisolated private let pokeInput: AsyncStream<Void>.Continuation
    let publisher: StatusPublisher

    /// - Parameters:
    ///   - sandboxes, containers: the ids of what an earlier kubelet left running for this pod.
    init(
        _ pod: Pod, services: KubeletServices, sandboxes: Set<String>, containers: Set<String>
    ) {
        self.services = services
        machine = PodMachine(
            pod: pod, part: services.part, settings: services.configuration.settings)
        (sandboxIDs, containerIDs) = (sandboxes, containers)
        (pokes, pokeInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        publisher = StatusPublisher(services: services, pod: pod)
    }

    nonisolated func poke() { pokeInput.yield() }

    /// The pod as the API server has it now; nil when it is gone from there.
    func update(_ pod: Pod?) {
        let before = machine.pod.metadata.deletionGracePeriodSeconds
        if let pod {
            // Its own labels may stand in a volume.
            if pod.metadata.labels != machine.pod.metadata.labels
                || pod.metadata.annotations != machine.pod.metadata.annotations
            {
                refreshAt = 0
            }
            machine.pod = pod
        } else {
            isGone = true
        }
        let now = machine.pod.metadata.deletionGracePeriodSeconds
        // Deleted by force, or asked to hurry, in the middle of a grace period.
        if isTerminating, isGone { hurry(afterSeconds: 0) }
        if isTerminating, let now, now < before ?? Int.max { hurry(afterSeconds: now) }
        poke()
    }

    private func hurry(afterSeconds seconds: Int) {
        let (runtime, ids) = (services.runtime, containerIDs)
        startThread {
            let moment = Deadline(afterSeconds: seconds)
            while !moment.isOver { usleep(100_000) }
            for id in ids.sorted() { try? runtime.stopContainer(id, timeoutSeconds: 0) }
        }
    }

    /// Works until the pod is gone for good, or the kubelet ends (containers run on then).
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.publisher.run() }
            group.addTask {
                // What happened without a poke, the death of a shim for example.
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(10))
                    self.poke()
                }
            }
            poke()
            for await _ in pokes {
                do {
                    if try await step() { break }
                } catch {
                    services.logger.error("\(machine.pod.key): \(error)")
                    retryLater(seconds: 1)
                }
            }
            for prober in probers.values { prober.cancel() }
            group.cancelAll()
        }
    }

    func pokeLater(seconds: Int) {
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(Deadline.clamped(seconds: seconds)))
            self?.poke()
        }
    }

    /// A poke after a failure; one at a time, or each of the other pokes would begin a row of its own.
    func retryLater(seconds: Int) {
        if isRetrying { return }
        isRetrying = true
        Task {
            try? await Task.sleep(for: .seconds(seconds))
            isRetrying = false
            poke()
        }
    }

    /// One look and what follows from it. True when the pod is gone.
    private func step() async throws -> Bool {
        try await observe()
        if isGone || machine.pod.isTerminating {
            try await terminate()
            return true
        }
        let actions = try machine.decide(now: Clock.unixSeconds())
        publish()
        adjustProbers()
        await refreshVolumes()
        for action in actions {
            let didChange = await perform(action)
            if didChange {
                try await observe()
                publish()
                adjustProbers()
                poke()
            }
            if isGone || machine.pod.isTerminating { break }
        }
        return false
    }

    func observe() async throws {
        let runtime = services.runtime
        let (sandboxIDs, containerIDs) = (sandboxIDs, containerIDs)
        let seen = try await blocking {
            (
                sandboxIDs.compactMap { try? runtime.podSandboxStatus($0) },
                containerIDs.compactMap { try? runtime.containerStatus($0) }
            )
        }
        machine.observe(sandboxes: seen.0, containers: seen.1.map(withLastWords))
    }

    func publish() {
        do {
            let status = try machine.status(
                after: publisher.last ?? machine.pod.status,
                hostIP: services.configuration.nodeIP, now: MachineTime().now)
            publisher.publish(status)
        } catch { services.logger.error("\(machine.pod.key): \(error)") }
    }

    /// True when things are not as they were seen before.
    private func perform(_ action: PodAction) async -> Bool {
        let runtime = services.runtime
        switch action {
        case .stopSandbox(let id):
            _ = try? await blocking { try runtime.stopPodSandbox(id) }
            return true
        case .createSandbox(let attempt): return await createSandbox(attempt)
        case .start(let name, let attempt): return await start(name, attempt: attempt)
        case .kill(let id, let name, let probe): return await killUnhealthy(id, name, probe)
        case .removeContainer(let id):
            _ = try? await blocking { try runtime.removeContainer(id) }
            containerIDs.remove(id)
            return false
        case .wake(let at):
            pokeLater(seconds: max(1, at.addingClamped(-Clock.unixSeconds())))
            return false
        case .endForGood(let names):
            await end(names)
            return true
        case .endSidecar(let id, let name):
            services.tell(
                machine.pod, reason: "Killing", "Stopping container \(name)", container: name)
            await stop(id, name, deletionSeconds: nil)
            return true
        case .tellBackOff(let name):
            tellBackOff(name)
            return false
        }
    }

    private func createSandbox(_ attempt: Int) async -> Bool {
        guard await mountVolumes() else { return false }
        let (pod, runtime) = (machine.pod, services.runtime)
        do {
            let config = try services.sandboxConfig(pod, attempt: attempt)
            let id = try await blocking { try runtime.runPodSandbox(config) }
            sandboxIDs.insert(id)
            return true
        } catch {
            services.tell(
                pod, .warning, reason: "FailedCreatePodSandBox",
                "Failed to create pod sandbox: \(error)")
            retryLater(seconds: 2)
            return false
        }
    }

    private func killUnhealthy(_ id: String, _ name: String, _ probe: ProbeKind) async -> Bool {
        services.tell(
            machine.pod, reason: "Killing",
            "Container \(name) failed \(probe.rawValue.lowercased()) probe, will be restarted",
            container: name)
        // A probe may have a grace period of its own, shorter than the pod's.
        let own = machine.container(name)?.probe(probe)?.terminationGracePeriodSeconds
        await stop(id, name, deletionSeconds: own)
        return true
    }

    /// The deadline: every container gets its grace period, all at the same time.
    private func end(_ names: [String: String]) async {
        services.tell(
            machine.pod, reason: "DeadlineExceeded",
            "Pod was active on the node longer than the specified deadline")
        await withTaskGroup(of: Void.self) { group in
            for (id, name) in names {
                group.addTask { await self.stop(id, name, deletionSeconds: nil) }
            }
        }
    }

    private func tellBackOff(_ name: String) {
        let image = machine.container(name)?.image ?? ""
        if machine.isWaitingForImage(name) {
            let message = "Back-off pulling image \"\(image)\""
            machine.setTrouble(name, reason: "ImagePullBackOff", message: message)
            services.tell(machine.pod, reason: "BackOff", message, container: name)
            services.tell(
                machine.pod, .warning, reason: "Failed", "Error: ImagePullBackOff", container: name)
            publish()
        } else if !machine.hasTrouble(name) {
            services.tell(
                machine.pod, .warning, reason: "BackOff",
                "Back-off restarting failed container \(name) in pod \(machine.fullName)",
                container: name)
        }
    }
}
