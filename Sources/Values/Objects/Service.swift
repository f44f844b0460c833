/// One address for a set of pods that come and go.
public struct Service: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "services", kind: "Service")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Service"
    public var metadata: ObjectMeta
    public var spec: ServiceSpec

    public init(metadata: ObjectMeta = ObjectMeta(), spec: ServiceSpec = ServiceSpec()) {
        (self.metadata, self.spec) = (metadata, spec)
    }
}

public struct ServiceSpec: Codable, Hashable, Sendable {
    public var type: String?
    /// `None` for a headless service.
    public var clusterIP: String?
    public var clusterIPs: [String]?
    public var selector: [String: String]?
    public var ports: [ServicePort]?
    public var sessionAffinity: String?
    public var sessionAffinityConfig: SessionAffinityConfig?
    public var externalTrafficPolicy: String?
    public var internalTrafficPolicy: String?
    public var publishNotReadyAddresses: Bool?
    public init() {}
}

public struct SessionAffinityConfig: Codable, Hashable, Sendable {
    public var clientIP: ClientIP?
    public struct ClientIP: Codable, Hashable, Sendable {
        @Seconds public var timeoutSeconds: Int?
    }
}

public struct ServicePort: Codable, Hashable, Sendable {
    public var name: String?
    public var `protocol`: String?
    @Count public var port: Int
    public var targetPort: IntOrString?
    @Count public var nodePort: Int?
    public var appProtocol: String?
    public init(port: Int) { self.port = port }
}

/// A slice of the addresses behind a service.
public struct EndpointSlice: KubernetesObject, Hashable {
    public static let resource = Resource(
        group: "discovery.k8s.io", plural: "endpointslices", kind: "EndpointSlice")
    /// The label that says whose slice this is.
    public static let serviceNameLabel = "kubernetes.io/service-name"

    public var apiVersion: String? = "discovery.k8s.io/v1"
    public var kind: String? = "EndpointSlice"
    public var metadata: ObjectMeta
    public var addressType = "IPv4"
    public var endpoints: [Endpoint]? = []
    public var ports: [EndpointPort]?

    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

/// The older form of the same: one object a service, all addresses in it. `kubectl get endpoints` shows it, and
/// `describe service` of kubectl before 1.32 reads nothing else.
public struct Endpoints: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "endpoints", kind: "Endpoints")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Endpoints"
    public var metadata: ObjectMeta
    public var subsets: [EndpointSubset]?

    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

/// Addresses times ports.
public struct EndpointSubset: Codable, Hashable, Sendable {
    public var addresses: [EndpointAddress]?
    public var notReadyAddresses: [EndpointAddress]?
    public var ports: [EndpointPort]?

    public init(
        addresses: [EndpointAddress], notReadyAddresses: [EndpointAddress], ports: [EndpointPort]
    ) {
        self.addresses = addresses.isEmpty ? nil : addresses
        self.notReadyAddresses = notReadyAddresses.isEmpty ? nil : notReadyAddresses
        self.ports = ports.isEmpty ? nil : ports
    }
}

public struct EndpointAddress: Codable, Hashable, Sendable {
    public var ip: String
    public var hostname: String?
    public var nodeName: String?
    public var targetRef: ObjectReference?

    public init(_ endpoint: Endpoint) {
        ip = endpoint.addresses.first ?? ""
        (hostname, nodeName, targetRef) = (endpoint.hostname, endpoint.nodeName, endpoint.targetRef)
    }
}

public struct Endpoint: Codable, Hashable, Sendable {
    public var addresses: [String]
    public var conditions: EndpointConditions?
    public var hostname: String?
    public var targetRef: ObjectReference?
    public var nodeName: String?
    public init(addresses: [String]) { self.addresses = addresses }
}

public struct EndpointConditions: Codable, Hashable, Sendable {
    /// Answers, and is not going away.
    public var ready: Bool?
    /// Answers, whether or not it is going away.
    public var serving: Bool?
    public var terminating: Bool?
    public init(ready: Bool? = nil, serving: Bool? = nil, terminating: Bool? = nil) {
        (self.ready, self.serving, self.terminating) = (ready, serving, terminating)
    }
}

public struct EndpointPort: Codable, Hashable, Sendable {
    public var name: String?
    public var `protocol`: String?
    @Count public var port: Int?
    public var appProtocol: String?
    public init(name: String? = nil, protocol: String? = nil, port: Int? = nil) {
        (self.name, self.protocol, self.port) = (name, `protocol`, port)
    }
}

/// Points at another object.
public struct ObjectReference: Codable, Hashable, Sendable {
    public var apiVersion: String?
    public var kind: String?
    public var namespace: String?
    public var name: String?
    public var uid: String?
    public var resourceVersion: String?
    public var fieldPath: String?
    public init() {}

    public init<Object: KubernetesObject>(to object: Object) {
        apiVersion = Object.resource.apiVersion
        kind = Object.resource.kind
        namespace = object.metadata.namespace
        name = object.metadata.name
        uid = object.metadata.uid
    }
}
