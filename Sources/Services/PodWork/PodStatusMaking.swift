import ContractPodLifecycle
import Objects
import PodRuntime

extension PodMachine {
    /// The status to report.
    /// - Parameters:
    ///   - last: what was reported before: conditions that did not change keep their time.
    ///   - hostIP: the node's address.
    public func status(after last: PodStatus?, hostIP: String, now: Timestamp) throws -> PodStatus {
        var status = PodStatus()
        status.phase = try phase().rawValue
        if isPastDeadline {
            status.reason = "DeadlineExceeded"
            status.message = "Pod was active on the node longer than the specified deadline"
        } else if isOver {
            (status.reason, status.message) = (last?.reason, last?.message)
        }
        status.hostIP = hostIP
        status.hostIPs = [.init(ip: hostIP)]
        status.podIP =
            pod.spec.hostNetwork == true ? hostIP : sandbox?.ip ?? (isOver ? last?.podIP : nil)
        status.podIPs = status.podIP.map { [.init(ip: $0)] }
        status.startTime = last?.startTime ?? now
        status.qosClass = last?.qosClass ?? qosClass(pod.spec)
        let (initial, main) = (pod.spec.initContainers ?? [], pod.spec.containers)
        let waits = try waitingNames()
        if !initial.isEmpty {
            status.initContainerStatuses = initial.map {
                kept($0, last?.initContainerStatuses) ?? containerStatus($0, waits, isInit: true)
            }
        }
        status.containerStatuses = main.map {
            kept($0, last?.containerStatuses) ?? containerStatus($0, waits, isInit: false)
        }
        status.conditions = conditions(status, last: last?.conditions ?? [], now: now)
        return status
    }

    public func phase() throws -> PodPhase {
        // Once over, always over: the containers may be gone by now. So they are where a finalizer holds the object of a pod
        // that was taken down.
        let isTakenDown = pod.isTerminating && memories.values.allSatisfy { $0.current == nil }
        if isOver || isTakenDown, let phase = pod.status?.phase.flatMap(PodPhase.init) {
            return phase
        }
        if isPastDeadline { return .failed }
        let phase = try part.phase(view)
        // While a sidecar still ends, the pod is not over.
        return phase != .pending && lastSidecar != nil ? .running : phase
    }

    /// The containers that wait for their next start.
    private func waitingNames() throws -> Set<String> {
        pod.isTerminating ? [] : Set(try namesToStart() ?? [])
    }

    /// Of a container that is no longer on the node, and will not be again, holds what was said of it last. One that was
    /// running then has ended, nobody knows how.
    private func kept(
        _ container: Container, _ last: [Objects.ContainerStatus]?
    ) -> Objects.ContainerStatus? {
        guard isOver || pod.isTerminating, current(container.name) == nil,
            var status = last?.first(where: { $0.name == container.name }),
            status.containerID != nil
        else { return nil }
        if status.state?.running != nil {
            var end = ContainerState.Terminated(exitCode: 137, reason: "ContainerStatusUnknown")
            end.message = "The container could not be located when the pod was terminated"
            status.state = ContainerState(terminated: end)
            (status.ready, status.started) = (false, false)
        }
        return status
    }

    private func containerStatus(
        _ container: Container, _ waits: Set<String>, isInit: Bool
    ) -> Objects.ContainerStatus {
        let memory = memories[container.name] ?? Memory()
        let current = memory.current
        var status = Objects.ContainerStatus(
            name: container.name, ready: false, restartCount: current?.config.attempt ?? 0,
            image: container.image ?? "", imageID: current?.config.imageID ?? "")
        status.containerID = current.map { "drydock://\($0.id)" }
        status.started = isStarted(container.name)
        status.lastState = memory.previous.map { ContainerState(terminated: terminated($0)) }
        switch current?.state {
        case .running:
            status.ready = isInit && !container.isSidecar ? false : isReady(container.name)
            status.state = ContainerState(running: .init(startedAt: timestamp(current!.startedAt)))
        case .exited where waits.contains(container.name) && waitReason(memory) != nil:
            status.state = ContainerState(waiting: waitReason(memory))
            status.lastState = ContainerState(terminated: terminated(current!))
        case .exited:
            status.state = ContainerState(terminated: terminated(current!))
            // An init container that succeeded counts as ready.
            status.ready = isInit && !container.isSidecar && current!.exitCode == 0
        case nil, .created:
            let isBehind = !isInit && !(pod.spec.initContainers ?? []).isEmpty && !areInitsDone
            let reason = isBehind ? "PodInitializing" : "ContainerCreating"
            status.state = ContainerState(waiting: memory.trouble ?? .init(reason: reason))
        }
        return status
    }

    private var areInitsDone: Bool {
        view.initContainers.allSatisfy { $0.state == .ended && $0.exitCode == 0 }
    }

