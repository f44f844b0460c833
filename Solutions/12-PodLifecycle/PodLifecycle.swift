import ContractPodLifecycle

/// What a kubelet decides about one pod.
public struct PodLifecycle: PodLifecyclePart {
    public init() {}

    /// Pending until every init container has succeeded and every container has been started;
    /// Running as long as something runs or will run again; then Succeeded or Failed.
    public func phase(_ pod: PodView) -> PodPhase {
        // step 12.1 begin
        for container in pod.initContainers where !container.hasSucceeded {
            let hasFailed = container.state == .ended && pod.restartPolicy == .never
            return hasFailed ? .failed : .pending
        }
        if pod.containers.contains(where: { $0.state == .waiting }) { return .pending }
        if pod.containers.contains(where: { $0.state == .running }) { return .running }
        switch pod.restartPolicy {
        case .always: return .running
        case .onFailure: return pod.containers.allSatisfy(\.hasSucceeded) ? .succeeded : .running
        case .never: return pod.containers.allSatisfy(\.hasSucceeded) ? .succeeded : .failed
        }
        // step 12.1 end
    }

    /// Worked example: init [a ended 0, b ended 1], OnFailure: start b. With Never: finished.
    public func nextStep(_ pod: PodView) -> PodStep {
        // step 12.2 begin
        for container in pod.initContainers where !container.hasSucceeded {
            switch container.state {
            case .waiting: return .start([container.name])
            case .running: return .start([])
            case .ended: return pod.restartPolicy == .never ? .finished : .start([container.name])
            }
        }
        let start = pod.containers.filter { container in
            switch container.state {
            case .waiting: true
            case .running: false
            case .ended: mayRestart(container, pod.restartPolicy)
            }
        }
        if start.isEmpty, pod.containers.allSatisfy({ $0.state == .ended }) { return .finished }
        return .start(start.map(\.name))
        // step 12.2 end
    }

    private func mayRestart(_ container: ContainerView, _ policy: RestartPolicy) -> Bool {
        policy == .always || (policy == .onFailure && !container.hasSucceeded)
    }

    /// 0, 10, 20, 40, 80, 160, 300, 300 … seconds with the usual numbers.
    public func backOff(_ view: BackOffView) -> Int {
        // step 12.3 begin
        guard let previous = view.previousSeconds, view.ranSeconds < view.resetAfterSeconds else {
            return 0
        }
        return min(max(view.initialSeconds, previous * 2), view.maxSeconds)
        // step 12.3 end
    }

    /// Thresholds 1 and 3: answers + - - + - - - give verdicts + + + + + + -.
    public func judge(_ view: ProbeView) -> ProbeMemory {
        // step 12.4 begin
        var memory = view.memory
        memory.inARow = memory.lastAnswer == view.answer ? memory.inARow + 1 : 1
        memory.lastAnswer = view.answer
        let threshold = view.answer ? view.successThreshold : view.failureThreshold
        if memory.inARow >= threshold { memory.verdict = view.answer }
        return memory
        // step 12.4 end
    }

    /// The deletion's own period goes before the pod's. Time spent in preStop counts, yet a process
    /// always gets two seconds to answer its signal; only a period of 0 kills at once.
    public func gracePeriod(_ view: GraceView) -> Int {
        // step 12.5 begin
        let seconds = view.deletionSeconds ?? view.podSeconds
        return seconds <= 0 ? 0 : max(2, seconds - view.preStopSeconds)
        // step 12.5 end
    }
}

extension ContainerView {
    fileprivate var hasSucceeded: Bool { state == .ended && exitCode == 0 }
}
