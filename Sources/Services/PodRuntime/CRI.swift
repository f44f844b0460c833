/// What a kubelet needs of whatever runs its pods: the verbs of Kubernetes' Container Runtime
/// Interface v1.
///
/// The verbs, their order and their promises are CRI's own (k8s.io/cri-api, runtime/v1/api.proto):
/// a sandbox comes before its containers; stopping and removing what is gone already is no error; a
/// verb may be called again after a crash. Calls block their thread; callers bring a thread that
/// may be blocked.
public protocol RuntimeService: Sendable {
    /// Makes the pod's namespaces and network. Returns the sandbox's id.
    func runPodSandbox(_ config: PodSandboxConfig) throws -> String
    /// Kills what still runs in the sandbox and takes its network away.
    func stopPodSandbox(_ id: String) throws
    /// Removes the sandbox and all its containers. It must be stopped.
    func removePodSandbox(_ id: String) throws
    func podSandboxStatus(_ id: String) throws -> PodSandboxStatus
    func listPodSandbox() throws -> [PodSandboxStatus]

    /// Makes a container in a sandbox: its files, and nothing that runs. Returns the container's id.
    func createContainer(_ sandbox: String, _ config: ContainerConfig) throws -> String
    /// Where this fails, the container has ended with 128 and `StartError`.
    func startContainer(_ id: String) throws
    /// Sends the stop signal, waits at most `timeoutSeconds`, then kills.
    func stopContainer(_ id: String, timeoutSeconds: Int) throws
    func removeContainer(_ id: String) throws
    func listContainers() throws -> [ContainerStatus]
    func containerStatus(_ id: String) throws -> ContainerStatus
    func containerStats(_ id: String) throws -> ContainerStats
    /// Runs a command in a container to its end, or to the deadline: then nothing that it started is left.
    func execSync(_ id: String, _ command: [String], timeoutSeconds: Int) throws -> ExecResult
}

/// The image half of CRI.
public protocol ImageService: Sendable {
    /// What is known of an image that is here; nil if it is not.
    func imageStatus(_ reference: String) throws -> ImageStatus?
    /// Makes the image ready to be a root file system.
    func pullImage(_ reference: String) throws -> ImageStatus
}

/// A pod, as far as its sandbox is concerned.
public struct PodSandboxConfig: Codable, Hashable, Sendable {
    public var name: String
    public var namespace: String
    public var uid: String
    /// Counts the sandboxes that this pod has had, from 0.
    public var attempt: Int
    public var hostname: String
    /// The pod uses its node's network.
    public var hostNetwork: Bool
    /// The contents of /etc/resolv.conf.
    public var resolvConf: String
    /// The directory of the pod's container logs.
    public var logDirectory: String
    /// Below the cgroup root: `pod<uid>`.
    public var cgroupParent: String
    /// What comes behind the pod's own lines in /etc/hosts.
    public var hostLines: String?
    /// Kernel settings of the pod's own network and IPC namespaces, by their names with dots.
    public var sysctls: [String: String]?
    /// The pod uses its node's process ids, or System V IPC.
    public var hostPID: Bool?
    public var hostIPC: Bool?
    /// How many processes and threads the pod may have, all containers together.
    public var processesMax: Int?
    /// All containers of the pod see each other's processes.
    public var sharesProcesses: Bool?

    public init(
        name: String, namespace: String, uid: String, attempt: Int = 0, hostname: String,
        hostNetwork: Bool = false, resolvConf: String = "", logDirectory: String,
        cgroupParent: String
    ) {
        (self.name, self.namespace, self.uid) = (name, namespace, uid)
        (self.attempt, self.hostname, self.hostNetwork) = (attempt, hostname, hostNetwork)
        (self.resolvConf, self.logDirectory) = (resolvConf, logDirectory)
        self.cgroupParent = cgroupParent
    }
}

