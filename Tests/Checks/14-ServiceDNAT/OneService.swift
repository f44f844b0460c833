import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.1: one Service, one endpoint: the chains have the names that they have everywhere, and a packet to
/// the Service's address arrives at the endpoint.
let oneServiceOneEndpoint = Check.seeded("14.1", sizes: 1...6, usually: 8) { bench, run in
    let scene = Scene(bench, "14.1")
    if run.seed == bench.options.seed { try namesAreThoseOfEveryCluster(scene) }
    var dice = run.dice
    let ports = randomServices(run.size, &dice)
    let tracer = try scene.tracer(ports)
    for port in ports {
        let called = try Traced(Scene.call(port), tracer)
        bench.show(called.way())
        let target = port.endpoints[0]
        try called.require(
            "a packet to the Service's address and port arrives at its endpoint",
            expected: "\(target.address):\(target.port)",
            idea:
                "Two rules make the way: one in KUBE-SERVICES that knows the Service's address, one in KUBE-SEP that writes the endpoint's address and port over it."
        ) { $0.packet.destination == target.address && $0.packet.port == target.port }
        for other in strangers(to: port, ports) {
            try Traced(other, tracer).require(
                "what is not sent to the Service's address, transport and port passes untouched",
                expected: "to \(other.destination):\(other.port)",
                idea:
                    "A Service port is three things at once: the address, tcp or udp, and the port. The rule has to ask for all of them."
            ) { $0.packet == other }
        }
    }
}

private func namesAreThoseOfEveryCluster(_ scene: Scene) throws {
    let idea =
        "Everything that makes the Service port what it is goes into the hash, and nothing else: namespace/service, with :port where the port has a name, and then the protocol."
    let known: [(String, String, String, String, String)] = [
        ("default", "kubernetes", "https", "tcp", "KUBE-SVC-NPX46M4PTMTKRN6Y"),
        ("kube-system", "kube-dns", "dns", "udp", "KUBE-SVC-TCOU7JCQXEZGVUNU"),
        ("kube-system", "kube-dns", "dns-tcp", "tcp", "KUBE-SVC-ERIFXISQEP7F7OF4"),
        ("kube-system", "kube-dns", "metrics", "tcp", "KUBE-SVC-JD5MR3NA4I4DYORP"),
        ("default", "web", "", "tcp", "KUBE-SVC-\(chainHash("default/webtcp"))"),
    ]
    for (namespace, service, name, transport, chain) in known {
        let port = ServicePortFacts(
            namespace: namespace, service: service, portName: name, transport: transport,
            clusterIP: "10.96.0.1", port: 443)
        try expect(
            scene.part.serviceChain(port), is: chain,
            "the chain of \(port.name), \(transport), has the name that it has on every cluster",
            idea: idea)
    }
    let port = ServicePortFacts(
        namespace: "ns1", service: "svc1", portName: "p80", clusterIP: "172.30.0.41", port: 80)
    try expect(
        scene.part.endpointChain(port, EndpointFacts("10.180.0.1", 80)),
        is: "KUBE-SEP-SXIVWICOYRO3J4NJ",
        "the chain of the endpoint 10.180.0.1:80 of ns1/svc1:p80 has the name that it has on every cluster",
        idea: "An endpoint's chain is named after the Service port and, behind that, address:port.")
}

/// Services with one endpoint each; some share an address, a port, or both but for tcp and udp.
private func randomServices(_ count: Int, _ dice: inout Dice) -> [ServicePortFacts] {
    var ports: [ServicePortFacts] = []
    for index in 0..<count {
        let port = ServicePortFacts(
            namespace: dice.roll(0...1) == 0 ? "default" : "shop", service: "s\(index)",
            portName: dice.roll(0...1) == 0 ? "" : "http",
            transport: dice.roll(0...3) == 0 ? "udp" : "tcp",
            clusterIP: "10.96.\(dice.roll(0...1)).\(10 + dice.roll(0...2))",
            port: 80 + dice.roll(0...2),
            endpoints: [EndpointFacts("10.244.1.\(index + 2)", 8080 + dice.roll(0...2))])
        let isTaken = ports.contains {
            ($0.clusterIP, $0.port, $0.transport) == (port.clusterIP, port.port, port.transport)
        }
        if !isTaken { ports.append(port) }
    }
    return ports
}

/// Packets that look like calls of the Service and are none, of this one or of any other.
private func strangers(to port: ServicePortFacts, _ ports: [ServicePortFacts]) -> [Packet] {
    let call = Scene.call(port)
    var (elsewhere, otherPort, otherTransport) = (call, call, call)
    elsewhere.destination = "10.96.9.9"
    otherPort.port += 1000
    otherTransport.transport = port.transport == "tcp" ? "udp" : "tcp"
    return [elsewhere, otherPort, otherTransport].filter { packet in
        !ports.contains {
            ($0.clusterIP, $0.port, $0.transport)
                == (packet.destination, packet.port, packet.transport)
        }
    }
}
