// The kinds, in discovery order: names, short names, what may be done. What a kind fills in, checks
// and
// prints is in Defaults/, Validation/ and Printing/.

import JSON

extension Kinds {
    static let coreKinds: [Kind] = [
        Kind("v1", "Binding", "bindings").sentOnly(),
        Kind("v1", "ConfigMap", "configmaps").short("cm").checked(by: .configMap).printed(
            by: .configMap),
        Kind("v1", "Endpoints", "endpoints").createdByUpdates().short("ep").singular("endpoints")
            .printed(
                by: .endpoints),
        Kind("v1", "Event", "events").createdByUpdates().short("ev").filled(by: Defaults.event)
            .checked(by: .event)
            .printed(by: .event),
        Kind("v1", "Namespace", "namespaces").clusterWide().short("ns").withStatus().with(
            "finalize", ["update"]
        )
        .named(.label).filled(by: Defaults.namespace).started(by: Defaults.startNamespace).printed(
            by: .namespace
        )
        .verbs(Kind.everyVerb.filter { $0 != "deletecollection" }),
        Kind("v1", "Node", "nodes").clusterWide().short("no").withStatus().checked(by: .node)
            .printed(by: .node),
        Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims").withoutController().short(
            "pvc"
        ).withStatus()
            .filled(by: Defaults.persistentVolumeClaim)
            .started(by: { $0["status"] = ["phase": "Pending"] }).printed(
                by: .persistentVolumeClaim),
        Kind("v1", "Pod", "pods").short("po").categories("all").withStatus()
            .with("binding", ["create"], "v1", "Binding")
            .with("eviction", ["create"], "policy/v1", "Eviction")
            .with("log", ["get"])
            .countingGenerations().filled(by: Defaults.pod).started(by: Defaults.startPod).checked(
                by: .pod
            ).printed(by: .pod),
        Kind("v1", "Secret", "secrets").filled(by: Defaults.secret).checked(by: .secret).printed(
            by: .secret),
        Kind("v1", "Service", "services").createdByUpdates().short("svc").categories("all")
            .withStatus().named(
                .label1035
            )
            .filled(by: Defaults.service).started(by: { $0["status"] = ["loadBalancer": [:]] })
            .checked(
                by: .service
            ).printed(by: .service),
        Kind("v1", "ServiceAccount", "serviceaccounts").short("sa")
            .with("token", ["create"], "authentication.k8s.io/v1", "TokenRequest")
            .printed(by: .serviceAccount),
    ]

    static let appsKinds: [Kind] = [
        Kind("apps/v1", "DaemonSet", "daemonsets").withoutController().short("ds").categories("all")
            .withStatus()
            .countingGenerations().filled(by: Defaults.daemonSet).checked(by: .daemonSet)
            .printed(by: .daemonSet),
        Kind("apps/v1", "Deployment", "deployments").short("deploy").categories("all").withStatus()
            .withScale()
            .countingGenerations().filled(by: Defaults.deployment).checked(by: .deployment)
            .printed(by: .deployment),
        Kind("apps/v1", "ReplicaSet", "replicasets").short("rs").categories("all").withStatus()
            .withScale()
            .countingGenerations().filled(by: Defaults.replicaSet).checked(by: .replicaSet)
            .printed(by: .replicaSet),
        Kind("apps/v1", "StatefulSet", "statefulsets").withoutController().short("sts").categories(
            "all"
        ).withStatus()
            .withScale()
            .countingGenerations().filled(by: Defaults.statefulSet).checked(by: .statefulSet)
            .printed(by: .statefulSet),
    ]

    private static let autoscalers: [Kind] = [
        Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers").short("hpa")
            .categories("all").withStatus().filled(by: Defaults.autoscaler).checked(by: .autoscaler)
            .printed(by: .autoscaler),
        Kind("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers").short("hpa")
            .categories("all").withStatus().filled(by: Defaults.autoscalerV1).printed(
                by: .autoscaler
            )
            .stored(as: "autoscaling/v2", message: "HorizontalPodAutoscalerV1"),
    ]

    static let otherKinds: [Kind] =
        autoscalers + [
            Kind("batch/v1", "CronJob", "cronjobs").withoutController().short("cj").categories(
                "all"
            ).withStatus()
                .countingGenerations().filled(by: Defaults.cronJob).checked(by: .cronJob)
                .printed(by: .cronJob),
            Kind("batch/v1", "Job", "jobs").categories("all").withStatus().countingGenerations()
                .filled(by: Defaults.job).started(by: Defaults.startJob).checked(by: .job).printed(
                    by: .job),
            Kind("coordination.k8s.io/v1", "Lease", "leases").createdByUpdates().printed(
                by: .lease),
            Kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices").countingGenerations()
                .filled(by: Defaults.endpointSlice).checked(by: .endpointSlice).printed(
                    by: .endpointSlice),
            Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings")
                .createdByUpdates()
                .clusterWide()
                .named(.pathSegment).filled(by: Defaults.roleBinding).checked(by: .roleBinding)
                .printed(by: .roleBinding),
            Kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles").createdByUpdates()
                .clusterWide()
                .named(.pathSegment).checked(by: .role).printed(by: .clusterRole),
            Kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings").createdByUpdates()
                .named(.pathSegment)
                .filled(by: Defaults.roleBinding).checked(by: .roleBinding).printed(
                    by: .roleBinding),
            Kind("rbac.authorization.k8s.io/v1", "Role", "roles").createdByUpdates().named(
                .pathSegment
            ).checked(
                by: .role
            )
            .printed(by: .role),
            Kind("metrics.k8s.io/v1beta1", "NodeMetrics", "nodes").clusterWide().singular("")
                .answered(),
            Kind("metrics.k8s.io/v1beta1", "PodMetrics", "pods").singular("").answered(),
        ]

    /// Questions, and bodies without a path of their own.
    static let requestKinds: [Kind] = [
        Kind("authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews").clusterWide()
            .sentOnly(),
        Kind("authentication.k8s.io/v1", "TokenReview", "tokenreviews").clusterWide().sentOnly(),
        Kind("authorization.k8s.io/v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")
            .sentOnly(),
        Kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews")
            .clusterWide()
            .sentOnly(),
        Kind("authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews")
            .clusterWide()
            .sentOnly(),
        Kind("authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews").clusterWide()
            .sentOnly(),
        Kind("authentication.k8s.io/v1", "TokenRequest", "").sentOnly(),
        Kind("autoscaling/v1", "Scale", "").sentOnly(),
        Kind("policy/v1", "Eviction", "").sentOnly(),
        Kind("v1", "DeleteOptions", "").sentOnly(),
        Kind("v1", "Status", "").sentOnly(),
    ]
}
