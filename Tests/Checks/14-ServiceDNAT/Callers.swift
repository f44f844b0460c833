import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.5: masqueraded is who must be, and nobody else: callers that are no pods, and the pod that reaches
/// itself.
let masqueradedIsWhoMustBe = Check.seeded("14.5", sizes: 1...6, usually: 6) { bench, run in
    let scene = Scene(bench, "14.5")
    let port = Scene.service(endpoints: run.size)
    let tracer = try scene.tracer([port])
    try Traced(Scene.call(port), tracer).require(
        "a pod that calls a Service keeps its own address", expected: "not masqueraded",
        idea:
            "The endpoint's answer to a pod comes by this way anyhow. A pod's address in the server's log is worth something: the mark is for those who need it."
    ) { !$0.masqueraded }
    for source in [Scene.stranger, "10.88.0.11", "192.168.7.\(run.seed % 200 + 1)"] {
        try Traced(Scene.call(port, from: source), tracer).require(
            "who is no pod is masqueraded: \(source)", expected: "masqueraded",
            idea:
                "The endpoint must answer to this node, which knows what to change back; to a stranger it would answer directly, from an address that the stranger never called."
        ) { $0.masqueraded }
    }
    try theNetworkOfPodsIsTheClusters(scene, port)
    for own in port.endpoints {
        let called = try Traced(Scene.call(port, from: own.address), tracer)
        bench.show(called.way())
        try called.require(
            "a pod that reaches itself through its Service is masqueraded",
            expected: "masqueraded where the way ends at \(own.address)",
            idea:
                "The pod would get a packet from its own address, and answer itself without a packet ever leaving: to whom did it open the connection, then? Somebody else has to have called."
        ) { $0.masqueraded || $0.packet.destination != own.address }
        try called.require(
            "a pod that reaches another endpoint of its own Service keeps its address",
            expected: "not masqueraded",
            idea:
                "Only the chain of the endpoint itself can know that the packet came back to where it started."
        ) { !$0.masqueraded || $0.packet.destination == own.address }
    }
}

/// Clusters number their pods as they like.
private func theNetworkOfPodsIsTheClusters(_ scene: Scene, _ port: ServicePortFacts) throws {
    let tracer = try scene.tracer([port], podCIDR: "172.20.0.0/17")
    for (source, isPod) in [("172.20.1.9", true), ("172.20.128.9", false), (Scene.pod, false)] {
        try Traced(Scene.call(port, from: source), tracer).require(
            "who is a pod is decided by the cluster's own network, here 172.20.0.0/17: \(source)",
            expected: isPod ? "not masqueraded" : "masqueraded",
            idea:
                "10.244.0.0/16 is what many clusters have, and not all. The network is an argument."
        ) { $0.masqueraded != isPod }
    }
}

/// 14.6, its first half: with session affinity a client goes back to where it was, for as long as asked.
private func aClientStaysWithItsEndpoint(_ scene: Scene, _ run: Run, _ dice: inout Dice) throws {
    var port = Scene.service(endpoints: run.size + 1)
    let seconds = dice.roll(10...10_800)
    port.affinitySeconds = seconds
    let other = Scene.service("plain", "10.96.0.11", endpoints: 2)
    let tracer = try scene.tracer([port, other])
    let first = try Traced(Scene.call(port), tracer)
    let fair = Fraction(1, run.size + 1)
    if first.shares.values.contains(where: { $0 != fair }) || first.shares.count != run.size + 1 {
        throw first.fail(
            "a client that nobody has seen yet goes to any endpoint", expected: "\(fair) each",
            idea: "Affinity comes before the dice, and takes only who was here.")
    }
    for outcome in first.outcomes {
        for (ago, stays) in [(0, true), (seconds - 1, true), (seconds + 1, false)] {
            var again = Scene.call(port)
            again.seen = outcome.packet.seen.mapValues { _ in ago }
            let called = try Traced(again, tracer)
            if stays {
                try called.require(
                    "a client that was seen \(ago) s ago, of \(seconds), goes back to its endpoint",
                    expected: "to \(outcome.packet.destination)",
                    idea:
                        "Each endpoint has a list of its own: the rule that sends a client there writes it down, the rule that comes before the dice looks it up."
                ) { $0.packet.destination == outcome.packet.destination }
            } else if called.outcomes.count == 1 {
                throw called.fail(
                    "after \(seconds) s a client is a stranger again", expected: "\(fair) each",
                    idea: "A list remembers for ever unless the look into it says for how long.")
            }
        }
    }
    try Traced(Scene.call(other), tracer).require(
        "a Service without affinity keeps no lists", idea: "Nobody asked it to."
    ) { $0.packet.seen.isEmpty }
}

