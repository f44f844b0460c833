import ContractServiceDNAT

/// What depends on who calls, and from where: masquerade, session affinity, node ports.
extension ServiceDNAT {
    /// The rule in KUBE-SVC, before the choice: who calls the Service and is no pod gets the mark for
    /// masquerade.
    /// - Parameter podCIDR: the network of all pods.
    func outsideRule(_ port: ServicePortFacts, _ podCIDR: String) throws -> String {
        // step 14.5 begin
        let portal = comment("\(port.name) cluster IP")
        return "\(portal) ! -s \(podCIDR) \(packets(to: port)) -j KUBE-MARK-MASQ"
        // step 14.5 end
    }

    /// The rule in KUBE-SEP, before the DNAT: the pod that came back to itself, and nobody else, gets
    /// the mark for masquerade.
    func hairpinRule(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        // step 14.5 begin
        "\(comment(port.name)) -s \(endpoint.address)/32 -j KUBE-MARK-MASQ"
        // step 14.5 end
    }

    /// The rules in KUBE-SVC, before the dice: a client that an endpoint has seen within
    /// `affinitySeconds` goes there again. None without affinity.
    func affinityRules(_ port: ServicePortFacts, _ ready: [EndpointFacts]) throws -> [String] {
        if port.affinitySeconds == nil { return [] }
        // step 14.6 begin
        guard let seconds = port.affinitySeconds else { return [] }
        return try ready.map { endpoint in
            let target = try endpointChain(port, endpoint)
            let seen = "-m recent --name \(target) --rcheck --seconds \(seconds) --reap"
            return "\(arrow(port, endpoint)) \(seen) -j \(target)"
        }
        // step 14.6 end
    }

    /// In the rule with the DNAT: writes down that this client came to this endpoint. Ends with a
    /// blank.
    func remember(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String {
        if port.affinitySeconds == nil { return "" }
        // step 14.6 begin
        return "-m recent --name \(try endpointChain(port, endpoint)) --set "
        // step 14.6 end
    }

    /// The same Service on a port of every node: from KUBE-NODEPORTS through a chain KUBE-EXT-… of
    /// the Service port's own, always with the mark for masquerade, to KUBE-SVC.
    func nodePortRules(_ port: ServicePortFacts, _ nodePort: Int) throws -> Rules {
        // step 14.6 begin
        var rules = Rules()
        let chain = "KUBE-EXT-" + chainHash(port.name + port.transport)
        let entry = "\(comment(port.name)) \(packets(port.transport, to: nodePort)) -j \(chain)"
        let outside = comment("masquerade traffic for \(port.name) external destinations")
        rules.chain(chain, in: .nat)
        rules.add("KUBE-NODEPORTS", entry, in: .nat)
        rules.add(chain, "\(outside) -j KUBE-MARK-MASQ", in: .nat)
        rules.add(chain, "-j \(try serviceChain(port))", in: .nat)
        return rules
        // step 14.6 end
    }
}