public struct PodSandboxStatus: Codable, Hashable, Sendable {
    public var id: String
    public var config: PodSandboxConfig
    /// False once it was stopped, or when its namespaces are gone (the node was rebooted).
    public var isReady: Bool
    /// The pod's address; nil with the node's network, and after the stop.
    public var ip: String?
    /// Nanoseconds since 1970.
    public var createdAt: Int

    public init(id: String, config: PodSandboxConfig, isReady: Bool, ip: String?, createdAt: Int) {
        (self.id, self.config, self.isReady) = (id, config, isReady)
        (self.ip, self.createdAt) = (ip, createdAt)
    }
}

public struct ContainerConfig: Codable, Hashable, Sendable {
    public var name: String
    /// Counts the restarts of this container, from 0.
    public var attempt: Int
    /// As the pod names it, and as the image service knows it.
    public var image: String
    public var imageID: String
    /// Layer directories, the topmost first.
    public var layers: [String]
    public var process: ProcessConfig
    public var mounts: [Mount]
    public var resources: LinuxResources
    public var security: LinuxSecurity
    /// The file name below the sandbox's log directory: `web/0.log`.
    public var logPath: String
    /// What the container is told to end by: 15, unless the image says otherwise.
    public var stopSignal: Int32

    public init(
        name: String, attempt: Int = 0, image: String, imageID: String, layers: [String],
        process: ProcessConfig, mounts: [Mount] = [], resources: LinuxResources = .init(),
        security: LinuxSecurity = .init(), logPath: String, stopSignal: Int32 = 15
    ) {
        (self.name, self.attempt, self.image, self.imageID) = (name, attempt, image, imageID)
        (self.layers, self.process, self.mounts) = (layers, process, mounts)
        (self.resources, self.security) = (resources, security)
        (self.logPath, self.stopSignal) = (logPath, stopSignal)
    }
}

public struct ProcessConfig: Codable, Hashable, Sendable {
    public var arguments: [String]
    /// `NAME=value`, in order; the last of one name counts.
    public var environment: [String]
    public var directory: String

