import ContractPodLifecycle
import Linux
import Objects
import PodRuntime

public typealias CRIContainer = PodRuntime.ContainerStatus
/// The API's, not lab 05's.
typealias ContainerState = Objects.ContainerState

/// What is to be done next for one pod. The order of a list is the order owed.
public enum PodAction: Hashable, Sendable {
    case stopSandbox(String)
    case createSandbox(attempt: Int)
    /// Creates and starts a container; `attempt` counts its restarts.
    case start(name: String, attempt: Int)
    /// The container failed its liveness or startup probe.
    case kill(id: String, name: String, probe: ProbeKind)
    /// An old, dead container whose story nobody asks for any more.
    case removeContainer(String)
    /// Look again at this time, in seconds since 1970.
    case wake(at: Int)
    /// A container waits out its back-off: told to people once.
    case tellBackOff(name: String)
    /// The pod ran for longer than its `activeDeadlineSeconds`: these end, by id and name.
    case endForGood([String: String])
    /// The work is done, so this sidecar is too.
    case endSidecar(id: String, name: String)
}

public enum ProbeKind: String, Hashable, Sendable, CaseIterable {
    case startup = "Startup"
    case readiness = "Readiness"
    case liveness = "Liveness"
}

/// One pod as its kubelet knows it, and what follows from that. Level-triggered: `observe` says how
/// things are, `decide` what to do about it, and nothing is remembered that could be seen.
public struct PodMachine: Sendable {
    /// Times in seconds; the kubelet's flags.
    public struct Settings: Sendable {
        public var backOffInitial = 10
        public var backOffMax = 300
        public var backOffReset = 600
        public init() {}
    }

    /// What is remembered of one container beside what can be seen of it.
    struct Memory: Sendable {
        var current: CRIContainer?
        var previous: CRIContainer?
        /// Still older ones, to be removed.
        var outdated: [String] = []
        /// Why it could not be started: `ErrImagePull` and its message. Cleared by a start.
        var trouble: ContainerState.Waiting?
        /// No start before this second.
        var notBefore = 0
        /// The last back-off, and the id of the container whose end it was counted for.
        var backOffSeconds: Int?
        var backOffFor: String?
        var hasToldBackOff = false
        var imageFailures = 0
        var probes: [ProbeKind: ProbeMemory] = [:]
        /// The container that `probes` are about.
        var probed: String?
    }

    public var pod: Pod
    public internal(set) var sandbox: PodSandboxStatus?
    var memories: [String: Memory] = [:]
    /// It ran for longer than it may, whatever its containers do now.
    public internal(set) var isPastDeadline = false
    let part: any PodLifecycleContract
    let settings: Settings

    public init(
        pod: Pod, part: any PodLifecycleContract, settings: Settings = Settings()
    ) {
        (self.pod, self.part, self.settings) = (pod, part, settings)
    }

    public var restartPolicy: RestartPolicy {
        RestartPolicy(rawValue: pod.spec.restartPolicy ?? "") ?? .always
    }
    public var allContainers: [Container] { (pod.spec.initContainers ?? []) + pod.spec.containers }
    public func container(_ name: String) -> Container? { allContainers.first { $0.name == name } }
    public func current(_ name: String) -> CRIContainer? { memories[name]?.current }
    public func previous(_ name: String) -> CRIContainer? { memories[name]?.previous }

    // MARK: What is seen

    /// Takes in what the runtime says of this pod's sandboxes and containers, all of them.
    public mutating func observe(sandboxes: [PodSandboxStatus], containers: [CRIContainer]) {
        sandbox = sandboxes.max { $0.config.attempt < $1.config.attempt }
        for name in allContainers.map(\.name) {
            let ours = containers.filter { $0.config.name == name }
                .sorted { $0.config.attempt > $1.config.attempt }
            var memory = memories[name] ?? Memory()
            memory.current = ours.first
            memory.previous = ours.dropFirst().first
            memory.outdated = ours.dropFirst(2).map(\.id)
            if memory.probed != ours.first?.id {
                (memory.probed, memory.probes) = (ours.first?.id, [:])
            }
            memories[name] = memory
        }
    }

