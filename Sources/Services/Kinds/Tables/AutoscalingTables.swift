// Autoscaling. Source of numbers: k8s.io/api, autoscaling/v1 and v2 generated.proto.

extension FieldTables {
    static let autoscaling = FieldTable(
        "io.k8s.api.autoscaling.v2",
        """
        HorizontalPodAutoscaler* | Changes a scale by measurements.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               HorizontalPodAutoscalerSpec | What is wanted.
        3  status             HorizontalPodAutoscalerStatus | What is.
        HorizontalPodAutoscalerSpec | What is wanted of an autoscaler.
        1  scaleTargetRef     CrossVersionObjectReference! | What it scales.
        2  minReplicas        int32?                   | No fewer; 1 by default.
        3  maxReplicas        int32!                   | No more.
        4  metrics            [MetricSpec]             | What is measured; 80 % of CPU by default.
        5  behavior           HorizontalPodAutoscalerBehavior? | How fast.
        CrossVersionObjectReference | What is scaled.
        1  kind               string! required is=pathSegment | Its kind.
        2  name               string! required is=pathSegment | Its name.
        3  apiVersion         string                   | Its version.
        HorizontalPodAutoscalerBehavior | How fast.
        1  scaleUp            HPAScalingRules?         | Up.
        2  scaleDown          HPAScalingRules?         | Down.
        HPAScalingRules | How fast in one direction.
        1  selectPolicy       string? in=Disabled,Max,Min | Max, Min or Disabled.
        2  policies           [HPAScalingPolicy]       | Bounds.
        3  stabilizationWindowSeconds int32? 0..3600 | Look back so long.
        4  tolerance          quantity? is=amount | Smaller changes don't count.
        HPAScalingPolicy | A bound.
        1  type               string! required in=Percent,Pods | Pods or Percent.
        2  value              int32! 1.. | So many.
        3  periodSeconds      int32! 1..1800 | In so long.
        MetricSpec | What is measured; one of these.
        1  type               string!                  | Which one.
        2  object             ObjectMetricSource? notYet | Of one object.
        3  pods               PodsMetricSource? notYet | Of each pod.
        4  resource           ResourceMetricSource?    | CPU or memory.
        7  containerResource  ContainerResourceMetricSource? notYet | CPU or memory of one container.
        5  external           ExternalMetricSource? notYet | Of something outside.
        ObjectMetricSource | Of one object.
        1  describedObject    CrossVersionObjectReference! | The object.
        2  target             MetricTarget!            | The goal.
        3  metric             MetricIdentifier!        | The measurement.
        PodsMetricSource | Of each pod.
        1  metric             MetricIdentifier!        | The measurement.
        2  target             MetricTarget!            | The goal.
        ResourceMetricSource | CPU or memory.
        1  name               string! required | cpu or memory.
        2  target             MetricTarget!            | The goal.
        ContainerResourceMetricSource | CPU or memory of one container.
        1  name               string! required | cpu or memory.
        2  target             MetricTarget!            | The goal.
        3  container          string! required | The container.
        ExternalMetricSource | Of something outside.
        1  metric             MetricIdentifier!        | The measurement.
        2  target             MetricTarget!            | The goal.
        MetricIdentifier | A measurement.
        1  name               string! required is=pathSegment | Its name.
        2  selector           LabelSelector?           | Its labels.
        MetricTarget | A goal.
        1  type               string! required in=AverageValue,Utilization,Value | Utilization, Value or AverageValue.
        2  value              quantity? is=positive | In all.
        3  averageValue       quantity? is=positive | For each pod.
        4  averageUtilization int32? 1.. | Per cent of requests.
        HorizontalPodAutoscalerStatus | What is known of an autoscaler.
        1  observedGeneration int64?                   | The generation this speaks of.
        2  lastScaleTime      time?                    | When it last scaled.
        3  currentReplicas    int32 0.. | Pods there are.
        4  desiredReplicas    int32! 0.. | Pods there should be.
        5  currentMetrics     [MetricStatus]           | What was measured.
        6 conditions [HorizontalPodAutoscalerCondition] merge=type | AbleToScale, ScalingActive, ScalingLimited.
        HorizontalPodAutoscalerCondition | One aspect of an autoscaler's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        3  lastTransitionTime time                     | When status last changed.
        4  reason             string                   | For programs.
        5  message            string                   | For people.
        6  observedGeneration int64                    | The generation it speaks of.
        MetricStatus | What was measured; one of these.
        1  type               string!                  | Which one.
        2  object             ObjectMetricStatus?      | Of one object.
        3  pods               PodsMetricStatus?        | Of each pod.
        4  resource           ResourceMetricStatus?    | CPU or memory.
        7  containerResource  ContainerResourceMetricStatus? | CPU or memory of one container.
        5  external           ExternalMetricStatus?    | Of something outside.
        ObjectMetricStatus | Of one object.
        1  metric             MetricIdentifier!        | The measurement.
        2  current            MetricValueStatus!       | Its value.
        3  describedObject    CrossVersionObjectReference! | The object.
        PodsMetricStatus | Of each pod.
        1  metric             MetricIdentifier!        | The measurement.
        2  current            MetricValueStatus!       | Its value.
        ResourceMetricStatus | CPU or memory.
        1  name               string!                  | cpu or memory.
        2  current            MetricValueStatus!       | Its value.
        ContainerResourceMetricStatus | CPU or memory of one container.
        1  name               string!                  | cpu or memory.
        2  current            MetricValueStatus!       | Its value.
        3  container          string!                  | The container.
        ExternalMetricStatus | Of something outside.
        1  metric             MetricIdentifier!        | The measurement.
        2  current            MetricValueStatus!       | Its value.
        MetricValueStatus | A value.
        1  value              quantity?                | In all.
        2  averageValue       quantity?                | For each pod.
        3  averageUtilization int32?                   | Per cent of requests.
        HorizontalPodAutoscalerV1* | As autoscaling/v1 has it: CPU only.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               HorizontalPodAutoscalerV1Spec | What is wanted.
        3  status             HorizontalPodAutoscalerV1Status | What is.
        HorizontalPodAutoscalerV1Spec | What is wanted of an autoscaler.
        1  scaleTargetRef     CrossVersionObjectReference! | What it scales.
        2  minReplicas        int32?                   | No fewer; 1 by default.
        3  maxReplicas        int32!                   | No more.
        4  targetCPUUtilizationPercentage int32?       | Per cent of requests.
        HorizontalPodAutoscalerV1Status | What is known of an autoscaler.
        1  observedGeneration int64?                   | The generation this speaks of.
        2  lastScaleTime      time?                    | When it last scaled.
        3  currentReplicas    int32!                   | Pods there are.
        4  desiredReplicas    int32!                   | Pods there should be.
        5  currentCPUUtilizationPercentage int32?      | Per cent of requests.
        Scale* | How many replicas something has; the same for all that scales.
        1  metadata           ObjectMeta               | Of the object.
        2  spec               ScaleSpec                | What is wanted.
        3  status             ScaleStatus              | What is.
        ScaleSpec | What is wanted of a scale.
        1  replicas           int32                    | So many.
        ScaleStatus | What is known of a scale.
        1  replicas           int32!                   | So many there are.
        2  selector           string                   | Of the pods, in query form.
        """)
}
