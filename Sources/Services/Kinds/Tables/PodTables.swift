// Pods: the pod itself. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let pods = FieldTable(
        "io.k8s.api.core.v1",
        """
        Pod* | Containers that run together on one node.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               PodSpec                  | What is wanted.
        3  status             PodStatus                | What is.
        PodTemplateSpec | What pods made by a controller look like.
        1  metadata           ObjectMeta               | Labels and annotations of the pods.
        2  spec               PodSpec                  | What is wanted of the pods.
        PodTemplate* | A template kept by itself.
        1  metadata           ObjectMeta               | Standard metadata.
        2  template           PodTemplateSpec          | The template.
        PodSpec | What is wanted of a pod.
        1  volumes            [Volume] merge=name retainKeys | Volumes that containers may mount.
        20 initContainers [Container] merge=name | Run one after the other before the containers.
        2  containers         [Container]! merge=name required | At least one; cannot be added or removed.
        34 ephemeralContainers [EphemeralContainer] merge=name notYet | Added to a running pod to look into it.
        3  restartPolicy      string in=Always,Never,OnFailure | Always, OnFailure or Never.
        4  terminationGracePeriodSeconds int64? 0.. | From SIGTERM to SIGKILL; 30 by default.
        5  activeDeadlineSeconds int64? 1..2147483647 | How long it may run.
        6 dnsPolicy string in=ClusterFirst,ClusterFirstWithHostNet,Default,None | ClusterFirst, ClusterFirstWithHostNet, Default or None.
        7  nodeSelector       {string}                 | Labels that its node must have.
        8  serviceAccountName string is=subdomain | Who its processes are to the API server.
        9  serviceAccount     string                   | Old name of serviceAccountName.
        21 automountServiceAccountToken bool? | Whether a token is mounted.
        10 nodeName           string is=subdomain | Its node; set by the scheduler.
        11 hostNetwork        bool                     | Use the node's network namespace.
        12 hostPID            bool | Use the node's process namespace.
        13 hostIPC            bool | Use the node's IPC namespace.
        27 shareProcessNamespace bool? | One process namespace for all its containers.
        14 securityContext    PodSecurityContext?      | Users, groups and such for all containers.
        15 imagePullSecrets   [LocalObjectReference] merge=name notYet | Secrets to pull images with.
        16 hostname           string is=label | The host's name; the pod's name if absent.
        17 subdomain string is=label | Makes the name hostname.subdomain.namespace.svc.
        18 affinity           Affinity? | What it wants to be near to or far from.
        19 schedulerName      string                   | Which scheduler places it.
        22 tolerations        [Toleration]             | Taints it may live with.
        23 hostAliases        [HostAlias] merge=ip | Further lines of /etc/hosts.
        24 priorityClassName  string is=subdomain notYet | Names its priority.
        25 priority           int32? notYet=0 | Higher ones may push it out.
        26 dnsConfig          PodDNSConfig? | Added to what dnsPolicy makes.
        28 readinessGates     [PodReadinessGate] | Conditions that must hold for Ready.
        29 runtimeClassName   string? is=subdomain notYet | Which runtime runs it.
        30 enableServiceLinks bool?                    | Whether services appear in its environment.
        31 preemptionPolicy   string? in=Never,PreemptLowerPriority notYet=PreemptLowerPriority | Never or PreemptLowerPriority.
        32 overhead           {quantity} notYet | What the runtime itself takes.
        33 topologySpreadConstraints [TopologySpreadConstraint] merge=topologyKey keys=topologyKey,whenUnsatisfiable | How evenly to spread.
        35 setHostnameAsFQDN  bool? notYet | Use the full name as the host's name.
        36 os                 PodOS?                   | linux or windows.
        37 hostUsers          bool? notYet=true | false: a user namespace of its own.
        38 schedulingGates [PodSchedulingGate] merge=name | While there are any, it is not scheduled.
        39 resourceClaims     [PodResourceClaim] merge=name retainKeys notYet | Devices it claims.
        40 resources          ResourceRequirements? notYet | For all containers together.
        41 hostnameOverride   string? is=subdomain notYet | The host's name, whatever else is said.
        HostAlias | A line of /etc/hosts.
        1  ip                 string! is=ip | The address.
        2  hostnames          [string] is=subdomain | Its names.
        PodDNSConfig | The pod's resolv.conf.
        1  nameservers        [string] is=ip | Addresses of name servers.
        2  searches           [string]                 | Domains to try.
        3  options            [PodDNSConfigOption]     | Resolver options.
        PodDNSConfigOption | A resolver option.
        1  name               string required | ndots, say.
        2  value              string?                  | Its value.
        PodReadinessGate | A condition that readiness waits for.
        1  conditionType      string! required is=qualified | The condition's type.
        PodOS | The pod's operating system.
        1  name               string! required in=linux,windows | linux or windows.
        PodSchedulingGate | A reason not to schedule yet.
        1  name               string! required is=qualified | Its name.
        PodResourceClaim | A claim for devices.
        1  name               string! required is=label | What containers call it.
        3  resourceClaimName  string?                  | An existing claim.
        4  resourceClaimTemplateName string?           | A template to make one from.
        PodSecurityContext | Security settings of the whole pod.
        1  seLinuxOptions     SELinuxOptions? notYet | SELinux labels.
        2  runAsUser          int64? 0..2147483647 | User id of the processes.
        6  runAsGroup         int64? 0..2147483647 | Group id of the processes.
        3  runAsNonRoot       bool?                    | Refuse to start as root.
        4  supplementalGroups [int64] 0..2147483647 | Further groups.
        5  fsGroup            int64? 0..2147483647 | The group that owns volumes.
        7  sysctls            [Sysctl] | Kernel parameters of its namespaces.
        8  windowsOptions     WindowsSecurityContextOptions? notYet | For Windows.
        9  fsGroupChangePolicy string? in=Always,OnRootMismatch notYet | Always or OnRootMismatch.
        10 seccompProfile     SeccompProfile?          | Which system calls are allowed.
        11 appArmorProfile    AppArmorProfile? notYet | AppArmor profile.
        12 supplementalGroupsPolicy string? in=Merge,Strict notYet=Merge | Merge or Strict.
        13 seLinuxChangePolicy string? in=MountOption,Recursive notYet | Recursive or MountOption.
        SELinuxOptions | An SELinux label.
        1  user               string                   | User part.
        2  role               string                   | Role part.
        3  type               string                   | Type part.
        4  level              string                   | Level part.
        Sysctl | A kernel parameter.
        1  name               string! required is=sysctl | net.core.somaxconn, say.
        2  value              string!                  | Its value.
        WindowsSecurityContextOptions | Security settings on Windows.
        1  gmsaCredentialSpecName string?              | Name of a credential spec.
        2  gmsaCredentialSpec string?                  | The credential spec itself.
        3  runAsUserName      string?                  | The user.
        4  hostProcess        bool?                    | Run on the host.
        SeccompProfile | A list of allowed system calls.
        1  type               string! required in=Localhost,RuntimeDefault,Unconfined | Unconfined, RuntimeDefault or Localhost.
        2  localhostProfile   string?                  | A file on the node.
        AppArmorProfile | An AppArmor profile.
        1  type               string! required in=Localhost,RuntimeDefault,Unconfined | Unconfined, RuntimeDefault or Localhost.
        2  localhostProfile   string?                  | A profile loaded on the node.
        """)
}
