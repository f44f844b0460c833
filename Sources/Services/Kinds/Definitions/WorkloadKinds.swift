import JSON

// The kinds that make pods, or say how many there are.

extension Kind {
    static let daemonSet = Kind("apps/v1", "DaemonSet", "daemonsets").short("ds").categories("all")
        .withoutController().withStatus().countingGenerations()
        .filled(by: Defaults.daemonSet).checked(by: .daemonSet).printed(by: .daemonSet)

    static let deployment = Kind("apps/v1", "Deployment", "deployments").short("deploy").categories("all")
        .withStatus().withScale().countingGenerations().keepingForStatus("labels")
        .filled(by: Defaults.deployment).checked(by: .deployment).printed(by: .deployment)

    static let replicaSet = Kind("apps/v1", "ReplicaSet", "replicasets").short("rs").categories("all")
        .withStatus().withScale().countingGenerations().selectable(by: "status.replicas")
        .filled(by: Defaults.replicaSet).checked(by: .replicaSet).printed(by: .replicaSet)

    static let statefulSet = Kind("apps/v1", "StatefulSet", "statefulsets").short("sts").categories("all")
        .withoutController().withStatus().withScale().countingGenerations()
        .filled(by: Defaults.statefulSet).checked(by: .statefulSet).printed(by: .statefulSet)

    static let cronJob = Kind("batch/v1", "CronJob", "cronjobs").short("cj").categories("all")
        .withoutController().withStatus().countingGenerations()
        .filled(by: Defaults.cronJob).checked(by: .cronJob).printed(by: .cronJob)

    static let job = Kind("batch/v1", "Job", "jobs").categories("all").withStatus().countingGenerations().orphaning()
        .filled(by: Defaults.job).started(by: Defaults.startJob).checked(by: .job).printed(by: .job)

    static let autoscaler = Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short("hpa").categories("all").withStatus()
        .filled(by: Defaults.autoscaler).checked(by: .autoscaler).printed(by: .autoscaler)

    static let autoscalerV1 = Kind("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short("hpa").categories("all").withStatus()
        .described(by: "HorizontalPodAutoscalerV1")
        .filled(by: Defaults.autoscalerV1).printed(by: .autoscaler)
        .stored(as: .autoscaler, from: AutoscalerConversion.toV1, to: AutoscalerConversion.toV2)
}