    public init(arguments: [String], environment: [String] = [], directory: String = "/") {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A bind mount.
public struct Mount: Codable, Hashable, Sendable {
    public var hostPath: String
    public var containerPath: String
    public var isReadOnly: Bool

    public init(hostPath: String, containerPath: String, isReadOnly: Bool = false) {
        self.hostPath = hostPath
        self.containerPath = containerPath
        self.isReadOnly = isReadOnly
    }
}

/// What the kernel is told, in its own units; nil means no limit.
public struct LinuxResources: Codable, Hashable, Sendable {
    /// Relative weight, 2 … 262144.
    public var cpuShares: Int?
    /// Microseconds a period.
    public var cpuQuota: Int?
    public var cpuPeriod: Int?
    public var memoryLimitBytes: Int?
    /// -1000 (never killed for memory) … 1000 (killed first).
    public var oomScoreAdjustment: Int?

    public init(
        cpuShares: Int? = nil, cpuQuota: Int? = nil, cpuPeriod: Int? = nil,
        memoryLimitBytes: Int? = nil, oomScoreAdjustment: Int? = nil
    ) {
        (self.cpuShares, self.cpuQuota, self.cpuPeriod) = (cpuShares, cpuQuota, cpuPeriod)
        self.memoryLimitBytes = memoryLimitBytes
        self.oomScoreAdjustment = oomScoreAdjustment
    }
}

public struct LinuxSecurity: Codable, Hashable, Sendable {
    public var uid: Int
    public var gid: Int
    public var supplementalGroups: [Int]
    public var isPrivileged: Bool
    public var isRootReadOnly: Bool
    public var noNewPrivileges: Bool
    /// Without `CAP_`; `ALL` in `drop` drops every one before `add` adds.
    public var addCapabilities: [String]
    public var dropCapabilities: [String]
    /// nil for no filter.
    public var seccomp: SeccompChoice?

    public init(
        uid: Int = 0, gid: Int = 0, supplementalGroups: [Int] = [], isPrivileged: Bool = false,
        isRootReadOnly: Bool = false, noNewPrivileges: Bool = false,
        addCapabilities: [String] = [], dropCapabilities: [String] = [],
        seccomp: SeccompChoice? = nil
    ) {
        (self.uid, self.gid, self.supplementalGroups) = (uid, gid, supplementalGroups)
        (self.isPrivileged, self.isRootReadOnly) = (isPrivileged, isRootReadOnly)
        self.noNewPrivileges = noNewPrivileges
        (self.addCapabilities, self.dropCapabilities) = (addCapabilities, dropCapabilities)
        self.seccomp = seccomp
    }
}

/// A pod's `seccompProfile.type`, as far as this node can have it.
public enum SeccompChoice: String, Codable, Sendable {
    case runtimeDefault = "RuntimeDefault"
}

public struct ContainerStatus: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable { case created, running, exited }

    public var id: String
    public var sandbox: String
    public var config: ContainerConfig
    public var state: State
    /// Nanoseconds since 1970; 0 where it has not happened.
    public var createdAt: Int
    public var startedAt: Int
    public var finishedAt: Int
    /// 128 and the signal's number for a container that a signal killed.
    public var exitCode: Int
    public var signal: Int
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, or `ContainerStatusUnknown` when nobody saw the end.
    public var reason: String
    /// Why it could not be started, or what it said at its end.
    public var message: String?
    /// The whole log file's path.
    public var logFile: String
    /// The container's first process while it runs, in the kubelet's own PID namespace.
    public var pid: Int32?

    /// A container that was created and not started yet.
    public init(
        id: String, sandbox: String, config: ContainerConfig, createdAt: Int, logFile: String
    ) {
        (self.id, self.sandbox, self.config, self.state) = (id, sandbox, config, .created)
        (self.createdAt, self.startedAt, self.finishedAt) = (createdAt, 0, 0)
        (self.exitCode, self.signal, self.reason) = (0, 0, "")
        (self.logFile, self.pid) = (logFile, nil)
    }
}

/// One reading of what a container uses.
public struct ContainerStats: Codable, Hashable, Sendable {
    /// Nanoseconds since 1970.
    public var at: Int
    /// CPU time since the start.
    public var cpuNanoseconds: Int
    public var memoryUsageBytes: Int
    /// Usage less the page cache that could be dropped at once: what eviction looks at.
    public var memoryWorkingSetBytes: Int

    public init(
        at: Int, cpuNanoseconds: Int, memoryUsageBytes: Int, memoryWorkingSetBytes: Int
    ) {
        (self.at, self.cpuNanoseconds) = (at, cpuNanoseconds)
        self.memoryUsageBytes = memoryUsageBytes
        self.memoryWorkingSetBytes = memoryWorkingSetBytes
    }
}

public struct ExecResult: Hashable, Sendable {
    public var exitCode: Int
    public var output: String
}

public struct ImageStatus: Codable, Hashable, Sendable {
    /// `docker.io/drydock/web@sha256:…`
    public var id: String
    public var sizeBytes: Int
    /// Unpacked layer directories, the topmost first.
    public var layers: [String]
    public var entrypoint: [String]
    public var command: [String]
    public var environment: [String]
    public var workingDirectory: String
    /// `1000:1000`, a name, or empty for root.
    public var user: String
    /// `SIGTERM`, `15`, or empty.
    public var stopSignal: String

    public init(
        id: String, sizeBytes: Int = 0, layers: [String], entrypoint: [String] = [],
        command: [String] = [], environment: [String] = [], workingDirectory: String = "/",
        user: String = "",
        stopSignal: String = ""
    ) {
        (self.id, self.sizeBytes, self.layers) = (id, sizeBytes, layers)
        (self.entrypoint, self.command, self.environment) = (entrypoint, command, environment)
        self.workingDirectory = workingDirectory
        (self.user, self.stopSignal) = (user, stopSignal)
    }
}

/// Why a verb could not be carried out, in one sentence.
public struct RuntimeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
