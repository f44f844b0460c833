// Services and their endpoints. Source of numbers: k8s.io/api, core/v1 and discovery/v1
// generated.proto.

extension FieldTables {
    static let services = FieldTable(
        "io.k8s.api.core.v1",
        """
        Service* | A stable address for pods that come and go.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               ServiceSpec              | What is wanted.
        3  status             ServiceStatus            | What is.
        ServiceSpec | What is wanted of a service.
        1  ports              [ServicePort] merge=port keys=port,protocol | Its ports.
        2  selector           {string}                 | The labels of its pods.
        3  clusterIP          string                   | Its address; None for headless.
        18 clusterIPs         [string]                 | Its addresses, one a family.
        4 type string in=ClusterIP,ExternalName,LoadBalancer,NodePort | ClusterIP, NodePort, LoadBalancer or ExternalName.
        5  externalIPs        [string] is=ip notYet | Further addresses that nodes answer for.
        7  sessionAffinity    string in=ClientIP,None | None or ClientIP.
        8  loadBalancerIP     string notYet | A wish to the load balancer.
        9  loadBalancerSourceRanges [string] notYet | Who may come through the load balancer.
        10 externalName       string is=subdomain | The name that DNS answers with.
        11 externalTrafficPolicy string in=Cluster,Local | Cluster or Local.
        12 healthCheckNodePort int32 0..65535 notYet | Where load balancers ask nodes.
        13 publishNotReadyAddresses bool               | Pods count before they are ready.
        14 sessionAffinityConfig SessionAffinityConfig? | For ClientIP.
        17 ipFamilyPolicy string? in=PreferDualStack,RequireDualStack,SingleStack notYet=SingleStack,PreferDualStack | SingleStack, PreferDualStack or RequireDualStack.
        19 ipFamilies         [string] in=IPv4,IPv6 | IPv4, IPv6.
        20 allocateLoadBalancerNodePorts bool?         | Node ports for a load balancer too.
        21 loadBalancerClass  string? notYet | Which load balancer.
        22 internalTrafficPolicy string? in=Cluster,Local | Cluster or Local.
        23 trafficDistribution string? in=PreferClose,PreferSameNode,PreferSameZone notYet | PreferClose, …
        ServicePort | A port of a service.
        1  name               string is=label | Its name; needed when there are several.
        2  protocol           string in=SCTP,TCP,UDP | TCP, UDP or SCTP.
        6  appProtocol        string? is=qualified | What is spoken on it.
        3  port               int32! 1..65535 | The service's port.
        4  targetPort         intOrString is=port | The pods' port, by number or name.
        5  nodePort           int32 0..65535 | The nodes' port.
        SessionAffinityConfig | How clients stick to a pod.
        1  clientIP           ClientIPConfig?          | By address.
        ClientIPConfig | How clients stick to a pod by address.
        1  timeoutSeconds     int32? 1..86400 | For so long; 10800 by default.
        ServiceStatus | What is known of a service.
        1  loadBalancer       LoadBalancerStatus       | Its load balancer.
        2  conditions         [Condition] merge=type   | State.
        LoadBalancerStatus | What is known of a load balancer.
        1  ingress            [LoadBalancerIngress]    | Where it answers.
        LoadBalancerIngress | Where a load balancer answers.
        1  ip                 string                   | Its address.
        2  hostname           string                   | Or its name.
        3  ipMode             string?                  | VIP or Proxy.
        4  ports              [PortStatus]             | Its ports.
        PortStatus | A load balancer's port.
        1  port               int32!                   | The port.
        2  protocol           string!                  | Its protocol.
        3  error              string?                  | What went wrong.
        EndpointSlice* | Some of the endpoints of a service.
        1  metadata           ObjectMeta               | Standard metadata.
        4  addressType        string! required in=FQDN,IPv4,IPv6 | IPv4, IPv6 or FQDN; cannot change.
        2  endpoints          [Endpoint]!              | At most 1000.
        3  ports              [EndpointPort]!          | The ports of them all.
        Endpoint | One backend.
        1  addresses          [string]!                | Its addresses.
        2  conditions         EndpointConditions       | Its state.
        3  hostname           string? is=label | For names in DNS.
        4  targetRef          ObjectReference?         | The pod.
        5  deprecatedTopology {string}                 | Of v1beta1.
        6  nodeName           string? is=subdomain | The node it is on.
        7  zone               string?                  | The zone it is in.
        8  hints              EndpointHints?           | Who should use it.
        EndpointConditions | State of an endpoint.
        1  ready              bool?                    | Send traffic.
        2  serving            bool?                    | As ready, but true while it ends, too.
        3  terminating        bool?                    | It is being deleted.
        EndpointHints | Who should use an endpoint.
        1  forZones           [ForZone]                | Clients in these zones.
        2  forNodes           [ForNode]                | Clients on these nodes.
        ForZone | A zone.
        1  name               string!                  | Its name.
        ForNode | A node.
        1  name               string!                  | Its name.
        EndpointPort | A port of all endpoints in a slice.
        1  name               string? is=endpointPortName | The service port's name.
        2  protocol           string? in=SCTP,TCP,UDP | TCP, UDP or SCTP.
        3  port               int32? 1..65535 | The number.
        4  appProtocol        string? is=qualified | What is spoken on it.
        """)
}
