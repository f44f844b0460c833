// Pods: their containers. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let containers = FieldTable(
        "io.k8s.api.core.v1",
        """
        Container | One process tree with its own root file system.
        1  name               string! required is=label | Unique in the pod; an RFC 1123 label.
        2  image              string required is=trimmed | The image's reference.
        3  command            [string]                 | In place of the image's entrypoint.
        4  args               [string]                 | In place of the image's command.
        5  workingDir         string                   | In place of the image's working directory.
        6 ports [ContainerPort] merge=containerPort keys=containerPort,protocol | Ports it listens on.
        19 envFrom            [EnvFromSource]          | Whole sets of environment variables.
        7  env                [EnvVar] merge=name      | Environment variables.
        8  resources          ResourceRequirements     | CPU and memory.
        23 resizePolicy       [ContainerResizePolicy] notYet | Whether a resize restarts it.
        24 restartPolicy      string? in=Always | Always makes an init container a sidecar.
        25 restartPolicyRules [ContainerRestartRule] notYet | Exceptions by exit code.
        9  volumeMounts       [VolumeMount] merge=mountPath | Where volumes appear.
        21 volumeDevices      [VolumeDevice] merge=devicePath notYet | Where block devices appear.
        10 livenessProbe      Probe?                   | Failing it restarts the container.
        11 readinessProbe Probe? | Failing it takes the pod out of its services.
        22 startupProbe       Probe?                   | The others wait for it.
        12 lifecycle          Lifecycle?               | What to do after start and before stop.
        13 terminationMessagePath string | Where it leaves its last words.
        20 terminationMessagePolicy string in=FallbackToLogsOnError,File | File or FallbackToLogsOnError.
        14 imagePullPolicy    string in=Always,IfNotPresent,Never | Always, IfNotPresent or Never.
        15 securityContext    SecurityContext?         | Users, capabilities and such.
        16 stdin              bool notYet | Keep standard input open.
        17 stdinOnce          bool notYet | Close it after the first client.
        18 tty                bool notYet | Give it a terminal.
        EphemeralContainer | A container added to a running pod.
        1.* Container
        2  targetContainerName string                  | Whose process namespace to join.
        ContainerPort | A port that a container listens on.
        1  name               string is=portName | For services to refer to.
        2  hostPort           int32 1..65535 notYet | The same port on the node.
        3  containerPort      int32! required 1..65535 | 1 to 65535.
        4  protocol           string in=SCTP,TCP,UDP | TCP, UDP or SCTP.
        5  hostIP             string is=ip notYet | The node's address to bind hostPort to.
        EnvFromSource | A set of environment variables.
        1  prefix             string is=envName | Put before every name.
        2  configMapRef       ConfigMapEnvSource?      | From a ConfigMap.
        3  secretRef          SecretEnvSource?         | From a Secret.
        ConfigMapEnvSource | All of a ConfigMap.
        1.1 name              string required | Its name.
        2  optional           bool?                    | It need not exist.
        SecretEnvSource | All of a Secret.
        1.1 name              string required | Its name.
        2  optional           bool?                    | It need not exist.
        EnvVar | An environment variable.
        1  name               string! required is=envName | Its name.
        2  value              string                   | Its value; $(OTHER) is replaced.
        3  valueFrom          EnvVarSource?            | Or where its value comes from.
        EnvVarSource | Where a variable's value comes from; one of these.
        1  fieldRef           ObjectFieldSelector?     | A field of the pod.
        2  resourceFieldRef   ResourceFieldSelector? | The container's limits or requests.
        3  configMapKeyRef    ConfigMapKeySelector?    | A key of a ConfigMap.
        4  secretKeyRef       SecretKeySelector?       | A key of a Secret.
        5  fileKeyRef         FileKeySelector? notYet | A key of a file in a volume.
        ObjectFieldSelector | A field of the pod.
        1  apiVersion         string                   | v1.
        2  fieldPath          string! required | metadata.name, status.podIP, …
        ResourceFieldSelector | A limit or a request.
        1  containerName      string                   | Whose.
        2  resource           string! required is=resourceField | limits.cpu, say.
        3  divisor            quantity                 | In units of this.
        ConfigMapKeySelector | A key of a ConfigMap.
        1.1 name              string required | The ConfigMap.
        2  key                string! required is=configKey | The key.
        3  optional           bool?                    | It need not exist.
        SecretKeySelector | A key of a Secret.
        1.1 name              string required | The Secret.
        2  key                string! required is=configKey | The key.
        3  optional           bool?                    | It need not exist.
        FileKeySelector | A key of a file with lines KEY=VALUE.
        1  volumeName         string! required | The volume.
        2  path               string! required is=relative | The file in it.
        3  key                string! required | The key.
        4  optional           bool?                    | It need not exist.
        ResourceRequirements | How much of the node's resources.
        1  limits             {quantity}               | No more than this.
        2  requests           {quantity}               | At least this; what the scheduler counts.
        3  claims             [ResourceClaim] keys=name | Devices that the pod claimed.
        ResourceClaim | A claim of the pod's.
        1  name               string! required | Its name.
        2  request            string                   | One request of it.
        ContainerResizePolicy | What a resize does.
        1  resourceName       string! required in=cpu,memory | cpu or memory.
        2  restartPolicy      string! required in=NotRequired,RestartContainer | NotRequired or RestartContainer.
        ContainerRestartRule | A restart rule.
        1  action             string                   | Restart.
        2  exitCodes          ContainerRestartRuleOnExitCodes? | When.
        ContainerRestartRuleOnExitCodes | A set of exit codes.
        1  operator           string                   | In or NotIn.
        2  values             [int32]                  | The codes.
        VolumeMount | A volume in a container's file system.
        1  name               string! required | The pod's volume.
        2  readOnly           bool                     | May not be written.
        3  mountPath          string! required | Where; no colon.
        4  subPath            string is=relative | A directory in the volume.
        5  mountPropagation   string? in=Bidirectional,HostToContainer,None notYet=None | None, HostToContainer or Bidirectional.
        6  subPathExpr        string is=relative | subPath with $(VARIABLES).
        7  recursiveReadOnly  string? in=Disabled,Enabled,IfPossible notYet=Disabled | Disabled, IfPossible or Enabled.
        VolumeDevice | A block device in a container.
        1  name               string! required | The pod's volume.
        2  devicePath         string! required | Where.
        Probe | A question asked of a container, again and again.
        1.1 exec              ExecAction?              | Run a command: 0 is yes.
        1.2 httpGet           HTTPGetAction?           | Ask by HTTP: 200 to 399 is yes.
        1.3 tcpSocket         TCPSocketAction?         | Connect: that it works is yes.
        1.4 grpc              GRPCAction? | Ask the gRPC health service.
        2  initialDelaySeconds int32 0.. | Wait this long after start.
        3  timeoutSeconds     int32 0.. | Then it counts as a no.
        4  periodSeconds      int32 0.. | How often.
        5  successThreshold   int32 0.. | So many yes in a row.
        6  failureThreshold   int32 0.. | So many no in a row.
        7  terminationGracePeriodSeconds int64? 1.. | When a failed probe ends the container.
        ExecAction | A command.
        1  command            [string] required | Program and arguments; no shell.
        HTTPGetAction | An HTTP request.
        1  path               string required | The path.
        2  port               intOrString! is=port | Number or name of the port.
        3  host               string                   | The pod's address if absent.
        4  scheme             string in=HTTP,HTTPS | HTTP or HTTPS.
        5  httpHeaders        [HTTPHeader]             | Further headers.
        HTTPHeader | An HTTP header.
        1  name               string! is=header | Its name.
        2  value              string!                  | Its value.
        TCPSocketAction | A TCP connection.
        1  port               intOrString! is=port | Number or name of the port.
        2  host               string                   | The pod's address if absent.
        GRPCAction | A gRPC health check.
        1  port               int32! 1..65535 | The port.
        2  service            string?                  | The service asked for.
        Lifecycle | What to do after start and before stop.
        1  postStart          LifecycleHandler?        | Right after start.
        2  preStop            LifecycleHandler?        | Before SIGTERM; the grace period runs.
        3  stopSignal         string? notYet | In place of SIGTERM.
        LifecycleHandler | What to do; one of these.
        1  exec               ExecAction?              | Run a command.
        2  httpGet            HTTPGetAction?           | Ask by HTTP.
        3  tcpSocket          TCPSocketAction? notYet | No longer supported.
        4  sleep              SleepAction?             | Wait.
        SleepAction | Waits.
        1  seconds            int64! 0.. | So long.
        SecurityContext | Security settings of a container.
        1  capabilities       Capabilities?            | Added and dropped capabilities.
        2  privileged         bool?                    | As root on the node.
        3  seLinuxOptions     SELinuxOptions? notYet | SELinux labels.
        4  runAsUser          int64? 0..2147483647 | User id.
        8  runAsGroup         int64? 0..2147483647 | Group id.
        5  runAsNonRoot       bool?                    | Refuse to start as root.
        6  readOnlyRootFilesystem bool?                | Its root cannot be written.
        7  allowPrivilegeEscalation bool?              | false sets no_new_privs.
        9  procMount          string? in=Default,Unmasked notYet=Default | Default or Unmasked.
        10 windowsOptions     WindowsSecurityContextOptions? notYet | For Windows.
        11 seccompProfile     SeccompProfile?          | Which system calls are allowed.
        12 appArmorProfile    AppArmorProfile? notYet | AppArmor profile.
        Capabilities | POSIX capabilities, without CAP_.
        1  add                [string]                 | Added.
        2  drop               [string]                 | Dropped; ALL for all.
        """)
}
