/// Keeps a number of pods of one template running.
public struct ReplicaSet: KubernetesObject, Hashable {
    public static let resource = Resource(group: "apps", plural: "replicasets", kind: "ReplicaSet")
    public var apiVersion: String? = "apps/v1"
    public var kind: String? = "ReplicaSet"
    public var metadata: ObjectMeta
    public var spec: ReplicaSetSpec
    public var status: ReplicaSetStatus?

    public init(metadata: ObjectMeta = ObjectMeta(), spec: ReplicaSetSpec = ReplicaSetSpec()) {
        (self.metadata, self.spec) = (metadata, spec)
    }
}

public struct ReplicaSetSpec: Codable, Hashable, Sendable {
    @Count public var replicas: Int?
    @Seconds public var minReadySeconds: Int?
    public var selector = LabelSelector()
    public var template: PodTemplateSpec?
    public init() {}
}

public struct ReplicaSetStatus: Codable, Hashable, Sendable {
    @Count public var replicas: Int?
    @Count public var fullyLabeledReplicas: Int?
    @Count public var readyReplicas: Int?
    @Count public var availableReplicas: Int?
    @Count public var observedGeneration: Int?
    public var conditions: [Condition]?
    public init() {}
}

/// Rolls pods from one template to the next.
public struct Deployment: KubernetesObject, Hashable {
    public static let resource = Resource(group: "apps", plural: "deployments", kind: "Deployment")
    /// The annotation on a Deployment and its ReplicaSets that numbers the templates.
    public static let revisionAnnotation = "deployment.kubernetes.io/revision"
    /// The label that keeps the pods of two templates apart.
    public static let templateHashLabel = "pod-template-hash"

    public var apiVersion: String? = "apps/v1"
    public var kind: String? = "Deployment"
    public var metadata: ObjectMeta
    public var spec: DeploymentSpec
    public var status: DeploymentStatus?

    public init(metadata: ObjectMeta = ObjectMeta(), spec: DeploymentSpec = DeploymentSpec()) {
        (self.metadata, self.spec) = (metadata, spec)
    }
}

public struct DeploymentSpec: Codable, Hashable, Sendable {
    @Count public var replicas: Int?
    public var selector = LabelSelector()
    public var template = PodTemplateSpec()
    public var strategy: DeploymentStrategy?
    @Seconds public var minReadySeconds: Int?
    @Count public var revisionHistoryLimit: Int?
    @Seconds public var progressDeadlineSeconds: Int?
    public var paused: Bool?
    public init() {}
}

public struct DeploymentStrategy: Codable, Hashable, Sendable {
    /// RollingUpdate or Recreate.
    public var type: String?
    public var rollingUpdate: RollingUpdate?

    public struct RollingUpdate: Codable, Hashable, Sendable {
        public var maxSurge: IntOrString?
        public var maxUnavailable: IntOrString?
        public init() {}
    }
    public init() {}
}

public struct DeploymentStatus: Codable, Hashable, Sendable {
    @Count public var observedGeneration: Int?
    @Count public var replicas: Int?
    @Count public var updatedReplicas: Int?
    @Count public var readyReplicas: Int?
    @Count public var availableReplicas: Int?
    @Count public var unavailableReplicas: Int?
    public var conditions: [Condition]?
    @Count public var collisionCount: Int?
    public init() {}
}

/// Runs pods to completion.
public struct Job: KubernetesObject, Hashable {
    public static let resource = Resource(group: "batch", plural: "jobs", kind: "Job")
    public var apiVersion: String? = "batch/v1"
    public var kind: String? = "Job"
    public var metadata: ObjectMeta
    public var spec: JobSpec
    public var status: JobStatus?

    public init(metadata: ObjectMeta = ObjectMeta(), spec: JobSpec = JobSpec()) {
        (self.metadata, self.spec) = (metadata, spec)
    }
}

public struct JobSpec: Codable, Hashable, Sendable {
    @Count public var parallelism: Int?
    @Count public var completions: Int?
    @Count public var backoffLimit: Int?
    public var selector: LabelSelector?
    public var template = PodTemplateSpec()
    public init() {}
}

public struct JobStatus: Codable, Hashable, Sendable {
    @Count public var active: Int?
    @Count public var succeeded: Int?
    @Count public var failed: Int?
    public var startTime: Timestamp?
    public var completionTime: Timestamp?
    public var conditions: [Condition]?
    public init() {}
}
