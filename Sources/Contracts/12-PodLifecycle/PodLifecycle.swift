@_exported import Contract

/// Lab 12: what a kubelet decides about one pod: its phase, which container to start or not, how
/// long to wait before the next try, when a probe's answers change its verdict, and how long a
/// container may take to end.
///
/// Source: k8s.io/kubernetes pkg/kubelet (kubelet_pods.go getPhase, kuberuntime computePodActions,
/// prober/worker.go), and the Kubernetes documentation, "Pod Lifecycle".
public protocol PodLifecycleContract: Sendable {
    /// 12.1 The pod's phase, from what its containers are doing. `Terminating` is not a phase.
    func phase(_ pod: PodView) throws -> PodPhase

    /// 12.2 What to do next for a pod whose sandbox is up: init containers one after the other,
    /// each to success; then all others. A container that ended is started again if the policy says
    /// so.
    func nextStep(_ pod: PodView) throws -> PodStep

    /// 12.3 Seconds to wait before a container is started again: none the first time, then
    /// `initialSeconds`, doubled each time up to `maxSeconds`; after a run of `resetAfterSeconds`
    /// it begins anew.
    func backOff(_ view: BackOffView) throws -> Int

    /// 12.4 The probe's verdict after one more answer: it changes only after `threshold` answers in
    /// a row.
    func judge(_ view: ProbeView) throws -> ProbeMemory

    /// 12.5 Seconds between the stop signal and SIGKILL.
    func gracePeriod(_ view: GraceView) throws -> Int
}

/// Lab 12's part, in its own program.
public protocol PodLifecyclePart: Part, PodLifecycleContract {}

public enum PodPhase: String, Codable, Hashable, Sendable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
}

public enum RestartPolicy: String, Codable, Hashable, Sendable {
    case always = "Always"
    case onFailure = "OnFailure"
    case never = "Never"
}

/// A pod as these decisions see it. Both lists in the order of the spec.
public struct PodView: Codable, Hashable, Sendable {
    public var restartPolicy: RestartPolicy
    public var initContainers: [ContainerView]
    public var containers: [ContainerView]

    public init(
        restartPolicy: RestartPolicy, initContainers: [ContainerView] = [],
        containers: [ContainerView]
    ) {
        self.restartPolicy = restartPolicy
        (self.initContainers, self.containers) = (initContainers, containers)
    }
}

public struct ContainerView: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable {
        /// Never started yet.
        case waiting
        case running
        /// Ended, with `exitCode`.
        case ended
    }
    public var name: String
    public var state: State
    public var exitCode: Int
    /// The startup probe has succeeded, or there is none.
    public var isStarted: Bool

    public init(_ name: String, _ state: State, exitCode: Int = 0, isStarted: Bool = true) {
        (self.name, self.state, self.exitCode) = (name, state, exitCode)
        self.isStarted = isStarted
    }
}

public enum PodStep: Codable, Hashable, Sendable {
    /// Start these, in this order. Empty: all is as it should be.
    case start([String])
    /// All is over: no container will be started again.
    case finished
}

public struct BackOffView: Codable, Hashable, Sendable {
    /// What this function said the last time; nil before the container's first restart.
    public var previousSeconds: Int?
    /// How long the container ran this time.
    public var ranSeconds: Int
    public var initialSeconds: Int
    public var maxSeconds: Int
    public var resetAfterSeconds: Int

    public init(
        previousSeconds: Int?, ranSeconds: Int, initialSeconds: Int = 10, maxSeconds: Int = 300,
        resetAfterSeconds: Int = 600
    ) {
        (self.previousSeconds, self.ranSeconds) = (previousSeconds, ranSeconds)
        (self.initialSeconds, self.maxSeconds) = (initialSeconds, maxSeconds)
        self.resetAfterSeconds = resetAfterSeconds
    }
}

/// What is remembered of a probe between its answers.
public struct ProbeMemory: Codable, Hashable, Sendable {
    /// nil as long as neither threshold has been reached.
    public var verdict: Bool?
    /// How many answers in a row were like `lastAnswer`.
    public var inARow: Int
    public var lastAnswer: Bool?

    public init(verdict: Bool? = nil, inARow: Int = 0, lastAnswer: Bool? = nil) {
        (self.verdict, self.inARow, self.lastAnswer) = (verdict, inARow, lastAnswer)
    }
}

public struct ProbeView: Codable, Hashable, Sendable {
    public var memory: ProbeMemory
    public var answer: Bool
    /// 1 or more.
    public var successThreshold: Int
    public var failureThreshold: Int

    public init(
        memory: ProbeMemory, answer: Bool, successThreshold: Int = 1, failureThreshold: Int = 3
    ) {
        (self.memory, self.answer) = (memory, answer)
        (self.successThreshold, self.failureThreshold) = (successThreshold, failureThreshold)
    }
}

public struct GraceView: Codable, Hashable, Sendable {
    /// The pod's `terminationGracePeriodSeconds`.
    public var podSeconds: Int
    /// What the deletion asked for; nil when the pod is not being deleted.
    public var deletionSeconds: Int?
    /// How much of it the preStop hook has used up.
    public var preStopSeconds: Int

    public init(podSeconds: Int, deletionSeconds: Int? = nil, preStopSeconds: Int = 0) {
        (self.podSeconds, self.deletionSeconds) = (podSeconds, deletionSeconds)
        self.preStopSeconds = preStopSeconds
    }
}
