// Nodes. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let nodes = FieldTable(
        "io.k8s.api.core.v1",
        """
        Node* | A machine that runs pods.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               NodeSpec                 | What is wanted.
        3  status             NodeStatus               | What is.
        NodeSpec | What is wanted of a node.
        1  podCIDR            string                   | The addresses of its pods.
        7  podCIDRs           [string] merge           | The same, one a family.
        3  providerID         string                   | What a cloud calls it.
        4  unschedulable      bool                     | New pods stay away.
        5  taints             [Taint]                  | Pods stay away unless they tolerate these.
        6  configSource       json?                    | No longer used.
        2  externalID         string                   | No longer used.
        Taint | Keeps pods away that do not tolerate it.
        1  key                string! required is=qualified | Its key.
        2  value              string is=labelValue | Its value.
        3  effect             string! required in=NoExecute,NoSchedule,PreferNoSchedule | NoSchedule, PreferNoSchedule or NoExecute.
        4  timeAdded          time?                    | When it was added.
        NodeStatus | What is known of a node; the kubelet writes it.
        1  capacity           {quantity}               | All it has.
        2  allocatable        {quantity}               | What pods may have of it.
        3  phase              string                   | No longer used.
        4  conditions         [NodeCondition] merge=type | Ready, MemoryPressure, …
        5  addresses          [NodeAddress] merge=type | Its addresses and names.
        6  daemonEndpoints    NodeDaemonEndpoints      | Where its daemons answer.
        7  nodeInfo           NodeSystemInfo           | Versions and ids.
        8  images             [ContainerImage]         | Images that it has.
        9  volumesInUse       [string]                 | Volumes that are mounted.
        10 volumesAttached    [AttachedVolume]         | Volumes that are attached.
        11 config             json?                    | No longer used.
        12 runtimeHandlers    [NodeRuntimeHandler]     | What its runtimes can do.
        13 features           NodeFeatures?            | What its container manager can do.
        NodeCondition | One aspect of a node's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        3  lastHeartbeatTime  time                     | When last said.
        4  lastTransitionTime time                     | When status last changed.
        5  reason             string                   | For programs.
        6  message            string                   | For people.
        NodeAddress | An address of a node.
        1  type               string!                  | InternalIP, ExternalIP, Hostname, …
        2  address            string!                  | The address.
        NodeDaemonEndpoints | Where a node's daemons answer.
        1  kubeletEndpoint    DaemonEndpoint           | The kubelet.
        DaemonEndpoint | Where a daemon answers.
        1  Port               int32! 0..65535 | The port.
        NodeSystemInfo | Versions and ids of a node.
        1  machineID          string!                  | /etc/machine-id.
        2  systemUUID         string!                  | The hardware's id.
        3  bootID             string!                  | New with every boot.
        4  kernelVersion      string!                  | uname -r.
        5  osImage            string!                  | PRETTY_NAME of /etc/os-release.
        6  containerRuntimeVersion string!             | RUNTIME://VERSION.
        7  kubeletVersion     string!                  | The kubelet's version.
        8  kubeProxyVersion   string!                  | No longer used.
        9  operatingSystem    string!                  | linux.
        10 architecture       string!                  | amd64, arm64, …
        11 swap               NodeSwapStatus?          | Its swap.
        NodeSwapStatus | A node's swap.
        1  capacity           int64?                   | In bytes.
        ContainerImage | An image that a node has.
        1  names              [string]                 | Its names.
        2  sizeBytes          int64                    | Its size.
        AttachedVolume | An attached volume.
        1  name               string!                  | The volume.
        2  devicePath         string!                  | Where.
        NodeRuntimeHandler | What a runtime can do.
        1  name               string                   | The runtime.
        2  features           NodeRuntimeHandlerFeatures? | What it can do.
        NodeRuntimeHandlerFeatures | What a runtime can do.
        1  recursiveReadOnlyMounts bool?               | Recursive read-only mounts.
        2  userNamespaces     bool?                    | User namespaces.
        NodeFeatures | What a container manager can do.
        1  supplementalGroupsPolicy bool?              | Strict supplemental groups.
        """)
}
