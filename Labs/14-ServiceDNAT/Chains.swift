import Contracts

/// The rules of one Service port that has endpoints, chain by chain.
extension ServiceDNAT {
    /// In KUBE-SERVICES: what is sent to the Service's address goes to its chain.
    func portalRule(_ port: ServicePortFacts) throws -> String {
        // step 14.2 begin
        throw Unfinished("14.2")
        // step 14.2 end
    }

    /// In KUBE-SEP: the packet gets the endpoint's address and port.
    /// - Parameter remember: what session affinity writes down, or nothing.
    func natRule(
        _ port: ServicePortFacts, _ endpoint: EndpointFacts, remember: String
    ) throws -> String {
        // step 14.2 begin
        throw Unfinished("14.2")
        // step 14.2 end
    }

    /// In KUBE-SVC: one jump for each endpoint, so that all get the same share.
    func choiceRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        // step 14.3 begin
        throw Unfinished("14.3")
        // step 14.3 end
    }

    /// In KUBE-SVC: who is no pod gets masqueraded, or the answer wouldn't come back this way.
    func outsideRule(_ port: ServicePortFacts, _ podCIDR: String) throws -> String {
        // step 14.6 begin
        throw Unfinished("14.6")
        // step 14.6 end
    }

    /// In KUBE-SEP: a pod that reaches itself must think that somebody else called.
    func hairpinRule(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        // step 14.6 begin
        throw Unfinished("14.6")
        // step 14.6 end
    }

    /// In KUBE-SVC, before the dice: back to the endpoint that served this client last. None
    /// without affinity.
    func affinityRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        if port.affinitySeconds == nil { return [] }
        // step 14.7 begin
        throw Unfinished("14.7")
        // step 14.7 end
    }

    /// With the DNAT: writes down that this client came here.
    func remember(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        guard port.affinitySeconds != nil else { return "" }
        // step 14.7 begin
        throw Unfinished("14.7")
        // step 14.7 end
    }

    /// The same Service on a port of every node: KUBE-NODEPORTS, KUBE-EXT, and on to KUBE-SVC,
    /// masqueraded.
    func nodePortRules(_ port: ServicePortFacts, _ nodePort: Int) throws -> Rules {
        // step 14.8 begin
        throw Unfinished("14.8")
        // step 14.8 end
    }

    private func arrow(_ port: ServicePortFacts, _ endpoint: EndpointFacts) -> String {
        comment("\(port.name) -> \(endpoint.address):\(endpoint.port)")
    }
}
