@_exported import Contract
import JSON

/// Lab 14: a Service's address belongs to nobody. Packets that are sent there get another
/// destination, by rules that every node has.
///
/// The rules are one text for iptables-restore(8), the same chains that kube-proxy makes:
///
///     PREROUTING, OUTPUT → KUBE-SERVICES → KUBE-SVC-…  (one a Service port: which endpoint?)
///                                        → KUBE-SEP-…  (one an endpoint: DNAT there)
///     POSTROUTING → KUBE-POSTROUTING      (masquerade what KUBE-MARK-MASQ has marked)
///
/// The first packet of a connection walks these chains; conntrack(8) remembers the outcome for the
/// rest.
///
/// Source: k8s.io/kubernetes pkg/proxy/iptables/proxier.go, and the text of `iptables-save` on any
/// cluster.
public protocol ServiceDNATContract: Sendable {
    /// The chain of a Service port: `KUBE-SVC-` and the `chainHash` of its name and protocol.
    ///
    /// The name is `namespace/service:port`, without the colon and what follows for a port that has
    /// no name. Service `default/kubernetes:https`, tcp: `chainHash("default/kubernetes:httpstcp")`,
    /// so KUBE-SVC-NPX46M4PTMTKRN6Y on every cluster of the world.
    func serviceChain(_ port: ServicePortFacts) throws -> String

    /// The chain of one endpoint of a Service port: `KUBE-SEP-` and the `chainHash` of name,
    /// protocol and `address:port`.
    func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String

    /// How likely the rule for one endpoint has to match, so that all endpoints get the same share:
    /// a number with ten digits after the point, rounded; nil for the last endpoint, whose rule
    /// takes every packet that gets there.
    ///
    /// The rules are tried one after the other, and each sees only what those before it let pass.
    /// - Parameter remaining: this endpoint and those after it, at least 1.
    func probability(remaining: Int) throws -> String?

    /// From which of the kernel's own chains the way leads into ours. The proxy puts these jumps
    /// there once.
    ///
    /// | table | from | to | |
    /// |---|---|---|---|
    /// | nat | PREROUTING, OUTPUT | KUBE-SERVICES | what comes in, and what this node sends |
    /// | nat | POSTROUTING | KUBE-POSTROUTING | what leaves |
    /// | filter | FORWARD, OUTPUT | KUBE-SERVICES | new connections only |
    /// | filter | FORWARD, INPUT | KUBE-EXTERNAL-SERVICES | new connections only |
    /// | filter | FORWARD | KUBE-FORWARD | |
    func jumps() throws -> [Jump]

    /// The chains and rules of one Service port, without those of the whole (KUBE-MARK-MASQ and so
    /// on), which `allRules` adds.
    ///
    /// - With endpoints: in nat, one rule in KUBE-SERVICES that sends packets for clusterIP and
    ///   port to the KUBE-SVC chain; there, for sources outside the pod network, a jump to
    ///   KUBE-MARK-MASQ; then one jump for each endpoint, with its probability; in each KUBE-SEP
    ///   chain, the mark for packets whose source is the endpoint itself (a pod that reaches itself
    ///   through its Service: without masquerade the answer would never leave the pod), then DNAT.
    /// - With session affinity: before the probabilities, a jump to each endpoint that has seen
    ///   this client lately (`-m recent --rcheck`), and `-m recent --set` with the DNAT.
    /// - With a node port: in KUBE-NODEPORTS to KUBE-EXT-…, whose name ends like that of the KUBE-SVC
    ///   chain, and which marks for masquerade and goes on to KUBE-SVC.
    /// - Without an endpoint that is ready: in filter, a REJECT in KUBE-SERVICES (and for the node
    ///   port in KUBE-EXTERNAL-SERVICES), so that clients hear at once.
    func rules(for port: ServicePortFacts, podCIDR: String) throws -> Rules

    /// The rules of all Service ports and the chains that they use together. Equal views give equal
    /// rules: the endpoints of a Service port go by address, as text, and then by port.
    func allRules(_ view: ProxyView) throws -> Rules

