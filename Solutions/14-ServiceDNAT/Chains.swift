import Contracts

extension ServiceDNAT {
    /// KUBE-SERVICES to KUBE-SVC, and from there to one of the endpoints.
    func addService(
        _ port: ServicePortFacts, _ podCIDR: String, _ ready: [EndpointFacts], _ rules: inout Rules
    ) throws {
        let chain = try serviceChain(port)
        rules.chain(chain, in: .nat)
        // step 14.2 begin
        rules.add(
            "KUBE-SERVICES", "\(comment("\(port.name) cluster IP")) \(packets(to: port)) -j \(chain)",
            in: .nat)
        // step 14.2 end
        // step 14.6 begin
        rules.add(
            chain,
            "\(comment("\(port.name) cluster IP")) ! -s \(podCIDR) \(packets(to: port)) -j KUBE-MARK-MASQ",
            in: .nat)
        // step 14.6 end
        // step 14.7 begin
        for endpoint in ready {
            guard let seconds = port.affinitySeconds else { break }
            let target = try endpointChain(port, endpoint)
            rules.add(
                chain,
                "\(arrow(port, endpoint)) -m recent --name \(target) --rcheck --seconds \(seconds) --reap -j \(target)",
                in: .nat)
        }
        // step 14.7 end
        for (index, endpoint) in ready.enumerated() {
            let target = try endpointChain(port, endpoint)
            // step 14.3 begin
            let dice = try probability(remaining: ready.count - index).map {
                "-m statistic --mode random --probability \($0) "
            }
            rules.add(chain, "\(arrow(port, endpoint)) \(dice ?? "")-j \(target)", in: .nat)
            // step 14.3 end
        }
    }

    private func arrow(_ port: ServicePortFacts, _ endpoint: EndpointFacts) -> String {
        comment("\(port.name) -> \(endpoint.address):\(endpoint.port)")
    }

    /// KUBE-SEP: the endpoint's own packets are masqueraded, all get its address.
    func addEndpoint(
        _ port: ServicePortFacts, _ endpoint: EndpointFacts, _ rules: inout Rules
    ) throws {
        let chain = try endpointChain(port, endpoint)
        rules.chain(chain, in: .nat)
        // step 14.6 begin
        rules.add(
            chain, "\(comment(port.name)) -s \(endpoint.address)/32 -j KUBE-MARK-MASQ", in: .nat)
        // step 14.6 end
        // step 14.7 begin
        let remember = port.affinitySeconds == nil ? "" : "-m recent --name \(chain) --set "
        // step 14.7 end
        // step 14.2 begin
        rules.add(
            chain,
            "\(comment(port.name)) \(remember)-p \(port.transport) -m \(port.transport) "
                + "-j DNAT --to-destination \(endpoint.address):\(endpoint.port)",
            in: .nat)
        // step 14.2 end
    }

    /// The same Service on a port of every node. Its clients get the node's answer, so it is masqueraded.
    func addNodePort(_ port: ServicePortFacts, _ rules: inout Rules) throws {
        guard let nodePort = port.nodePort else { return }
        // step 14.8 begin
        let chain = "KUBE-EXT-" + chainHash(port.name + port.transport)
        rules.chain(chain, in: .nat)
        rules.add(
            "KUBE-NODEPORTS",
            "\(comment(port.name)) \(packets(port.transport, to: nodePort)) -j \(chain)", in: .nat)
        rules.add(
            chain,
            "\(comment("masquerade traffic for \(port.name) external destinations")) -j KUBE-MARK-MASQ",
            in: .nat)
        rules.add(chain, "-j \(try serviceChain(port))", in: .nat)
        // step 14.8 end
    }
}
