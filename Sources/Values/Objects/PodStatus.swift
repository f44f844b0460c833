/// What the kubelet saw of a pod.
public struct PodStatus: Codable, Hashable, Sendable {
    /// Pending, Running, Succeeded, Failed or Unknown.
    public var phase: String?
    public var conditions: [Condition]?
    public var message: String?
    public var reason: String?
    public var hostIP: String?
    public var hostIPs: [HostIP]?
    public var podIP: String?
    public var podIPs: [PodIP]?
    public var startTime: Timestamp?
    public var initContainerStatuses: [ContainerStatus]?
    public var containerStatuses: [ContainerStatus]?
    public var qosClass: String?

    public init() {}

    public func condition(_ type: String) -> Condition? { conditions?.first { $0.type == type } }

    public struct PodIP: Codable, Hashable, Sendable {
        public var ip: String
        public init(ip: String) { self.ip = ip }
    }
    public struct HostIP: Codable, Hashable, Sendable {
        public var ip: String
        public init(ip: String) { self.ip = ip }
    }
}

public struct ContainerStatus: Codable, Hashable, Sendable {
    public var name: String
    public var state: ContainerState?
    public var lastState: ContainerState?
    public var ready: Bool
    public var started: Bool?
    @Count public var restartCount: Int
    public var image: String
    public var imageID: String
    public var containerID: String?

    public init(name: String, ready: Bool, restartCount: Int, image: String, imageID: String) {
        self.name = name
        self.ready = ready
        self.restartCount = restartCount
        self.image = image
        self.imageID = imageID
    }
}

/// One of the three is set.
public struct ContainerState: Codable, Hashable, Sendable {
    public var waiting: Waiting?
    public var running: Running?
    public var terminated: Terminated?

    public init(waiting: Waiting? = nil, running: Running? = nil, terminated: Terminated? = nil) {
        (self.waiting, self.running, self.terminated) = (waiting, running, terminated)
    }

    public struct Waiting: Codable, Hashable, Sendable {
        public var reason: String?
        public var message: String?
        public init(reason: String? = nil, message: String? = nil) {
            (self.reason, self.message) = (reason, message)
        }
    }
    public struct Running: Codable, Hashable, Sendable {
        public var startedAt: Timestamp?
        public init(startedAt: Timestamp? = nil) { self.startedAt = startedAt }
    }
    public struct Terminated: Codable, Hashable, Sendable {
        @Count public var exitCode: Int
        @Count public var signal: Int?
        public var reason: String?
        public var message: String?
        public var startedAt: Timestamp?
        public var finishedAt: Timestamp?
        public var containerID: String?
        public init(exitCode: Int, reason: String? = nil) {
            (self.exitCode, self.reason) = (exitCode, reason)
        }
    }
}