    /// One more answer of a probe. True when its verdict changed.
    public mutating func record(
        _ kind: ProbeKind, of name: String, containerID: String, answer: Bool
    ) throws -> Bool {
        guard var memory = memories[name], memory.probed == containerID,
            let probe = container(name)?.probe(kind)
        else { return false }
        let before = memory.probes[kind] ?? ProbeMemory()
        let after = try part.judge(
            ProbeView(
                memory: before, answer: answer, successThreshold: probe.successThreshold ?? 1,
                failureThreshold: probe.failureThreshold ?? 3))
        memory.probes[kind] = after
        memories[name] = memory
        return after.verdict != before.verdict
    }

    /// The container could not be started: image, configuration or runtime.
    public mutating func failedToStart(_ name: String, reason: String, message: String, now: Int) {
        memories[name, default: Memory()].trouble = .init(reason: reason, message: message)
        let failures = memories[name]!.imageFailures
        memories[name]!.imageFailures += 1
        let delay = min(settings.backOffInitial << min(failures, 10), settings.backOffMax)
        memories[name]!.notBefore = now.addingClamped(delay)
        memories[name]!.hasToldBackOff = false
    }

    /// The container is there and its program could not be started: it counts as ended, and its back-off with it.
    public mutating func failedToRun(_ name: String, message: String) {
        memories[name, default: Memory()].trouble = .init(reason: runError, message: message)
        memories[name]!.hasToldBackOff = false
    }

    private var runError: String { "RunContainerError" }

    public func hasTrouble(_ name: String) -> Bool { memories[name]?.trouble != nil }

    public func isWaitingForImage(_ name: String) -> Bool {
        ["ErrImagePull", "ImagePullBackOff"].contains(memories[name]?.trouble?.reason ?? "")
    }

    /// Says the same trouble in other words.
    public mutating func setTrouble(_ name: String, reason: String, message: String) {
        memories[name]?.trouble = .init(reason: reason, message: message)
    }

    public mutating func started(_ name: String) {
        memories[name]?.trouble = nil
        memories[name]?.imageFailures = 0
        memories[name]?.hasToldBackOff = false
    }

    // MARK: What follows

    /// The pod as the part sees it.
    public var view: PodView {
        PodView(
            restartPolicy: restartPolicy,
            initContainers: (pod.spec.initContainers ?? []).map(initView),
            containers: pod.spec.containers.map(containerView))
    }

    func containerView(_ container: Container) -> ContainerView {
        let current = memories[container.name]?.current
        return ContainerView(
            container.name, state(of: current), exitCode: current?.exitCode ?? 0,
            isStarted: isStarted(container.name))
    }

    private func state(of container: CRIContainer?) -> ContainerView.State {
        switch container?.state {
        case nil, .created: .waiting
        case .running: .running
        case .exited: .ended
        }
    }

    public func isStarted(_ name: String) -> Bool {
        guard let memory = memories[name], memory.current?.state == .running else { return false }
        return container(name)?.startupProbe == nil || memory.probes[.startup]?.verdict == true
    }

    public func isReady(_ name: String) -> Bool {
        guard isStarted(name) else { return false }
        return container(name)?.readinessProbe == nil
            || memories[name]?.probes[.readiness]?.verdict == true
    }

    /// - Parameter now: seconds since 1970.
    public mutating func decide(now: Int) throws -> [PodAction] {
        var actions = memories.sorted { $0.key < $1.key }
            .flatMap { $0.value.outdated.map(PodAction.removeContainer) }
        if isPast(deadline, now) { return actions + endings() }
        guard !isOver, let names = try namesToStart() else {
            // All is over: the network goes, the dead containers stay for whoever reads their logs.
            if !isOver, let sidecar = lastSidecar {
                return actions + [.endSidecar(id: sidecar.id, name: sidecar.name)]
            }
            if let sandbox, sandbox.isReady { actions.append(.stopSandbox(sandbox.id)) }
            return actions
        }
        actions += probeKills()
        var due: [PodAction] = []
        var wake: Int?
        for name in names {
            let notBefore = try earliestStart(name)
            if notBefore <= now {
                due.append(.start(name: name, attempt: nextAttempt(name)))
            } else {
                wake = min(wake ?? notBefore, notBefore)
                if tellsBackOff(name) { actions.append(.tellBackOff(name: name)) }
            }
        }
        if !due.isEmpty, sandbox?.isReady != true {
            // The containers come when the sandbox is there.
            if let sandbox { actions.append(.stopSandbox(sandbox.id)) }
            actions.append(.createSandbox(attempt: sandbox.map { $0.config.attempt + 1 } ?? 0))
        } else {
            actions += due
        }
        if let wake { actions.append(.wake(at: wake)) }
        // A worker looks every 10 s by itself; nearer than that it has to be told.
        if let deadline, deadline <= now.addingClamped(10) { actions.append(.wake(at: deadline)) }
        return actions
    }

