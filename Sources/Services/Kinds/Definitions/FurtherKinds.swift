// The groups with a kind or two, and who may do what.

extension Kind {
    static let lease = Kind("coordination.k8s.io/v1", "Lease", "leases").createdByUpdates().printed(by: .lease)

    static let endpointSlice = Kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices").countingGenerations()
        .filled(by: Defaults.endpointSlice).checked(by: .endpointSlice).printed(by: .endpointSlice)

    static let nodeMetrics = Kind("metrics.k8s.io/v1beta1", "NodeMetrics", "nodes").clusterWide().singular("")
        .answered()

    static let podMetrics = Kind("metrics.k8s.io/v1beta1", "PodMetrics", "pods").singular("").answered()
}

// Names of these may have colons in them: `system:node`.
extension Kind {
    public static let clusterRole = Kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles").clusterWide()
        .createdByUpdates().named(.pathSegment).checked(by: .role).printed(by: .clusterRole)

    static let clusterRoleBinding = Kind(
        "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"
    )
    .clusterWide().createdByUpdates().named(.pathSegment)
    .filled(by: Defaults.roleBinding).checked(by: .roleBinding).printed(by: .roleBinding)

    public static let role = Kind("rbac.authorization.k8s.io/v1", "Role", "roles")
        .createdByUpdates().named(.pathSegment).checked(by: .role).printed(by: .role)

    static let roleBinding = Kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings")
        .createdByUpdates().named(.pathSegment)
        .filled(by: Defaults.roleBinding).checked(by: .roleBinding).printed(by: .roleBinding)
}
