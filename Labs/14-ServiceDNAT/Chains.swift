import ContractServiceDNAT

/// From the Service's address to an endpoint: KUBE-SERVICES, KUBE-SVC-…, KUBE-SEP-….
extension ServiceDNAT {
    /// The chain of a Service port.
    public func serviceChain(_ port: ServicePortFacts) throws -> String {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    /// The chain of one of its endpoints.
    public func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String
    {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    /// The rule in KUBE-SERVICES: what is sent to the Service's address, transport and port goes to
    /// its chain.
    func portalRule(_ port: ServicePortFacts) throws -> String {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    /// The rule in KUBE-SEP: the packet gets the endpoint's address and port.
    /// - Parameter remember: what session affinity writes down, with a blank behind it; or nothing.
    ///   It stands before the target.
    func natRule(
        _ port: ServicePortFacts, _ endpoint: EndpointFacts, remember: String
    ) throws -> String {
        // step 14.1 begin
        throw Unfinished("14.1")
        // step 14.1 end
    }

    /// How likely the rule for one endpoint has to match, so that all get the same share.
    public func probability(remaining: Int) throws -> String? {
        // step 14.2 begin
        throw Unfinished("14.2")
        // step 14.2 end
    }

    /// The rules in KUBE-SVC: a jump for each endpoint, so that all get the same share, and no packet
    /// gets past the last.
    /// - Parameter ready: in the order in which the rules have to be; at least two.
    func choiceRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        // step 14.2 begin
        throw Unfinished("14.2")
        // step 14.2 end
    }
}
