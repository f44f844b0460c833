import Contracts

/// Lab 14: a Service becomes rules.
public struct ServiceDNAT: ServiceDNATPart {
    public init() {}

    public func serviceChain(_ port: ServicePortFacts) throws -> String {
        // step 14.1 begin
        "KUBE-SVC-" + chainHash(port.name + port.transport)
        // step 14.1 end
    }

    public func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String
    {
        // step 14.1 begin
        let target = "\(endpoint.address):\(endpoint.port)"
        return "KUBE-SEP-" + chainHash(port.name + port.transport + target)
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
        let ready = try served(port)
        if ready.isEmpty { return try refusal(port) }
        var rules = Rules()
        let chain = try serviceChain(port)
        rules.chain(chain, in: .nat)
        rules.add("KUBE-SERVICES", try portalRule(port), in: .nat)
        rules.add(chain, try outsideRule(port, podCIDR), in: .nat)
        for rule in try affinityRules(port, ready) { rules.add(chain, rule, in: .nat) }
        for rule in try choiceRules(port, ready) { rules.add(chain, rule, in: .nat) }
        for endpoint in ready {
            let chain = try endpointChain(port, endpoint)
            let remember = try remember(port, endpoint)
            rules.chain(chain, in: .nat)
            rules.add(chain, try hairpinRule(port, endpoint), in: .nat)
            rules.add(chain, try natRule(port, endpoint, remember: remember), in: .nat)
        }
        if let nodePort = port.nodePort { rules.add(try nodePortRules(port, nodePort)) }
        return rules
    }

    /// The endpoints that get packets, in an order that doesn't depend on how they came.
    func served(_ port: ServicePortFacts) throws -> [EndpointFacts] {
        // step 14.5 begin
        let ready = port.endpoints.filter(\.ready)
        return ready.sorted { ($0.address, $0.port) < ($1.address, $1.port) }
        // step 14.5 end
    }

    /// Nobody serves: clients hear so at once, and don't wait for a timeout.
    func refusal(_ port: ServicePortFacts) throws -> Rules {
        // step 14.5 begin
        var rules = Rules()
        let why = comment("\(port.name) has no endpoints")
        rules.add("KUBE-SERVICES", "\(why) \(packets(to: port)) -j REJECT", in: .filter)
        if let nodePort = port.nodePort {
            let local = "-m addrtype --dst-type LOCAL \(packets(port.transport, to: nodePort))"
            rules.add("KUBE-EXTERNAL-SERVICES", "\(why) \(local) -j REJECT", in: .filter)
        }
        return rules
        // step 14.5 end
    }
}