    // MARK: The pod's own deadline

    /// When the pod must be over, in seconds since 1970; nil where it may run for ever.
    private var deadline: Int? {
        guard let seconds = pod.spec.activeDeadlineSeconds, let start = pod.status?.startTime else {
            return nil
        }
        return start.seconds.addingClamped(seconds)
    }

    private mutating func isPast(_ deadline: Int?, _ now: Int) -> Bool {
        guard !isOver else { return false }
        if let deadline, now >= deadline { isPastDeadline = true }
        return isPastDeadline
    }

    /// First the containers end, then the network goes.
    private func endings() -> [PodAction] {
        let running = memories.compactMapValues(\.current).filter { $0.value.state != .exited }
        if !running.isEmpty {
            let pairs = running.map { ($0.value.id, $0.key) }
            return [.endForGood(Dictionary(uniqueKeysWithValues: pairs))]
        }
        guard let sandbox, sandbox.isReady else { return [] }
        return [.stopSandbox(sandbox.id)]
    }

    /// The API says that it ended: no restart of the kubelet brings it back.
    public var isOver: Bool { pod.isFinished }

    private func nextAttempt(_ name: String) -> Int {
        memories[name]?.current.map { $0.config.attempt + 1 } ?? 0
    }

    private mutating func tellsBackOff(_ name: String) -> Bool {
        guard memories[name]?.hasToldBackOff == false else { return false }
        memories[name]?.hasToldBackOff = true
        // What it could not be started for stands in its last state from now on.
        if memories[name]?.trouble?.reason == runError { memories[name]?.trouble = nil }
        return true
    }

    /// When this container may be started (again), in seconds since 1970.
    private mutating func earliestStart(_ name: String) throws -> Int {
        guard var memory = memories[name] else { return 0 }
        if let ended = memory.current, ended.state == .exited, memory.backOffFor != ended.id {
            // A kubelet that was restarted starts from the number of restarts that it finds.
            let previous =
                memory.backOffFor == nil
                ? try guessedBackOff(restarts: ended.config.attempt) : memory.backOffSeconds
            let ran =
                ended.startedAt == 0
                ? 0 : max(0, ended.finishedAt - ended.startedAt) / 1_000_000_000
            let seconds = try backOff(previous, ran: ran)
            memory.backOffSeconds = seconds
            memory.backOffFor = ended.id
            let over = (ended.finishedAt / 1_000_000_000).addingClamped(seconds)
            memory.notBefore = max(memory.notBefore, over)
            memories[name] = memory
        }
        return memory.notBefore
    }

    private func guessedBackOff(restarts: Int) throws -> Int? {
        var seconds: Int?
        for _ in 0..<min(restarts, 10) { seconds = try backOff(seconds, ran: 0) }
        return seconds
    }

    private func backOff(_ previous: Int?, ran: Int) throws -> Int {
        try part.backOff(
            BackOffView(
                previousSeconds: previous, ranSeconds: ran, initialSeconds: settings.backOffInitial,
                maxSeconds: settings.backOffMax, resetAfterSeconds: settings.backOffReset))
    }

    private func probeKills() -> [PodAction] {
        allContainers.compactMap { container in
            guard let memory = memories[container.name], let current = memory.current,
                current.state == .running
            else { return nil }
            for kind in [ProbeKind.startup, .liveness] where memory.probes[kind]?.verdict == false {
                return .kill(id: current.id, name: container.name, probe: kind)
            }
            return nil
        }
    }
}

extension Container {
    public func probe(_ kind: ProbeKind) -> Probe? {
        switch kind {
        case .startup: startupProbe
        case .readiness: readinessProbe
        case .liveness: livenessProbe
        }
    }
}
