import Contracts

/// Lab 14: a Service becomes rules.
public struct ServiceDNAT: ServiceDNATPart {
    public init() {}

    public func serviceChain(_ port: ServicePortFacts) throws -> String {
        // step 14.1 begin
        "KUBE-SVC-" + chainHash(port.name + port.transport)
        // step 14.1 end
    }

    public func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        // step 14.1 begin
        "KUBE-SEP-" + chainHash(port.name + port.transport + "\(endpoint.address):\(endpoint.port)")
        // step 14.1 end
    }

    /// One of those that remain.
    public func probability(remaining: Int) throws -> String? {
        // step 14.3 begin
        if remaining <= 1 { return nil }
        let scale = 10_000_000_000
        let digits = String((scale + remaining / 2) / remaining)
        return "0." + String(repeating: "0", count: 10 - digits.count) + digits
        // step 14.3 end
    }

    public func jumps() throws -> [Jump] {
        // step 14.4 begin
        [
            Jump(.nat, from: "PREROUTING", to: "KUBE-SERVICES"),
            Jump(.nat, from: "OUTPUT", to: "KUBE-SERVICES"),
            Jump(.nat, from: "POSTROUTING", to: "KUBE-POSTROUTING"),
            Jump(.filter, from: "FORWARD", to: "KUBE-SERVICES", newConnectionsOnly: true),
            Jump(.filter, from: "OUTPUT", to: "KUBE-SERVICES", newConnectionsOnly: true),
            Jump(.filter, from: "INPUT", to: "KUBE-EXTERNAL-SERVICES", newConnectionsOnly: true),
            Jump(.filter, from: "FORWARD", to: "KUBE-EXTERNAL-SERVICES", newConnectionsOnly: true),
            Jump(.filter, from: "FORWARD", to: "KUBE-FORWARD"),
        ]
        // step 14.4 end
    }

    /// One Service port: REJECT, or the chains that lead to its endpoints.
    public func rules(for port: ServicePortFacts, podCIDR: String) throws -> Rules {
        var rules = Rules()
        let ready = port.endpoints.filter(\.ready).sorted { ($0.address, $0.port) < ($1.address, $1.port) }
        // step 14.5 begin
        if ready.isEmpty {
            let why = comment("\(port.name) has no endpoints")
            rules.add("KUBE-SERVICES", "\(why) \(packets(to: port)) -j REJECT", in: .filter)
            if let nodePort = port.nodePort {
                rules.add(
                    "KUBE-EXTERNAL-SERVICES",
                    "\(why) -m addrtype --dst-type LOCAL \(packets(port.transport, to: nodePort)) -j REJECT",
                    in: .filter)
            }
            return rules
        }
        // step 14.5 end
        try addService(port, podCIDR, ready, &rules)
        for endpoint in ready { try addEndpoint(port, endpoint, &rules) }
        try addNodePort(port, &rules)
        return rules
    }

    /// Which packets are meant: those for the Service's address and port.
    func packets(to port: ServicePortFacts) -> String {
        "-d \(port.clusterIP)/32 " + packets(port.transport, to: port.port)
    }

    func packets(_ transport: String, to port: Int) -> String {
        "-p \(transport) -m \(transport) --dport \(port)"
    }

    func comment(_ text: String) -> String { "-m comment --comment \"\(text)\"" }
}
