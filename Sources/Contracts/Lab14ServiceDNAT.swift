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
    /// no name. Service
    /// `default/kubernetes:https`, tcp: `chainHash("default/kubernetes:httpstcp")`, so
    /// KUBE-SVC-NPX46M4PTMTKRN6Y on every cluster of the world.
    func serviceChain(_ port: ServicePortFacts) throws -> String

    /// The chain of one endpoint of a Service port: `KUBE-SEP-` and the `chainHash` of name,
    /// protocol and `address:port`.
    func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String

    /// How likely the rule for one endpoint has to match, so that all endpoints get the same share;
    /// nil for the last, which
    /// takes every packet that gets there. Ten digits after the point, rounded.
    ///
    /// The rules are tried one after the other: of three, 1/3 of the packets stop at the first; 1/2
    /// of *the rest* at the second; all of
    /// what remains at the third.
    /// - Parameter remaining: this endpoint and those after it. 3 → `0.3333333333`, 2 →
    ///   `0.5000000000`, 1 → nil.
    func probability(remaining: Int) throws -> String?

    /// From which of the kernel's own chains the way leads into ours. The proxy puts these jumps
    /// there once.
    ///
    /// nat: PREROUTING and OUTPUT to KUBE-SERVICES, POSTROUTING to KUBE-POSTROUTING; filter:
    /// FORWARD and OUTPUT to KUBE-SERVICES for new connections, INPUT and
    /// FORWARD to KUBE-EXTERNAL-SERVICES for new connections, FORWARD to KUBE-FORWARD.
    func jumps() throws -> [Jump]

    /// The chains and rules of one Service port, without those of the whole (KUBE-MARK-MASQ and so
    /// on), which `render` adds.
    ///
    /// - With endpoints: in nat, one rule in KUBE-SERVICES that sends packets for clusterIP and
    ///   port to the KUBE-SVC chain; there, for
    ///   sources outside the pod network, a jump to KUBE-MARK-MASQ; then one jump for each
    ///   endpoint, with its probability; in each KUBE-SEP
    ///   chain, the mark for packets whose source is the endpoint itself (a pod that reaches itself
    ///   through its Service: without
    ///   masquerade the answer would never leave the pod), then DNAT.
    /// - With session affinity: before the probabilities, a jump to each endpoint that has seen
    ///   this client lately (`-m recent --rcheck`), and `-m recent --set` with the DNAT.
    /// - With a node port: in KUBE-NODEPORTS to KUBE-EXT-…, which marks for masquerade and goes on
    ///   to KUBE-SVC.
    /// - Without an endpoint that is ready: in filter, a REJECT in KUBE-SERVICES (and for the node
    ///   port in KUBE-EXTERNAL-SERVICES), so that clients hear at once.
    func rules(for port: ServicePortFacts, podCIDR: String) throws -> Rules

    /// The whole text for `iptables-restore --noflush`. Equal views give equal texts.
    func render(_ view: ProxyView) throws -> String
}

/// The part of lab 14: the contract, made anew by the program that serves it.
public protocol ServiceDNATPart: Part, ServiceDNATContract {}

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

/// A jump from one of the kernel's own chains into one of ours.
public struct Jump: Codable, Hashable, Sendable {
    public var table: Table
    public var chain: String
    public var target: String
    /// Only the first packet of a connection: `-m conntrack --ctstate NEW`.
    public var newConnectionsOnly: Bool

    public init(
        _ table: Table, from chain: String, to target: String, newConnectionsOnly: Bool = false
    ) {
        (self.table, self.chain, self.target) = (table, chain, target)
        self.newConnectionsOnly = newConnectionsOnly
    }

    /// The rule as iptables(8) takes it, without the command and chain before it.
    public var rule: String {
        (newConnectionsOnly ? "-m conntrack --ctstate NEW " : "")
            + "-m comment --comment \"kubernetes service portals\" -j \(target)"
    }
}

public enum Table: String, Codable, Sendable, CaseIterable {
    case filter, nat
}

/// Chains and rules on their way to a text.
///
///     var rules = Rules()
///     rules.chain("KUBE-SVC-X", in: .nat)
///     rules.add("KUBE-SVC-X", "-j KUBE-SEP-Y", in: .nat)
///     rules.text    // *filter COMMIT *nat :KUBE-SVC-X - [0:0] -A KUBE-SVC-X -j KUBE-SEP-Y COMMIT
public struct Rules: Codable, Hashable, Sendable {
    /// One table's chains (named once each, in order of declaration) and rules (`-A CHAIN …`, in
    /// order).
    public struct Content: Codable, Hashable, Sendable {
        public var chains: [String] = []
        public var rules: [String] = []
    }
    public var filter = Content()
    public var nat = Content()

    public init() {}

    /// Declares a chain of our own; iptables-restore makes it, or empties it.
    public mutating func chain(_ name: String, in table: Table) {
        change(table) { $0.chains.append(name) }
    }
    /// Appends a rule to a chain: its matches and its target.
    public mutating func add(_ chain: String, _ rule: String, in table: Table) {
        change(table) { $0.rules.append("-A \(chain) \(rule)") }
    }
    /// Takes over what another has, after what is here.
    public mutating func add(_ other: Rules) {
        filter.chains += other.filter.chains
        filter.rules += other.filter.rules
        nat.chains += other.nat.chains
        nat.rules += other.nat.rules
    }

    private mutating func change(_ table: Table, _ body: (inout Content) -> Void) {
        switch table {
        case .filter: body(&filter)
        case .nat: body(&nat)
        }
    }

    /// The text for iptables-restore(8).
    public var text: String {
        var lines: [String] = []
        for (name, content) in [("filter", filter), ("nat", nat)] {
            lines.append("*\(name)")
            lines += content.chains.map { ":\($0) - [0:0]" }
            lines += content.rules
            lines.append("COMMIT")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