    /// The whole text for `iptables-restore --noflush`.
    /// - Throws: `Unfinished` where a step's rules would be missing in it.
    func render(_ view: ProxyView) throws -> String

    /// The same Services as maps that are asked once, however many there are: nftables(8) has them.
    func verdictMaps(_ view: ProxyView) throws -> VerdictMaps
}

/// The part of lab 14: the contract, made anew by the program that serves it.
public protocol ServiceDNATPart: Part, ServiceDNATContract {}

extension ServiceDNATPart {
    public func render(_ view: ProxyView) throws -> String {
        let rules = try allRules(view)
        if let step = rules.unwritten.first { throw Unfinished(step) }
        return rules.text
    }
}

/// The open step of lab 14: tests of one's own for any part that makes rules of Services.
public protocol ServiceDNATTests: OpenTests where Subject == any ServiceDNATContract {}

extension ServiceDNATTests {
    public func subject(asking asker: any KernelAsker) -> any ServiceDNATContract {
        RemoteServiceDNAT(asking: asker)
    }
}

/// One port of a Service, and the endpoints behind it.
public struct ServicePortFacts: Codable, Hashable, Sendable {
    public var namespace: String
    public var service: String
    /// Empty for the only, unnamed port of a Service.
    public var portName: String
    /// In small letters: `tcp` or `udp`.
    public var transport: String
    public var clusterIP: String
    public var port: Int
    public var nodePort: Int?
    /// sessionAffinity ClientIP: for so many seconds; nil without affinity.
    public var affinitySeconds: Int?
    /// All endpoints, also those that are not ready.
    public var endpoints: [EndpointFacts]
    /// Where what comes to the node port goes, where that is not to `endpoints`: a Service with a traffic policy. Given
    /// code sees to it.
    public var outside: OutsideTraffic?

    public init(
        namespace: String, service: String, portName: String = "", transport: String = "tcp",
        clusterIP: String, port: Int, nodePort: Int? = nil, affinitySeconds: Int? = nil,
        endpoints: [EndpointFacts] = []
    ) {
        (self.namespace, self.service, self.portName) = (namespace, service, portName)
        (self.transport, self.clusterIP, self.port) = (transport, clusterIP, port)
        (self.nodePort, self.affinitySeconds) = (nodePort, affinitySeconds)
        self.endpoints = endpoints
    }

    /// `namespace/service:port`, or `namespace/service`: how rules and comments name it.
    public var name: String { "\(namespace)/\(service)" + (portName.isEmpty ? "" : ":\(portName)") }
}

/// Traffic from outside the cluster, for a Service with `externalTrafficPolicy: Local` or `internalTrafficPolicy: Local`.
public struct OutsideTraffic: Codable, Hashable, Sendable {
    /// The endpoints for it on this node, also those that are not ready.
    public var endpoints: [EndpointFacts]
    /// The clients keep their addresses, since the answer passes through this node in any case.
    public var keepsSource: Bool

    public init(endpoints: [EndpointFacts], keepsSource: Bool) {
        (self.endpoints, self.keepsSource) = (endpoints, keepsSource)
    }
}

/// One address behind a Service.
public struct EndpointFacts: Codable, Hashable, Sendable {
    public var address: String
    public var port: Int
    public var ready: Bool

    public init(_ address: String, _ port: Int, ready: Bool = true) {
        (self.address, self.port, self.ready) = (address, port, ready)
    }
}

/// All that a node's proxy sees when it looks.
public struct ProxyView: Codable, Hashable, Sendable {
    /// The network of all pods of the cluster: `10.244.0.0/16`. Other sources are masqueraded.
    public var podCIDR: String
    /// In any order.
    public var ports: [ServicePortFacts]

    public init(podCIDR: String, ports: [ServicePortFacts]) {
        (self.podCIDR, self.ports) = (podCIDR, ports)
    }
}
