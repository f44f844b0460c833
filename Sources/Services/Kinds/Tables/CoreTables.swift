// Small kinds of core/v1. Source of numbers: k8s.io/api, core/v1/generated.proto.

extension FieldTables {
    static let core = FieldTable(
        "io.k8s.api.core.v1",
        """
        ObjectReference | Points at an object, in whole or in part.
        1  kind               string                   | Its kind.
        2  namespace          string                   | Its namespace.
        3  name               string                   | Its name.
        4  uid                string                   | Its uid.
        5  apiVersion         string                   | Its version.
        6  resourceVersion    string                   | At this revision.
        7  fieldPath          string                   | The part: spec.containers{web}.
        LocalObjectReference | Points at an object in the same namespace.
        1  name               string                   | Its name.
        TypedLocalObjectReference | Points at an object of a kind in the same namespace.
        1  apiGroup           string?                  | Its group.
        2  kind               string!                  | Its kind.
        3  name               string!                  | Its name.
        TypedObjectReference | Points at an object of a kind, also in another namespace.
        1  apiGroup           string?                  | Its group.
        2  kind               string!                  | Its kind.
        3  name               string!                  | Its name.
        4  namespace          string?                  | Its namespace.
        SecretReference | Points at a Secret.
        1  name               string                   | Its name.
        2  namespace          string                   | Its namespace.
        Namespace* | A scope for names.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               NamespaceSpec            | What is wanted.
        3  status             NamespaceStatus          | What is.
        NamespaceSpec | What is wanted of a namespace.
        1  finalizers         [string]                 | Removed one by one before it may go.
        NamespaceStatus | What is known of a namespace.
        1  phase              string                   | Active or Terminating.
        2  conditions         [NamespaceCondition] merge=type | Why it cannot go, say.
        NamespaceCondition | One aspect of a namespace's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        4  lastTransitionTime time                     | When status last changed.
        5  reason             string                   | For programs.
        6  message            string                   | For people.
        ConfigMap* | Configuration that is no secret.
        1  metadata           ObjectMeta               | Standard metadata.
        2  data               {string}                 | Text by key.
        3  binaryData         {bytes} | Bytes by key, in base64.
        4  immutable          bool?                    | Data cannot change any more.
        Secret* | Bytes that only some may read.
        1  metadata           ObjectMeta               | Standard metadata.
        2  data               {bytes}                  | Bytes by key, in base64.
        4 stringData {string} | Text by key; written into data, never read back.
        3 type string | Which keys there must be: Opaque, kubernetes.io/tls, …
        5  immutable          bool?                    | Data cannot change any more.
        ServiceAccount* | Who a pod's processes are to the API server.
        1  metadata           ObjectMeta               | Standard metadata.
        2  secrets            [ObjectReference] merge=name | Secrets that its pods may use.
        3  imagePullSecrets   [LocalObjectReference] notYet | Secrets to pull its pods' images with.
        4  automountServiceAccountToken bool?          | Whether pods get a token mounted.
        Event* | Something that happened to an object; kept for an hour.
        1  metadata           ObjectMeta!              | Standard metadata.
        2  involvedObject     ObjectReference!         | The object.
        3  reason             string                   | For programs: Scheduled, BackOff, …
        4  message            string                   | For people.
        5  source             EventSource              | Who says so.
        6  firstTimestamp     time                     | When it first happened.
        7  lastTimestamp      time                     | When it last happened.
        8  count              int32                    | How often.
        9  type               string                   | Normal or Warning.
        10 eventTime          microTime                | When it first happened, to the microsecond.
        11 series             EventSeries?             | For events that repeat.
        12 action             string                   | What was done or failed.
        13 related            ObjectReference?         | A second object.
        14 reportingComponent string!                  | The controller's name.
        15 reportingInstance  string!                  | Which instance of it.
        EventSource | Who an event comes from.
        1  component          string                   | The component.
        2  host               string                   | The node it is on.
        EventSeries | How an event repeats.
        1  count              int32                    | How often.
        2  lastObservedTime   microTime                | When last.
        Binding* | The scheduler's decision: this pod on that node.
        1  metadata           ObjectMeta               | The pod's name.
        2  target             ObjectReference!         | The node.
        Endpoints* | Addresses of a service; EndpointSlices have taken its place.
        1  metadata           ObjectMeta               | Standard metadata.
        2  subsets            [EndpointSubset]         | Addresses that have ports in common.
        EndpointSubset | Addresses times ports.
        1  addresses          [EndpointAddress]        | Ready.
        2  notReadyAddresses  [EndpointAddress]        | Not ready.
        3  ports              [CoreEndpointPort]       | The ports of them all.
        EndpointAddress | One address.
        1  ip                 string! required is=ip | IPv4 or IPv6.
        3  hostname           string is=label | For names in DNS.
        4  nodeName           string?                  | The node it is on.
        2  targetRef          ObjectReference?         | The pod behind it.
        CoreEndpointPort | One port.
        1  name               string                   | The service port's name.
        2  port               int32! 1..65535 | The number.
        3  protocol           string in=SCTP,TCP,UDP | TCP, UDP or SCTP.
        4  appProtocol        string?                  | What is spoken on it.
        """)
}
