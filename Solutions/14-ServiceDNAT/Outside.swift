import ContractServiceDNAT

/// Given: the node port of a Service with a traffic policy.
extension ServiceDNAT {
    /// From KUBE-NODEPORTS through the Service's KUBE-EXT-… to a chain KUBE-SVL-… of the endpoints
    /// for what comes from outside. Pods and the node itself are no strangers: they go where the
    /// Service's own address leads. Where this node has no endpoint for strangers, their packets
    /// are dropped: another node has one, and a balancer asks there.
    func add(
        _ outside: OutsideTraffic, of port: ServicePortFacts, at nodePort: Int, _ podCIDR: String,
        to rules: inout Rules
    ) throws {
        var served = port
        served.endpoints = outside.endpoints
        let ready = try rules.ifWritten { try self.served(served) } ?? outside.endpoints
        let packets = packets(port.transport, to: nodePort)
        if ready.isEmpty {
            let why = comment("\(port.name) has no local endpoints")
            let rule = "\(why) -m addrtype --dst-type LOCAL \(packets) -j DROP"
            rules.add("KUBE-EXTERNAL-SERVICES", rule, in: .filter)
        }
        let inside = try rules.ifWritten { try self.served(port) } ?? port.endpoints
        if ready.isEmpty, inside.isEmpty { return }
        let hash = chainHash(port.name + port.transport)
        let (chain, local) = ("KUBE-EXT-" + hash, "KUBE-SVL-" + hash)
        rules.chain(chain, in: .nat)
        rules.add("KUBE-NODEPORTS", "\(comment(port.name)) \(packets) -j \(chain)", in: .nat)
        if !inside.isEmpty, outside.keepsSource {
            let service = try serviceChain(port)
            let own = "\(comment(port.name)) -m addrtype --src-type LOCAL"
            rules.add(
                chain, "\(comment("pod traffic for \(port.name)")) -s \(podCIDR) -j \(service)",
                in: .nat)
            rules.add(chain, "\(own) -j KUBE-MARK-MASQ", in: .nat)
            rules.add(chain, "\(own) -j \(service)", in: .nat)
        }
        if ready.isEmpty { return }
        if !outside.keepsSource {
            rules.add(chain, "\(comment(port.name)) -j KUBE-MARK-MASQ", in: .nat)
        }
        rules.add(chain, "\(comment(port.name)) -j \(local)", in: .nat)
        rules.chain(local, in: .nat)
        try addChoice(local, port, ready, to: &rules)
        for endpoint in ready where !inside.contains(endpoint) {
            try add(endpoint, of: port, to: &rules)
        }
    }
}
