/// The version of Kubernetes whose API the kit speaks. Servers, nodes and probes all name this one: a node that claims
/// to be newer than its API server would be a fault in any real cluster.
public enum KubernetesVersion {
    public static let major = "1"
    public static let minor = "33"
    /// `v1.33.0`
    public static let text = "v\(major).\(minor).0"
}
