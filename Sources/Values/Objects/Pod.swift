import JSON

/// The smallest thing that is scheduled: containers that share a network and a fate.
public struct Pod: KubernetesObject, Hashable {
    public static let resource = Resource(plural: "pods", kind: "Pod")
    public var apiVersion: String? = "v1"
    public var kind: String? = "Pod"
    public var metadata: ObjectMeta
    public var spec: PodSpec
    public var status: PodStatus?

    public init(metadata: ObjectMeta = ObjectMeta(), spec: PodSpec = PodSpec()) {
        (self.metadata, self.spec) = (metadata, spec)
    }

    public var isReady: Bool { status?.condition("Ready")?.isTrue ?? false }
    public var isTerminating: Bool { metadata.deletionTimestamp != nil }
    /// Succeeded or Failed: it will not run again.
    public var isFinished: Bool { status?.phase == "Succeeded" || status?.phase == "Failed" }
}

public struct PodSpec: Codable, Hashable, Sendable {
    public var containers: [Container] = []
    public var initContainers: [Container]?
    public var volumes: [Volume]?
    public var nodeName: String?
    public var nodeSelector: [String: String]?
    public var hostname: String?
    public var subdomain: String?
    public var hostNetwork: Bool?
    public var hostPID: Bool?
    public var hostIPC: Bool?
    public var shareProcessNamespace: Bool?
    public var hostAliases: [HostAlias]?
    public var dnsPolicy: String?
    public var dnsConfig: DNSConfig?
    public var enableServiceLinks: Bool?
    public var automountServiceAccountToken: Bool?
    public var restartPolicy: String?
    @Seconds public var terminationGracePeriodSeconds: Int?
    @Seconds public var activeDeadlineSeconds: Int?
    public var serviceAccountName: String?
    public var tolerations: [Toleration]?
    public var schedulerName: String?
    @Count public var priority: Int?
    public var securityContext: SecurityContext?
    public var readinessGates: [JSON]?
    public var schedulingGates: [JSON]?
    public var topologySpreadConstraints: [JSON]?
    public var affinity: JSON?

    public init() {}
}

/// A pod-to-be: what a ReplicaSet makes pods from. The spec is kept as it was written, so that a field the
/// kit has no type for still reaches the pod.
public struct PodTemplateSpec: Codable, Hashable, Sendable {
    public var metadata: ObjectMeta?
    public var spec: JSON

    public init(metadata: ObjectMeta? = nil, spec: JSON = [:]) {
        (self.metadata, self.spec) = (metadata, spec)
    }

    /// The spec with the fields the kit knows.
    public func podSpec() throws -> PodSpec { try spec.decode() }
}

public struct Container: Codable, Hashable, Sendable {
    public var name = ""
    public var image: String?
    public var imagePullPolicy: String?
    public var command: [String]?
    public var args: [String]?
    public var workingDir: String?
    public var env: [EnvVar]?
    public var envFrom: [EnvFromSource]?
    /// `Always` makes an init container a sidecar: it stays while the others run.
    public var restartPolicy: String?
    public var terminationMessagePath: String?
    public var terminationMessagePolicy: String?
    public var ports: [ContainerPort]?
    public var resources: ResourceRequirements?
    public var volumeMounts: [VolumeMount]?
    public var readinessProbe: Probe?
    public var livenessProbe: Probe?
    public var startupProbe: Probe?
    public var lifecycle: Lifecycle?
    public var securityContext: SecurityContext?
    public var stdin: Bool?
    public var tty: Bool?

    public init() {}
}

public struct EnvVar: Codable, Hashable, Sendable {
    public var name: String
    public var value: String?
    public var valueFrom: Source?

    public struct Source: Codable, Hashable, Sendable {
        public var fieldRef: FieldRef?
        public var configMapKeyRef: KeyRef?
        public var secretKeyRef: KeyRef?
        public var resourceFieldRef: ResourceFieldRef?
    }
    public struct FieldRef: Codable, Hashable, Sendable {
        public var fieldPath: String
    }
    public struct KeyRef: Codable, Hashable, Sendable {
        public var name: String
        public var key: String
        public var optional: Bool?
    }
}

