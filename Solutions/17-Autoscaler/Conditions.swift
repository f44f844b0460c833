import ContractAutoscaler

/// The words of the status: kube-controller-manager's own.
extension Autoscaler {
    func inactive(_ resource: String?, _ trouble: String) -> [AutoscalerPlan.Condition] {
        [
            .init(
                "AbleToScale", "True", "SucceededGetScale",
                "the HPA controller was able to get the target's current scale"),
            .init(
                "ScalingActive", "False", "FailedGetResourceMetric",
                "the HPA was unable to compute the replica count: failed to get \(resource ?? "") utilization: \(trouble)"
            ),
        ]
    }

    /// Says so when the memory holds the number where it is.
    func able(
        _ condition: AutoscalerPlan.Condition, _ recommended: Int, _ stabilised: Int,
        _ view: AutoscalerView
    ) -> AutoscalerPlan.Condition {
        if stabilised > recommended {
            return .init(
                "AbleToScale", "True", "ScaleDownStabilized",
                "recent recommendations were higher than current one, applying the highest recent recommendation"
            )
        }
        if stabilised < recommended {
            return .init(
                "AbleToScale", "True", "ScaleUpStabilized",
                "recent recommendations were lower than current one, applying the lowest recent recommendation"
            )
        }
        return condition
    }

    /// Says so when the number is not what the metrics asked for.
    func limited(_ stabilised: Int, _ replicas: Int, _ view: AutoscalerView)
        -> AutoscalerPlan.Condition
    {
        func yes(_ reason: String, _ message: String) -> AutoscalerPlan.Condition {
            .init("ScalingLimited", "True", reason, "the desired replica count is \(message)")
        }
        if replicas < stabilised {
            return replicas == view.maxReplicas
                ? yes("TooManyReplicas", "more than the maximum replica count")
                : yes("ScaleUpLimit", "increasing faster than the maximum scale rate")
        }
        if replicas > stabilised {
            return replicas == view.minReplicas
                ? yes("TooFewReplicas", "less than the minimum replica count")
                : yes("ScaleDownLimit", "decreasing faster than the maximum scale rate")
        }
        return .init(
            "ScalingLimited", "False", "DesiredWithinRange",
            "the desired count is within the acceptable range")
    }
}

extension MetricFacts {
    /// How events and conditions name it.
    var title: String {
        "\(resource) resource"
            + (kind == .utilization ? " utilization (percentage of request)" : "")
    }
}
