// What is known of pods. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let podStatus = FieldTable(
        "io.k8s.api.core.v1",
        """
        PodStatus | What is known of a pod; the kubelet writes it.
        1 phase string | Pending, Running, Succeeded, Failed or Unknown.
        2 conditions [PodCondition] merge=type | PodScheduled, Initialized, ContainersReady, Ready.
        3  message            string                   | Why it is in this phase, for people.
        4  reason             string                   | Why it is in this phase: Evicted, say.
        11 nominatedNodeName  string                   | Where room is being made for it.
        5  hostIP             string                   | Its node's address.
        16 hostIPs            [HostIP] merge=ip        | Its node's addresses.
        6  podIP              string                   | Its address.
        12 podIPs             [PodIP] merge=ip         | Its addresses, one a family.
        7  startTime          time?                    | When the kubelet took it on.
        10 initContainerStatuses [ContainerStatus]     | One an init container.
        8  containerStatuses  [ContainerStatus]        | One a container.
        13 ephemeralContainerStatuses [ContainerStatus] | One an ephemeral container.
        9  qosClass           string                   | Guaranteed, Burstable or BestEffort.
        14 resize             string                   | How a resize goes.
        15 resourceClaimStatuses [PodResourceClaimStatus] merge=name retainKeys | Its claims.
        17 observedGeneration int64                    | The generation this speaks of.
        HostIP | A node's address.
        1  ip                 string!                  | The address.
        PodIP | A pod's address.
        1  ip                 string!                  | The address.
        PodResourceClaimStatus | A claim's object.
        1  name               string!                  | What the pod calls it.
        2  resourceClaimName  string?                  | The object's name.
        PodCondition | One aspect of a pod's state.
        1  type               string!                  | The aspect.
        7  observedGeneration int64                    | The generation it speaks of.
        2  status             string!                  | True, False or Unknown.
        3  lastProbeTime      time                     | When last looked at.
        4  lastTransitionTime time                     | When status last changed.
        5  reason             string                   | For programs.
        6  message            string                   | For people.
        ContainerStatus | What is known of a container.
        1  name               string!                  | Its name.
        2  state              ContainerState           | How it is.
        3  lastState          ContainerState           | How the one before it ended.
        4  ready              bool!                    | Whether its readiness probe succeeds.
        5  restartCount       int32!                   | How often it was started again.
        6  image              string!                  | The image it runs.
        7  imageID            string!                  | The image's digest.
        8  containerID        string                   | RUNTIME://ID.
        9  started            bool?                    | Whether its startup probe succeeded.
        10 allocatedResources {quantity}               | What the node set aside.
        11 resources          ResourceRequirements?    | What it has.
        12 volumeMounts       [VolumeMountStatus] merge=mountPath | Its mounts.
        13 user               ContainerUser?           | Who its first process is.
        14 allocatedResourcesStatus [ResourceStatus] merge=name | State of its devices.
        15 stopSignal         string?                  | The signal that stops it.
        ContainerState | How a container is; one of these.
        1  waiting            ContainerStateWaiting?   | Not running yet.
        2  running            ContainerStateRunning?   | Running.
        3  terminated         ContainerStateTerminated? | At its end.
        ContainerStateWaiting | Not running yet.
        1  reason             string                   | ContainerCreating, CrashLoopBackOff, …
        2  message            string                   | For people.
        ContainerStateRunning | Running.
        1  startedAt          time                     | Since.
        ContainerStateTerminated | At its end.
        1  exitCode           int32!                   | Its exit status.
        2  signal             int32                    | Or the signal.
        3  reason             string                   | Completed, Error, OOMKilled, …
        4  message            string                   | Its last words.
        5  startedAt          time                     | From.
        6  finishedAt         time                     | To.
        7  containerID        string                   | RUNTIME://ID.
        VolumeMountStatus | A mount.
        1  name               string!                  | The volume.
        2  mountPath          string!                  | Where.
        3  readOnly           bool                     | May not be written.
        4  recursiveReadOnly  string?                  | Nor what is mounted below.
        ContainerUser | Who a process is.
        1  linux              LinuxContainerUser?      | On Linux.
        LinuxContainerUser | Who a process is on Linux.
        1  uid                int64!                   | User id.
        2  gid                int64!                   | Group id.
        3  supplementalGroups [int64]                  | Further groups.
        ResourceStatus | State of a kind of device.
        1  name               string!                  | The device's resource.
        2  resources          [ResourceHealth] keys=resourceID | Each device.
        ResourceHealth | State of a device.
        1  resourceID         string!                  | The device.
        2  health             string                   | Healthy, Unhealthy or Unknown.
        """)
}