/// All of a ConfigMap or Secret as environment variables, each with the prefix in front of its key.
public struct EnvFromSource: Codable, Hashable, Sendable {
    public var prefix: String?
    public var configMapRef: Reference?
    public var secretRef: Reference?

    public struct Reference: Codable, Hashable, Sendable {
        public var name: String
        public var optional: Bool?
    }
}

public struct ContainerPort: Codable, Hashable, Sendable {
    public var name: String?
    @Count public var containerPort: Int
    @Count public var hostPort: Int?
    public var hostIP: String?
    public var `protocol`: String?
}

/// What a container asks for (`requests`, for the scheduler) and may have at most (`limits`, for the kernel).
public struct ResourceRequirements: Codable, Hashable, Sendable {
    public var requests: [String: Quantity]?
    public var limits: [String: Quantity]?
    public init() {}
}

public struct VolumeMount: Codable, Hashable, Sendable {
    public var name: String
    public var mountPath: String
    public var subPath: String?
    public var subPathExpr: String?
    public var readOnly: Bool?
}

/// How the kubelet asks a container how it is. Times in seconds.
public struct Probe: Codable, Hashable, Sendable {
    public var httpGet: HTTPGet?
    public var tcpSocket: TCPSocket?
    public var exec: Exec?
    public var grpc: GRPC?
    @Seconds public var terminationGracePeriodSeconds: Int?
    @Seconds public var initialDelaySeconds: Int?
    @Seconds public var timeoutSeconds: Int?
    @Seconds public var periodSeconds: Int?
    @Count public var successThreshold: Int?
    @Count public var failureThreshold: Int?

    public struct HTTPGet: Codable, Hashable, Sendable {
        public var path: String?
        public var port: IntOrString
        public var host: String?
        public var scheme: String?
        public var httpHeaders: [HTTPHeader]?
    }
    public struct HTTPHeader: Codable, Hashable, Sendable {
        public var name: String
        public var value: String
    }
    public struct TCPSocket: Codable, Hashable, Sendable {
        public var port: IntOrString
        public var host: String?
    }
    public struct Exec: Codable, Hashable, Sendable {
        public var command: [String]?
    }
    public struct GRPC: Codable, Hashable, Sendable {
        @Count public var port: Int
        public var service: String?
    }
}

public struct Lifecycle: Codable, Hashable, Sendable {
    public var postStart: Handler?
    public var preStop: Handler?

    public struct Handler: Codable, Hashable, Sendable {
        public var exec: Probe.Exec?
        public var httpGet: Probe.HTTPGet?
        public var sleep: Sleep?
    }
    public struct Sleep: Codable, Hashable, Sendable {
        @Seconds public var seconds: Int
    }
}

/// A container's, or the whole pod's, identity and privileges.
public struct SecurityContext: Codable, Hashable, Sendable {
    @Count public var runAsUser: Int?
    @Count public var runAsGroup: Int?
    public var runAsNonRoot: Bool?
    @Count public var fsGroup: Int?
    public var supplementalGroups: [Int]?
    public var privileged: Bool?
    public var readOnlyRootFilesystem: Bool?
    public var allowPrivilegeEscalation: Bool?
    public var capabilities: Capabilities?
    public var seccompProfile: SeccompProfile?
    public var sysctls: [Sysctl]?

    public struct Sysctl: Codable, Hashable, Sendable {
        public var name: String
        public var value: String
    }
    public struct Capabilities: Codable, Hashable, Sendable {
        public var add: [String]?
        public var drop: [String]?
    }
    public struct SeccompProfile: Codable, Hashable, Sendable {
        public var type: String
        public var localhostProfile: String?
    }
}

public struct Toleration: Codable, Hashable, Sendable {
    public var key: String?
    public var `operator`: String?
    public var value: String?
    public var effect: String?
    @Seconds public var tolerationSeconds: Int?
    public init() {}
}
