import Contracts

/// The rules of one Service port that has endpoints, chain by chain.
extension ServiceDNAT {
    /// In KUBE-SERVICES: what is sent to the Service's address goes to its chain.
    func portalRule(_ port: ServicePortFacts) throws -> String {
        // step 14.2 begin
        "\(comment("\(port.name) cluster IP")) \(packets(to: port)) -j \(try serviceChain(port))"
        // step 14.2 end
    }

    /// In KUBE-SEP: the packet gets the endpoint's address and port.
    /// - Parameter remember: what session affinity writes down, or nothing.
    func natRule(
        _ port: ServicePortFacts, _ endpoint: EndpointFacts, remember: String
    ) throws -> String {
        // step 14.2 begin
        "\(comment(port.name)) \(remember)-p \(port.transport) -m \(port.transport) "
            + "-j DNAT --to-destination \(endpoint.address):\(endpoint.port)"
        // step 14.2 end
    }

    /// In KUBE-SVC: one jump for each endpoint, so that all get the same share.
    func choiceRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        // step 14.3 begin
        try ready.enumerated().map { index, endpoint in
            let dice = try probability(remaining: ready.count - index).map {
                "-m statistic --mode random --probability \($0) "
            }
            let target = try endpointChain(port, endpoint)
            return "\(arrow(port, endpoint)) \(dice ?? "")-j \(target)"
        }
        // step 14.3 end
    }

    /// In KUBE-SVC: who is no pod gets masqueraded, or the answer wouldn't come back this way.
    func outsideRule(_ port: ServicePortFacts, _ podCIDR: String) throws -> String {
        // step 14.6 begin
        let portal = comment("\(port.name) cluster IP")
        return "\(portal) ! -s \(podCIDR) \(packets(to: port)) -j KUBE-MARK-MASQ"
        // step 14.6 end
    }

    /// In KUBE-SEP: a pod that reaches itself must think that somebody else called.
    func hairpinRule(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        // step 14.6 begin
        "\(comment(port.name)) -s \(endpoint.address)/32 -j KUBE-MARK-MASQ"
        // step 14.6 end
    }

    /// In KUBE-SVC, before the dice: back to the endpoint that served this client last. None
    /// without affinity.
    func affinityRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        if port.affinitySeconds == nil { return [] }
        // step 14.7 begin
        let seconds = port.affinitySeconds ?? 0
        return try ready.map { endpoint in
            let target = try endpointChain(port, endpoint)
            let seen = "-m recent --name \(target) --rcheck --seconds \(seconds) --reap"
            return "\(arrow(port, endpoint)) \(seen) -j \(target)"
        }
        // step 14.7 end
    }

    /// With the DNAT: writes down that this client came here.
    func remember(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        guard port.affinitySeconds != nil else { return "" }
        // step 14.7 begin
        return "-m recent --name \(try endpointChain(port, endpoint)) --set "
        // step 14.7 end
    }

    /// The same Service on a port of every node: KUBE-NODEPORTS, KUBE-EXT, and on to KUBE-SVC,
    /// masqueraded.
    func nodePortRules(_ port: ServicePortFacts, _ nodePort: Int) throws -> Rules {
        // step 14.8 begin
        var rules = Rules()
        let chain = "KUBE-EXT-" + chainHash(port.name + port.transport)
        let entry = "\(comment(port.name)) \(packets(port.transport, to: nodePort)) -j \(chain)"
        let outside = comment("masquerade traffic for \(port.name) external destinations")
        rules.chain(chain, in: .nat)
        rules.add("KUBE-NODEPORTS", entry, in: .nat)
        rules.add(chain, "\(outside) -j KUBE-MARK-MASQ", in: .nat)
        rules.add(chain, "-j \(try serviceChain(port))", in: .nat)
        return rules
        // step 14.8 end
    }

    private func arrow(_ port: ServicePortFacts, _ endpoint: EndpointFacts) -> String {
        comment("\(port.name) -> \(endpoint.address):\(endpoint.port)")
    }
}
