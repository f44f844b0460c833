import JSON

public struct Namespace: KubernetesObject, Hashable {
    public static let resource = Resource(
        plural: "namespaces", kind: "Namespace", isNamespaced: false)
    public var apiVersion: String? = "v1"
    public var kind: String? = "Namespace"
    public var metadata: ObjectMeta
    public var spec: Spec?
    public var status: Status?

    public struct Spec: Codable, Hashable, Sendable {
        public var finalizers: [String]?
    }
    public struct Status: Codable, Hashable, Sendable {
        /// Active or Terminating.
        public var phase: String?
    }
    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

public struct ConfigMap: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "configmaps", kind: "ConfigMap")
    public var apiVersion: String? = "v1"
    public var kind: String? = "ConfigMap"
    public var metadata: ObjectMeta
    public var data: [String: String]?
    /// base64
    public var binaryData: [String: String]?
    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

public struct Secret: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "secrets", kind: "Secret")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Secret"
    public var metadata: ObjectMeta
    public var type: String?
    /// base64
    public var data: [String: String]?
    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

public struct ServiceAccount: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "serviceaccounts", kind: "ServiceAccount")
    public var apiVersion: String? = "v1"
    public var kind: String? = "ServiceAccount"
    public var metadata: ObjectMeta
    public init(metadata: ObjectMeta = ObjectMeta()) { self.metadata = metadata }
}

/// Something that happened to an object, for people to read.
public struct Event: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "events", kind: "Event")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Event"
    public var metadata: ObjectMeta
    public var involvedObject: ObjectReference
    public var reason: String?
    public var message: String?
    /// Normal or Warning.
    public var type: String?
    @Count public var count: Int?
    public var firstTimestamp: Timestamp?
    public var lastTimestamp: Timestamp?
    public var source: Source?
    public var reportingComponent: String?
    public var reportingInstance: String?

    public struct Source: Codable, Hashable, Sendable {
        public var component: String?
        public var host: String?
        public init(component: String? = nil, host: String? = nil) {
            (self.component, self.host) = (component, host)
        }
    }
    public init(metadata: ObjectMeta, involvedObject: ObjectReference) {
        (self.metadata, self.involvedObject) = (metadata, involvedObject)
    }
}

/// Puts a pod on a node: what a scheduler posts to a pod's `binding` subresource.
public struct Binding: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "bindings", kind: "Binding")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Binding"
    public var metadata: ObjectMeta
    public var target: ObjectReference
    public init(pod: Pod, node: String) {
        metadata = ObjectMeta(name: pod.metadata.name, namespace: pod.metadata.namespace)
        metadata.uid = pod.metadata.uid
        target = ObjectReference()
        (target.apiVersion, target.kind, target.name) = ("v1", "Node", node)
    }
}