/// 14.6, its second half: the Service on a port of the node.
private func theNodePortLeadsToTheSamePods(
    _ scene: Scene, _ run: Run, _ dice: inout Dice, _ bench: Bench
) throws {
    var port = Scene.service(endpoints: run.size)
    let nodePort = dice.roll(30_000...32_767)
    port.nodePort = nodePort
    if dice.chance(percent: 50) { port.affinitySeconds = 60 }
    // The same number is another Service's by the other protocol.
    var twin = Scene.service("twin", "10.96.0.12", port: 53, transport: "udp", endpoints: 1)
    (twin.nodePort, twin.endpoints[0].address) = (nodePort, "10.244.3.3")
    let tracer = try scene.tracer([port, Scene.service("other", "10.96.0.11", endpoints: 1), twin])
    let chains = try [port, twin].map { port in
        Set(try scene.part.rules(for: port, podCIDR: Scene.podCIDR).nat.chains)
    }
    try require(
        chains[0].isDisjoint(with: chains[1]),
        "one number may be two Services' node port, and each has chains of its own",
        seen: "both have \(chains[0].intersection(chains[1]).sorted().joined(separator: ", "))",
        idea:
            "A chain is emptied and filled for one Service port alone. What its name is made of has to tell tcp from udp, as the other chains' names do."
    )
    let hash = try scene.part.serviceChain(port).dropFirst("KUBE-SVC-".count)
    try require(
        chains[0].contains("KUBE-EXT-\(hash)"),
        "the chain of a node port has the name that it has on every cluster",
        seen: chains[0].sorted().joined(separator: ", "),
        idea: "KUBE-EXT- and the hash that ends the Service port's other chain.")
    let asked = Packet(from: Scene.stranger, to: "10.88.0.11", port: nodePort, transport: "udp")
    try Traced(asked, tracer).require(
        "one number may be two Services' node port, one by tcp and one by udp",
        expected: "to 10.244.3.3:8080",
        idea: "Each Service port has a chain of its own: what its name is made of tells them apart."
    ) { $0.packet.destination == "10.244.3.3" }
    let fair = Fraction(1, run.size)
    for (source, node) in [
        (Scene.stranger, "10.88.0.11"), (Scene.pod, "10.244.1.1"), ("10.88.0.11", "10.88.0.11"),
    ] {
        let called = try Traced(Packet(from: source, to: node, port: nodePort), tracer)
        bench.show(called.way())
        if called.shares.values.contains(where: { $0 != fair }) || called.shares.count != run.size
            || called.outcomes.contains(where: { $0.packet.destination == node })
        {
            throw called.fail(
                "the node's port \(nodePort) leads to the Service's endpoints",
                expected: "\(fair) each",
                idea:
                    "KUBE-NODEPORTS knows the port, a chain of the Service's own marks, and from there the way is the one that all others take."
            )
        }
        try called.require(
            "who comes by the node's port is masqueraded", expected: "masqueraded",
            idea:
                "The client called the node. An answer from the pod itself, which may be on another node, is one that it never asked for."
        ) { $0.masqueraded }
    }
    for elsewhere in [
        Packet(from: Scene.stranger, to: "10.88.0.11", port: nodePort + 1),
        Packet(from: Scene.stranger, to: "10.88.0.11", port: nodePort, transport: "sctp"),
        // To the same number, but of another machine.
        Packet(from: Scene.pod, to: "192.0.2.7", port: nodePort),
    ] {
        try Traced(elsewhere, tracer).require(
            "what the node gets at other ports, or by another protocol, stays its own",
            idea: "The rule asks for protocol and port."
        ) { $0.packet.destination == elsewhere.destination }
    }
}

let affinityAndNodePorts = Check.seeded("14.6", sizes: 1...4, usually: 6) { bench, run in
    let scene = Scene(bench, "14.6")
    var dice = run.dice
    try aClientStaysWithItsEndpoint(scene, run, &dice)
    try theNodePortLeadsToTheSamePods(scene, run, &dice, bench)
}
