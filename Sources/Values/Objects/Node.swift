/// A machine that runs pods.
public struct Node: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "nodes", kind: "Node", isNamespaced: false)
    public var apiVersion: String? = "v1"
    public var kind: String? = "Node"
    public var metadata: ObjectMeta
    public var spec: NodeSpec?
    public var status: NodeStatus?

    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }

    public var isReady: Bool { status?.condition("Ready")?.isTrue ?? false }
    /// The address that other nodes reach it by.
    public var internalIP: String? {
        status?.addresses?.first { $0.type == "InternalIP" }?.address
    }
}

public struct NodeSpec: Codable, Hashable, Sendable {
    public var podCIDR: String?
    public var podCIDRs: [String]?
    public var unschedulable: Bool?
    public var taints: [Taint]?
    public init() {}
}

public struct Taint: Codable, Hashable, Sendable {
    public var key: String
    public var value: String?
    /// NoSchedule, PreferNoSchedule or NoExecute.
    public var effect: String
    public var timeAdded: Timestamp?
    public init(key: String, value: String? = nil, effect: String, timeAdded: Timestamp? = nil) {
        (self.key, self.value, self.effect, self.timeAdded) = (key, value, effect, timeAdded)
    }
}

public struct NodeStatus: Codable, Hashable, Sendable {
    public var capacity: [String: Quantity]?
    public var allocatable: [String: Quantity]?
    public var conditions: [Condition]?
    public var addresses: [NodeAddress]?
    public var nodeInfo: NodeSystemInfo?
    public var daemonEndpoints: DaemonEndpoints?
    public init() {}

    public func condition(_ type: String) -> Condition? { conditions?.first { $0.type == type } }
}

public struct NodeAddress: Codable, Hashable, Sendable {
    public var type: String
    public var address: String
    public init(type: String, address: String) { (self.type, self.address) = (type, address) }
}

public struct DaemonEndpoints: Codable, Hashable, Sendable {
    public var kubeletEndpoint: Endpoint?
    public struct Endpoint: Codable, Hashable, Sendable {
        @Count public var Port: Int
        public init(Port: Int) { self.Port = Port }
    }
    public init(kubeletEndpoint: Endpoint? = nil) { self.kubeletEndpoint = kubeletEndpoint }
}

public struct NodeSystemInfo: Codable, Hashable, Sendable {
    public var machineID = ""
    public var systemUUID = ""
    public var bootID = ""
    public var kernelVersion = ""
    public var osImage = ""
    public var containerRuntimeVersion = ""
    public var kubeletVersion = ""
    public var kubeProxyVersion = ""
    public var operatingSystem = ""
    public var architecture = ""
    public init() {}
}

/// A heartbeat: who holds it renews it, and who looks can tell how long ago that was.
public struct Lease: KubernetesObject, Hashable {
    public static let resource = Resource(
        group: "coordination.k8s.io", plural: "leases", kind: "Lease")
    public var apiVersion: String? = "coordination.k8s.io/v1"
    public var kind: String? = "Lease"
    public var metadata: ObjectMeta
    public var spec: LeaseSpec?

    public init(metadata: ObjectMeta = ObjectMeta(), spec: LeaseSpec? = nil) {
        (self.metadata, self.spec) = (metadata, spec)
    }
}

public struct LeaseSpec: Codable, Hashable, Sendable {
    public var holderIdentity: String?
    @Seconds public var leaseDurationSeconds: Int?
    public var acquireTime: Timestamp?
    public var renewTime: Timestamp?
    @Count public var leaseTransitions: Int?
    public init() {}
}
