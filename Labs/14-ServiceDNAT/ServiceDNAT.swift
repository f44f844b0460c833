import ContractServiceDNAT

/// Lab 14: a Service becomes rules.
public struct ServiceDNAT: ServiceDNATPart {
    public init() {}

    /// Given: the rules of one Service port, put together from what you write. What is not written
    /// yet is left out here, so that packets can be traced from the first step on.
    public func rules(for port: ServicePortFacts, podCIDR: String) throws -> Rules {
        var rules = Rules()
        let ready = try rules.ifWritten { try served(port) } ?? port.endpoints
        if ready.isEmpty {
            var inside = port
            if port.outside != nil { inside.nodePort = nil }
            if let refused = try rules.ifWritten({ try refusal(inside) }) { rules.add(refused) }
        } else {
            try addService(port, ready, podCIDR, to: &rules)
        }
        if let nodePort = port.nodePort, let outside = port.outside {
            try add(outside, of: port, at: nodePort, podCIDR, to: &rules)
        }
        return rules
    }

    private func addService(
        _ port: ServicePortFacts, _ ready: [EndpointFacts], _ podCIDR: String, to rules: inout Rules
    ) throws {
        let chain = try serviceChain(port)
        rules.chain(chain, in: .nat)
        rules.add("KUBE-SERVICES", try portalRule(port), in: .nat)
        if let rule = try rules.ifWritten({ try outsideRule(port, podCIDR) }) {
            rules.add(chain, rule, in: .nat)
        }
        try addChoice(chain, port, ready, to: &rules)
        for endpoint in ready { try add(endpoint, of: port, to: &rules) }
        if let nodePort = port.nodePort, port.outside == nil,
            let more = try rules.ifWritten({ try nodePortRules(port, nodePort) })
        {
            rules.add(more)
        }
    }

    func addChoice(
        _ chain: String, _ port: ServicePortFacts, _ ready: [EndpointFacts], to rules: inout Rules
    ) throws {
        for list in [
            try rules.ifWritten { try affinityRules(port, ready) },
            // A choice of one is none.
            ready.count == 1
                ? ["-j \(try endpointChain(port, ready[0]))"]
                : try rules.ifWritten { try choiceRules(port, ready) },
        ] {
            for rule in list ?? [] { rules.add(chain, rule, in: .nat) }
        }
    }

    func add(
        _ endpoint: EndpointFacts, of port: ServicePortFacts, to rules: inout Rules
    ) throws {
        let chain = try endpointChain(port, endpoint)
        rules.chain(chain, in: .nat)
        if let hairpin = try rules.ifWritten({ try hairpinRule(port, endpoint) }) {
            rules.add(chain, hairpin, in: .nat)
        }
        let note = try rules.ifWritten { try remember(port, endpoint) }
        rules.add(chain, try natRule(port, endpoint, remember: note ?? ""), in: .nat)
    }

    /// From which of the kernel's own chains the way leads into ours: the table stands at the
    /// contract.
    public func jumps() throws -> [Jump] {
        // step 14.3 begin
        throw Unfinished("14.3")
        // step 14.3 end
    }

    /// The endpoints that get new connections, in an order that doesn't depend on how they came.
    func served(_ port: ServicePortFacts) throws -> [EndpointFacts] {
        // step 14.4 begin
        throw Unfinished("14.4")
        // step 14.4 end
    }

    /// Nobody serves: clients hear so at once, at the Service's address and at its node port, and
    /// don't wait for a timeout. Connections that are open already feel nothing.
    func refusal(_ port: ServicePortFacts) throws -> Rules {
        // step 14.4 begin
        throw Unfinished("14.4")
        // step 14.4 end
    }
}
