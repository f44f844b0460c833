// Groups with a kind or two. Source of numbers: the generated.proto of coordination/v1, policy/v1
// in k8s.io/api,
// and of k8s.io/metrics, metrics/v1beta1.

extension FieldTables {
    static let small = FieldTable(
        "io.k8s.api.coordination.v1",
        """
        Lease* | A lock with a time limit; nodes renew theirs as a heartbeat.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               LeaseSpec                | Who holds it.
        LeaseSpec | Who holds a lease.
        1  holderIdentity     string?                  | The holder.
        2  leaseDurationSeconds int32? 1.. | Lost after so long without renewal.
        3  acquireTime        microTime?               | When it was taken.
        4  renewTime          microTime?               | When it was last renewed.
        5  leaseTransitions   int32? 0.. | How often it changed hands.
        6  strategy           string?                  | How the holder is chosen.
        7  preferredHolder    string?                  | Who should hold it.
        Eviction* | Please delete this pod, if its budget allows.
        1  metadata           ObjectMeta               | The pod's name.
        2  deleteOptions      DeleteOptions?           | How.
        PodMetrics* | What a pod uses.
        1  metadata           ObjectMeta               | The pod's.
        2  timestamp          time!                    | When it was measured.
        3  window             duration!                | Over how long.
        4  containers         [ContainerMetrics]!      | Each container.
        ContainerMetrics | What a container uses.
        1  name               string!                  | The container.
        2  usage              {quantity}!              | cpu and memory.
        NodeMetrics* | What a node uses.
        1  metadata           ObjectMeta               | The node's.
        2  timestamp          time!                    | When it was measured.
        3  window             duration!                | Over how long.
        4  usage              {quantity}!              | cpu and memory.
        """)
}
