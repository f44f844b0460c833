import ContractServiceDNAT

/// What depends on who calls, and from where: masquerade, session affinity, node ports.
extension ServiceDNAT {
    /// The rule in KUBE-SVC, before the choice: who calls the Service and is no pod gets the mark for
    /// masquerade.
    /// - Parameter podCIDR: the network of all pods.
    func outsideRule(_ port: ServicePortFacts, _ podCIDR: String) throws -> String {
        // step 14.5 begin
        throw Unfinished("14.5")
        // step 14.5 end
    }

    /// The rule in KUBE-SEP, before the DNAT: the pod that came back to itself, and nobody else, gets
    /// the mark for masquerade.
    func hairpinRule(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        // step 14.5 begin
        throw Unfinished("14.5")
        // step 14.5 end
    }

    /// The rules in KUBE-SVC, before the dice: a client that an endpoint has seen within
    /// `affinitySeconds` goes there again. None without affinity.
    func affinityRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        if port.affinitySeconds == nil { return [] }
        // step 14.6 begin
        throw Unfinished("14.6")
        // step 14.6 end
    }

    /// In the rule with the DNAT: writes down that this client came to this endpoint. Ends with a
    /// blank.
    func remember(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        if port.affinitySeconds == nil { return "" }
        // step 14.6 begin
        throw Unfinished("14.6")
        // step 14.6 end
    }

    /// The same Service on a port of every node: from KUBE-NODEPORTS through a chain KUBE-EXT-… of
    /// the Service port's own, always with the mark for masquerade, to KUBE-SVC.
    func nodePortRules(_ port: ServicePortFacts, _ nodePort: Int) throws -> Rules {
        // step 14.6 begin
        throw Unfinished("14.6")
        // step 14.6 end
    }
}
