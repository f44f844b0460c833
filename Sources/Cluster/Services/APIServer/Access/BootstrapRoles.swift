import JSON

/// A role that every cluster has, and whom it is for.
struct BootstrapRole: Sendable {
    var name: String
    var rules: [JSON]
    var subjects: [JSON]

    var object: JSON {
        [
            "metadata": [
                "name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"],
            ],
            "rules": .array(rules),
        ]
    }

    var binding: JSON {
        [
            "metadata": [
                "name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"],
            ],
            "roleRef": [
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": .string(name),
            ],
            "subjects": .array(subjects),
        ]
    }
}

private func words(_ text: String) -> JSON {
    .array(text.split(separator: " ").map { .string(String($0)) })
}

/// `allow("get list", "apps", "deployments")`; the core group is written `core`.
private func allow(_ verbs: String, _ groups: String, _ resources: String) -> JSON {
    let groups = groups.split(separator: " ").map {
        $0 == "core" ? JSON.string("") : .string(String($0))
    }
    return ["verbs": words(verbs), "apiGroups": .array(groups), "resources": words(resources)]
}
private func allowPaths(_ paths: String) -> JSON {
    ["verbs": ["get"], "nonResourceURLs": words(paths)]
}
private func user(_ name: String) -> JSON {
    ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": .string(name)]
}
private func group(_ name: String) -> JSON {
    ["kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": .string(name)]
}

enum BootstrapRoles {
    private static let everything = "get list watch create update patch delete deletecollection"
    private static let reading = "get list watch"
    private static let events = allow("create patch update", "core events.k8s.io", "events")

    /// Kubernetes' default roles by name (kubernetes.io/docs/reference/access-authn-authz/rbac), as
    /// far as there is somebody here to hold them. The controllers share one certificate, and so
    /// one role.
    static let roles: [BootstrapRole] = people + components

    private static let people: [BootstrapRole] = [
        BootstrapRole(
            name: "cluster-admin",
            rules: [allow("*", "*", "*"), ["verbs": ["*"], "nonResourceURLs": ["*"]]],
            subjects: [group("system:masters")]),
        BootstrapRole(
            name: "system:discovery",
            rules: [
                allowPaths(
                    "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"
                )
            ],
            subjects: [group("system:authenticated")]),
        BootstrapRole(
            name: "system:public-info-viewer",
            rules: [allowPaths("/healthz /livez /readyz /version /version/")],
            subjects: [group("system:authenticated"), group("system:unauthenticated")]),
        BootstrapRole(
            name: "system:basic-user",
            rules: [
                allow(
                    "create", "authorization.k8s.io",
                    "selfsubjectaccessreviews selfsubjectrulesreviews"),
                allow("create", "authentication.k8s.io", "selfsubjectreviews"),
            ],
            subjects: [group("system:authenticated")]),
        BootstrapRole(
            name: "view",
            rules: [allow(reading, "core apps autoscaling batch discovery.k8s.io", visible)],
            subjects: []),
        BootstrapRole(
            name: "edit",
            rules: [
                allow(
                    everything, "core apps autoscaling batch discovery.k8s.io", visible + " secrets"
                )
            ],
            subjects: []),
        BootstrapRole(
            name: "admin",
            rules: [
                allow(
                    everything, "core apps autoscaling batch discovery.k8s.io", visible + " secrets"
                ),
                allow(everything, "rbac.authorization.k8s.io", "roles rolebindings"),
            ], subjects: []),
    ]

    private static let visible =
        "configmaps endpoints pods pods/log pods/status replicationcontrollers serviceaccounts services events "
        + "limitranges resourcequotas namespaces persistentvolumeclaims daemonsets deployments deployments/scale "
        + "replicasets replicasets/scale statefulsets statefulsets/scale horizontalpodautoscalers cronjobs jobs "
        + "endpointslices"

    private static let components: [BootstrapRole] = [
        BootstrapRole(
            name: "system:kube-controller-manager",
            rules: [
                allow(
                    everything,
                    "core apps autoscaling batch discovery.k8s.io coordination.k8s.io policy", "*"),
                allow("impersonate", "core", "serviceaccounts"),
                allow("get list", "metrics.k8s.io", "nodes pods"),
                allow(reading + " delete patch update", "*", "*"),
            ],
            subjects: [user("system:kube-controller-manager")]),
        BootstrapRole(
            name: "system:kube-scheduler",
            rules: [
                events,
                allow(
                    reading, "core",
                    "nodes pods namespaces persistentvolumes persistentvolumeclaims services replicationcontrollers"
                ),
                allow(reading, "apps", "replicasets statefulsets"),
                allow("create", "core", "pods/binding bindings"),
                allow("patch update", "core", "pods/status"),
                allow("delete", "core", "pods"),
                allow(everything, "coordination.k8s.io", "leases"),
                allow(reading, "storage.k8s.io policy", "*"),
            ],
            subjects: [user("system:kube-scheduler")]),
        BootstrapRole(
            name: "system:node",
            rules: [
                events,
                allow("create get list watch update patch", "core", "nodes nodes/status"),
                allow(reading + " create delete patch", "core", "pods"),
                allow("update patch get", "core", "pods/status"),
                allow("create", "core", "pods/eviction serviceaccounts/token"),
                allow(
                    reading, "core",
                    "configmaps secrets services endpoints persistentvolumes persistentvolumeclaims"
                ),
                allow(everything, "coordination.k8s.io", "leases"),
                allow("create", "authentication.k8s.io", "tokenreviews"),
                allow("create", "authorization.k8s.io", "subjectaccessreviews"),
            ],
            subjects: [group("system:nodes")]),
        BootstrapRole(
            name: "system:node-proxier",
            rules: [
                events, allow(reading, "core", "services endpoints nodes"),
                allow(reading, "discovery.k8s.io", "endpointslices"),
            ],
            subjects: [user("system:kube-proxy")]),
    ]
}