    private func waitReason(_ memory: Memory) -> ContainerState.Waiting? {
        if let trouble = memory.trouble { return trouble }
        guard let seconds = memory.backOffSeconds, seconds > 0, let ended = memory.current,
            memory.backOffFor == ended.id
        else { return nil }
        return .init(
            reason: "CrashLoopBackOff",
            message: "back-off \(spoken(seconds)) restarting failed container=\(ended.config.name) "
                + "pod=\(fullName)")
    }

    /// `web-7c5_default(2f9…)`, as the kubelet names a pod in its messages.
    public var fullName: String {
        let metadata = pod.metadata
        return "\(metadata.name)_\(metadata.namespace ?? "default")(\(metadata.uid ?? ""))"
    }

    private func terminated(_ container: CRIContainer) -> ContainerState.Terminated {
        var terminated = ContainerState.Terminated(
            exitCode: container.exitCode, reason: container.reason)
        terminated.startedAt = timestamp(container.startedAt)
        terminated.finishedAt = timestamp(container.finishedAt)
        terminated.containerID = "drydock://\(container.id)"
        terminated.message = container.message
        return terminated
    }

    private func timestamp(_ nanoseconds: Int) -> Timestamp {
        Timestamp(seconds: nanoseconds / 1_000_000_000)
    }

    private func spoken(_ seconds: Int) -> String {
        seconds < 60
            ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }

    // MARK: Conditions

    private func conditions(
        _ status: PodStatus, last: [Condition], now: Timestamp
    ) -> [Condition] {
        let isDone = status.phase == "Succeeded"
        let beside = Set(sidecars.map(\.name))
        let counted =
            (status.initContainerStatuses ?? []).filter { beside.contains($0.name) }
            + (status.containerStatuses ?? [])
        let unready = counted.filter { !$0.ready }.map(\.name)
        let containersReady =
            isDone
            ? Condition(type: "", status: "False", reason: "PodCompleted")
            : unready.isEmpty
                ? Condition(type: "", status: "True")
                : Condition(
                    type: "", status: "False", reason: "ContainersNotReady",
                    message: "containers with unready status: [\(unready.joined(separator: " "))]")
        let incomplete = view.initContainers.filter { !($0.state == .ended && $0.exitCode == 0) }
        let initialized =
            incomplete.isEmpty
            ? Condition(type: "", status: "True")
            : Condition(
                type: "", status: "False", reason: "ContainersNotInitialized",
                message: "containers with incomplete status: "
                    + "[\(incomplete.map(\.name).joined(separator: " "))]")
        var made: [Condition] = []
        func add(_ type: String, _ condition: Condition) {
            var condition = condition
            condition.type = type
            let before = last.first { $0.type == type }
            condition.lastTransitionTime =
                before?.status == condition.status ? before?.lastTransitionTime ?? now : now
            made.append(condition)
        }
        add(
            "PodReadyToStartContainers",
            .init(type: "", status: sandbox?.isReady == true ? "True" : "False"))
        add("Initialized", initialized)
        add("Ready", (containersReady.isTrue ? unreadyGates : nil) ?? containersReady)
        add("ContainersReady", containersReady)
        add("PodScheduled", .init(type: "", status: "True"))
        // Conditions of others (readiness gates, disruption) are theirs.
        return made + last.filter { other in !made.contains { $0.type == other.type } }
    }
}

extension PodMachine {
    /// Somebody else's conditions that the pod waits for; nil where all are true.
    fileprivate var unreadyGates: Condition? {
        let known = pod.status?.conditions ?? []
        let missing = (pod.spec.readinessGates ?? []).compactMap { $0["conditionType"]?.string }
            .filter { type in known.first { $0.type == type }?.isTrue != true }
        guard let type = missing.first else { return nil }
        let isThere = known.contains { $0.type == type }
        return Condition(
            type: "", status: "False", reason: "ReadinessGatesNotReady",
            message: isThere
                ? "the status of pod readiness gate \"\(type)\" is not \"True\""
                : "corresponding condition of pod readiness gate \"\(type)\" does not exist")
    }
}

/// The class by which the kernel chooses whom to kill when memory runs out.
/// Source: Kubernetes documentation, "Pod Quality of Service Classes".
public func qosClass(_ spec: PodSpec) -> String {
    let containers = (spec.initContainers ?? []) + spec.containers
    let asks = containers.map { container in
        ["cpu", "memory"].map {
            (
                container.resources?.requests?[$0] ?? container.resources?.limits?[$0],
                container.resources?.limits?[$0]
            )
        }
    }
    let hasAny = containers.contains {
        !($0.resources?.requests ?? [:]).isEmpty || !($0.resources?.limits ?? [:]).isEmpty
    }
    if !hasAny { return "BestEffort" }
    let isGuaranteed = asks.allSatisfy { $0.allSatisfy { $0.1 != nil && $0.0 == $0.1 } }
    return isGuaranteed ? "Guaranteed" : "Burstable"
}
