import ContractServiceDNAT

/// Given: the chains that every Service uses, around the rules of each.
extension ServiceDNAT {
    public func allRules(_ view: ProxyView) throws -> Rules {
        var rules = Rules()
        declareCommon(&rules)
        let ports = view.ports.sorted { ($0.name, $0.transport) < ($1.name, $1.transport) }
        for port in ports { rules.add(try self.rules(for: port, podCIDR: view.podCIDR)) }
        // Last: what is sent to the node itself and was no Service's address may be for a node
        // port.
        let last = "kubernetes service nodeports; NOTE: this must be the last rule in this chain"
        rules.add(
            "KUBE-SERVICES", "\(comment(last)) -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
            in: .nat)
        return rules
    }

    private func declareCommon(_ rules: inout Rules) {
        for chain in ["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD"] {
            rules.chain(chain, in: .filter)
        }
        for chain in ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"] {
            rules.chain(chain, in: .nat)
        }
        addForwarding(&rules)
        // Node ports answer at 127.0.0.1 too, which takes a kernel that routes such packets. Then a neighbour could send
        // some himself, to whatever trusts that only this machine reaches it (CVE-2020-8558).
        rules.add(
            "KUBE-EXTERNAL-SERVICES",
            "\(comment("block incoming localnet connections")) ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP",
            in: .filter)
        // The mark travels with the packet through this machine only; it is taken off before the
        // packet leaves.
        rules.add("KUBE-MARK-MASQ", "-j MARK --or-mark 0x4000", in: .nat)
        rules.add("KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000 -j RETURN", in: .nat)
        rules.add("KUBE-POSTROUTING", "-j MARK --xor-mark 0x4000", in: .nat)
        rules.add(
            "KUBE-POSTROUTING",
            "\(comment("kubernetes service traffic requiring SNAT")) -j MASQUERADE --random-fully",
            in: .nat)
    }

    /// What is forwarded for a Service may pass, also where the node forwards nothing else.
    private func addForwarding(_ rules: inout Rules) {
        rules.add("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP", in: .filter)
        let why = comment("kubernetes forwarding rules")
        rules.add("KUBE-FORWARD", "\(why) -m mark --mark 0x4000/0x4000 -j ACCEPT", in: .filter)
        rules.add(
            "KUBE-FORWARD", "\(why) -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            in: .filter)
    }
}

/// Given: pieces of rules.
extension ServiceDNAT {
    /// The packets that are sent to the Service's address and port.
    func packets(to port: ServicePortFacts) -> String {
        "-d \(port.clusterIP)/32 " + packets(port.transport, to: port.port)
    }

    func packets(_ transport: String, to port: Int) -> String {
        "-p \(transport) -m \(transport) --dport \(port)"
    }

    func comment(_ text: String) -> String { "-m comment --comment \"\(text)\"" }

    /// Which endpoint a rule is for.
    func arrow(_ port: ServicePortFacts, _ endpoint: EndpointFacts) -> String {
        comment("\(port.name) -> \(endpoint.address):\(endpoint.port)")
    }
}
