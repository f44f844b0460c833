import Contracts

/// Lab 14: a Service becomes rules.
public struct ServiceDNAT: ServiceDNATPart {
    public init() {}

    public func serviceChain(_ port: ServicePortFacts) throws -> String {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    public func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String
    {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    /// One of those that remain.
    public func probability(remaining: Int) throws -> String? {
        // step 14.3 begin
        throw Unfinished("14.3")
        // step 14.3 end
    }

    public func jumps() throws -> [Jump] {
        // step 14.4 begin
        throw Unfinished("14.4")
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
        throw Unfinished("14.5")
        // step 14.5 end
    }

    /// Nobody serves: clients hear so at once, and don't wait for a timeout.
    func refusal(_ port: ServicePortFacts) throws -> Rules {
        // step 14.5 begin
        throw Unfinished("14.5")
        // step 14.5 end
    }
}
