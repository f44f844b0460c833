import ContractServiceDNAT

/// The open step: tests of any part that makes rules of Services. `part` is the reference, or one
/// that is wrong.
public struct RuleTests: ServiceDNATTests {
    public init() {}

    public func test(_ part: any ServiceDNATContract) throws {
        // step 14.9 begin
        try names(part)
        try choice(part)
        try jumps(part)
        try readiness(part)
        try callers(part)
        try maps(part)
        // step 14.9 end
    }

    private func web(_ count: Int, affinity: Int? = nil, nodePort: Int? = nil) -> ServicePortFacts {
        ServicePortFacts(
            namespace: "default", service: "web", clusterIP: "10.96.0.10", port: 80,
            nodePort: nodePort, affinitySeconds: affinity,
            endpoints: (0..<count).map { EndpointFacts("10.244.1.\($0 + 2)", 8080) })
    }

    /// The rules of one chain, and what they have in common with a text.
    private func rules(
        _ part: any ServiceDNATContract, _ port: ServicePortFacts, in table: Table = .nat,
        with text: String
    ) throws -> [String] {
        let rules = try part.rules(for: port, podCIDR: "10.244.0.0/16")
        return (table == .nat ? rules.nat : rules.filter).rules.filter { $0.contains(text) }
    }

    private func names(_ part: any ServiceDNATContract) throws {
        var port = web(1)
        try expect(
            part.serviceChain(port) == "KUBE-SVC-" + chainHash("default/webtcp"), "unnamed port")
        port.transport = "udp"
        try expect(
            part.serviceChain(port) == "KUBE-SVC-" + chainHash("default/webudp"), "udp is another")
        let portal = try rules(part, web(1), with: "-A KUBE-SERVICES").first ?? ""
        try expect(portal.contains("-d 10.96.0.10/32") && portal.contains("--dport 80"), "portal")
        try expect(portal.contains("-p tcp"), "a port is some protocol's")
        let nat = try rules(part, web(1), with: "DNAT")
        try expect(nat.first?.contains("-p tcp") ?? false, "also where it is written over")
        try expect(nat.first?.contains("10.244.1.2:8080") ?? false, "the endpoint's own port")
    }

    private func choice(_ part: any ServiceDNATContract) throws {
        let wanted = ["0.2500000000", "0.3333333333", "0.5000000000", nil]
        try expect(
            try [4, 3, 2, 1].map { try part.probability(remaining: $0) } == wanted, "1/n … 1")
        let dice = try rules(part, web(3), with: "-A " + part.serviceChain(web(3)))
            .filter { $0.contains("-j KUBE-SEP-") }
        try expect(dice.count == 3 && dice[0].contains("0.3333333333"), "a third first")
        try expect(dice[1].contains("0.5000000000"), "then half of the rest")
        try expect(!dice[2].contains("statistic"), "the last takes what is left")
    }

    private func jumps(_ part: any ServiceDNATContract) throws {
        let jumps = try part.jumps()
        for chain in ["PREROUTING", "OUTPUT"] {
            try expect(jumps.contains(Jump(.nat, from: chain, to: "KUBE-SERVICES")), chain)
        }
        let lists = jumps.filter { $0.table == .filter && $0.target.hasSuffix("SERVICES") }
        try expect(lists.count == 4 && lists.allSatisfy(\.newConnectionsOnly), "new ones only")
        let forward = Jump(.filter, from: "FORWARD", to: "KUBE-FORWARD")
        try expect(jumps.contains(forward), "answers pass too")
    }

    private func readiness(_ part: any ServiceDNATContract) throws {
        var port = web(3, nodePort: 30080)
        port.endpoints[1].ready = false
        try expect(rules(part, port, with: "10.244.1.3").isEmpty, "who isn't ready gets nothing")
        port.endpoints[2] = EndpointFacts("10.244.1.2", 9090)
        try expect(!rules(part, port, with: "10.244.1.2:9090").isEmpty, "two ports at one address")
        var turned = port
        turned.endpoints.reverse()
        let (one, other) = (ProxyView(podCIDR: "10.244.0.0/16", ports: [port]), [turned])
        try expect(
            part.allRules(one) == part.allRules(ProxyView(podCIDR: one.podCIDR, ports: other)),
            "the order of the endpoints doesn't matter")
        port.endpoints = []
        let refused = try rules(part, port, in: .filter, with: "-j REJECT")
        try expect(refused.contains { $0.contains("KUBE-SERVICES") }, "refused at once")
        let local = refused.contains { $0.contains("30080") && $0.contains("--dst-type LOCAL") }
        try expect(local, "at the node's own port too")
    }

    private func callers(_ part: any ServiceDNATContract) throws {
        let marks = try rules(part, web(1), with: "KUBE-MARK-MASQ")
        try expect(marks.contains { $0.contains("! -s 10.244.0.0/16") }, "strangers")
        try expect(marks.contains { $0.contains(" -s 10.244.1.2") }, "who calls himself")
        let sticky = web(2, affinity: 60)
        for endpoint in sticky.endpoints {
            let list = try "--name " + part.endpointChain(sticky, endpoint) + " "
            try expect(
                rules(part, sticky, with: list).count == 2, "each endpoint has its own list")
        }
        try expect(rules(part, sticky, with: "--seconds 60").count == 2, "for a minute")
        let external = try rules(part, web(1, nodePort: 30080), with: "-A KUBE-EXT-")
        try expect(external.first?.contains("KUBE-MARK-MASQ") ?? false, "node ports masquerade")
        try expect(
            !external[0].contains("30080"), "the chain is the Service port's, not the number's")
        let other = try part.rules(for: web(1), podCIDR: "172.20.0.0/16").nat.rules
        try expect(other.contains { $0.contains("! -s 172.20.0.0/16") }, "the cluster's own pods")
    }

    private func maps(_ part: any ServiceDNATContract) throws {
        var port = web(3)
        port.endpoints[0].ready = false
        let maps = try part.verdictMaps(ProxyView(podCIDR: "10.244.0.0/16", ports: [port]))
        try expect(maps.services.keys.sorted() == ["10.96.0.10 . tcp . 80"], "the Service's key")
        try expect(
            maps.destinations.values.sorted() == ["10.244.1.3:8080", "10.244.1.4:8080"],
            "the ready endpoints")
    }
}
