// Where pods may go. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let scheduling = FieldTable(
        "io.k8s.api.core.v1",
        """
        Affinity | What a pod wants to be near to or far from.
        1  nodeAffinity       NodeAffinity?            | Nodes.
        2  podAffinity        PodAffinity?             | Pods to be near.
        3  podAntiAffinity    PodAntiAffinity?         | Pods to be far from.
        NodeAffinity | Which nodes.
        1  requiredDuringSchedulingIgnoredDuringExecution NodeSelector? | Must.
        2 preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm] | Should, by weight.
        NodeSelector | A choice of nodes: any of the terms.
        1  nodeSelectorTerms  [NodeSelectorTerm]! required | At least one.
        NodeSelectorTerm | All of the requirements.
        1  matchExpressions   [NodeSelectorRequirement] | By labels.
        2  matchFields        [NodeSelectorRequirement] | By metadata.name.
        NodeSelectorRequirement | A requirement on a node.
        1  key                string! required is=qualified | The label.
        2  operator           string! required in=DoesNotExist,Exists,Gt,In,Lt,NotIn | In, NotIn, Exists, DoesNotExist, Gt or Lt.
        3  values             [string]                 | The values.
        PreferredSchedulingTerm | A term with a weight.
        1  weight             int32! 1..100 | 1 to 100.
        2  preference         NodeSelectorTerm!        | The term.
        PodAffinity | Which pods to be near.
        1  requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] | Must.
        2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] | Should, by weight.
        PodAntiAffinity | Which pods to be far from.
        1  requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] | Must.
        2 preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] | Should, by weight.
        PodAffinityTerm | Pods, and what near means.
        1  labelSelector      LabelSelector?           | Pods with these labels.
        2  namespaces         [string] is=label | In these namespaces.
        3  topologyKey        string! required is=qualified | Near is: the same value of this node label.
        4  namespaceSelector  LabelSelector?           | In namespaces with these labels.
        5  matchLabelKeys     [string]                 | With the pod's own values of these labels.
        6  mismatchLabelKeys  [string]                 | With other values of these labels.
        WeightedPodAffinityTerm | A term with a weight.
        1  weight             int32! 1..100 | 1 to 100.
        2  podAffinityTerm    PodAffinityTerm!         | The term.
        Toleration | A taint that a pod may live with.
        1  key                string is=qualified | The taint's key; all if absent.
        2  operator           string in=Equal,Exists | Exists or Equal.
        3  value              string                   | For Equal.
        4 effect string in=NoExecute,NoSchedule,PreferNoSchedule | NoSchedule, PreferNoSchedule, NoExecute; all if absent.
        5  tolerationSeconds  int64?                   | For NoExecute: so long.
        TopologySpreadConstraint | How evenly pods are spread.
        1  maxSkew            int32! 1.. | The largest difference.
        2  topologyKey        string! required is=qualified | Between groups of nodes by this label.
        3  whenUnsatisfiable  string! required in=DoNotSchedule,ScheduleAnyway | DoNotSchedule or ScheduleAnyway.
        4  labelSelector      LabelSelector?           | Which pods count.
        5  minDomains         int32? 1.. | At least so many groups.
        6  nodeAffinityPolicy string? in=Honor,Ignore | Honor or Ignore.
        7  nodeTaintsPolicy   string? in=Honor,Ignore | Honor or Ignore.
        8  matchLabelKeys     [string]                 | With the pod's own values of these labels.
        """)
}
