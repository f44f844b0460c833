import JSON

/// A role that every cluster has, and whom it is for.
struct BootstrapRole: Sendable {
    var name: String
    var rules: [JSON] = []
    var subjects: [JSON] = []
    /// The rules are also those of `name`: `view`, `edit`, `admin`.
    var aggregatesTo: String?
    /// The rules are all those that aggregate to it.
    var isAggregated = false

    private static func label(_ name: String) -> String {
        "rbac.authorization.k8s.io/aggregate-to-\(name)"
    }

    var aggregationRule: JSON? {
        guard isAggregated else { return nil }
        return ["clusterRoleSelectors": [["matchLabels": [Self.label(name): "true"]]]]
    }

    var object: JSON {
        var labels: JSON = ["kubernetes.io/bootstrapping": "rbac-defaults"]
        if let aggregatesTo { labels[Self.label(aggregatesTo)] = "true" }
        var object: JSON = [
            "metadata": ["name": .string(name), "labels": labels], "rules": .array(rules),
        ]
        object["aggregationRule"] = aggregationRule
        return object
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
        // Each is all that is labelled for it, the roles of users too; each wider one is the narrower and more.
        BootstrapRole(name: "view", aggregatesTo: "edit", isAggregated: true),
        BootstrapRole(name: "edit", aggregatesTo: "admin", isAggregated: true),
        BootstrapRole(name: "admin", isAggregated: true),
        BootstrapRole(
            name: "system:aggregate-to-view",
            rules: [allow(reading, groups, visible), allow(reading, "core", "namespaces")],
            aggregatesTo: "view"),
        BootstrapRole(
            name: "system:aggregate-to-edit",
            rules: [
                allow(everything, groups, visible + " secrets"),
                allow("create", "core", "pods/eviction serviceaccounts/token"),
                allow("impersonate", "core", "serviceaccounts"),
            ],
            aggregatesTo: "edit"),
        BootstrapRole(
            name: "system:aggregate-to-admin",
            rules: [
                allow(everything, "rbac.authorization.k8s.io", "roles rolebindings"),
                allow("create", "authorization.k8s.io", "localsubjectaccessreviews"),
            ],
            aggregatesTo: "admin"),
    ]

    private static let groups = "core apps autoscaling batch discovery.k8s.io"
    private static let visible =
        "configmaps endpoints pods pods/log pods/status replicationcontrollers serviceaccounts services events "
        + "limitranges resourcequotas persistentvolumeclaims daemonsets deployments deployments/scale "
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
            name: "system:node-proxier",
            rules: [
                events, allow(reading, "core", "services endpoints nodes"),
                allow(reading, "discovery.k8s.io", "endpointslices"),
            ],
            subjects: [user("system:kube-proxy")]),
    ]
}
