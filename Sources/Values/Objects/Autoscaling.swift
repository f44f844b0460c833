import JSON

/// Sets the replicas of a workload by what its pods use.
public struct HorizontalPodAutoscaler: KubernetesObject, Hashable {
    public static let resource = Resource(
        group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers",
        kind: "HorizontalPodAutoscaler")
    public var apiVersion: String? = "autoscaling/v2"
    public var kind: String? = "HorizontalPodAutoscaler"
    public var metadata: ObjectMeta
    public var spec: HorizontalPodAutoscalerSpec
    public var status: HorizontalPodAutoscalerStatus?
}

public struct HorizontalPodAutoscalerSpec: Codable, Hashable, Sendable {
    public var scaleTargetRef: CrossVersionObjectReference
    @Count public var minReplicas: Int?
    @Count public var maxReplicas: Int
    public var metrics: [MetricSpec]?
    public var behavior: Behavior?

    public struct Behavior: Codable, Hashable, Sendable {
        public var scaleUp: ScalingRules?
        public var scaleDown: ScalingRules?
    }
}

public struct CrossVersionObjectReference: Codable, Hashable, Sendable {
    public var apiVersion: String?
    public var kind: String
    public var name: String
}

public struct MetricSpec: Codable, Hashable, Sendable {
    /// Resource, Pods, Object, External or ContainerResource. The kit measures Resource.
    public var type: String
    public var resource: ResourceMetric?

    public struct ResourceMetric: Codable, Hashable, Sendable {
        /// cpu or memory
        public var name: String
        public var target: Target
    }
    public struct Target: Codable, Hashable, Sendable {
        /// Utilization (percent of requests) or AverageValue.
        public var type: String
        @Count public var averageUtilization: Int?
        public var averageValue: Quantity?
    }
}

public struct ScalingRules: Codable, Hashable, Sendable {
    @Seconds public var stabilizationWindowSeconds: Int?
    /// Max, Min or Disabled.
    public var selectPolicy: String?
    public var policies: [Policy]?
    public var tolerance: Quantity?

    public struct Policy: Codable, Hashable, Sendable {
        /// Pods or Percent.
        public var type: String
        @Count public var value: Int
        @Seconds public var periodSeconds: Int
    }
}

public struct HorizontalPodAutoscalerStatus: Codable, Hashable, Sendable {
    @Count public var observedGeneration: Int?
    public var lastScaleTime: Timestamp?
    @Count public var currentReplicas: Int?
    @Count public var desiredReplicas: Int = 0
    public var currentMetrics: [JSON]?
    public var conditions: [Condition]?
    public init() {}
}

/// What one pod used over the last window, container by container.
public struct PodMetrics: KubernetesObject, Hashable {
    public static let resource = Resource(
        group: "metrics.k8s.io", version: "v1beta1", plural: "pods", kind: "PodMetrics")
    public var apiVersion: String? = "metrics.k8s.io/v1beta1"
    public var kind: String? = "PodMetrics"
    public var metadata: ObjectMeta
    public var timestamp: Timestamp?
    /// Such as `10s`.
    public var window: String?
    public var containers: [ContainerMetrics]

    public struct ContainerMetrics: Codable, Hashable, Sendable {
        public var name: String
        /// cpu and memory
        public var usage: [String: Quantity]
        public init(name: String, usage: [String: Quantity]) {
            (self.name, self.usage) = (name, usage)
        }
    }

    public init(metadata: ObjectMeta, containers: [ContainerMetrics]) {
        (self.metadata, self.containers) = (metadata, containers)
    }
}

public struct NodeMetrics: KubernetesObject, Hashable {
    public static let resource = Resource(
        group: "metrics.k8s.io", version: "v1beta1", plural: "nodes", kind: "NodeMetrics",
        isNamespaced: false)
    public var apiVersion: String? = "metrics.k8s.io/v1beta1"
    public var kind: String? = "NodeMetrics"
    public var metadata: ObjectMeta
    public var timestamp: Timestamp?
    public var window: String?
    public var usage: [String: Quantity]

    public init(metadata: ObjectMeta, usage: [String: Quantity]) {
        (self.metadata, self.usage) = (metadata, usage)
    }
}
