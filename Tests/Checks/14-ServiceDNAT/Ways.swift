import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.3: whoever calls, from outside or on the node itself, gets into our chains, and for what conntrack
/// knows already no list is gone through.
let everyCallerGetsIntoTheChains = Check("14.3") { bench in
    let scene = Scene(bench, "14.3")
    let port = Scene.service(endpoints: 1)
    // Rules of the judge's own, so that the later steps aren't needed: what these jumps lead to.
    let more = """
        *filter
        -A KUBE-SERVICES -d 10.96.0.99/32 -j REJECT
        -A KUBE-EXTERNAL-SERVICES -d 10.88.0.99/32 -j REJECT
        -A KUBE-EXTERNAL-SERVICES -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 30080 -j REJECT
        COMMIT

        """
    let jumps = try scene.part.jumps()
    let tracer = Tracer(
        Ruleset(try scene.text([port]) + more), machine: Scene.node, jumps: jumps)
    for (source, who) in [
        (Scene.pod, "a pod (PREROUTING)"), (Scene.stranger, "someone outside (PREROUTING)"),
        ("10.88.0.11", "the node itself (OUTPUT)"),
    ] {
        try Traced(Scene.call(port, from: source), tracer).require(
            "a call from \(who) arrives at the endpoint", expected: "10.244.1.2:8080",
            idea:
                "What comes in passes PREROUTING, what this machine sends itself passes OUTPUT: no packet passes both."
        ) { $0.packet.destination == "10.244.1.2" }
    }
    var marked = Packet(from: Scene.stranger, to: "10.244.1.2", port: 8080)
    marked.mark = 0x4000
    try Traced(marked, tracer).require(
        "what carries the mark 0x4000 is masqueraded when it leaves",
        idea: "The source is changed last of all, in POSTROUTING."
    ) { $0.masqueraded }
    try filterListsAreReached(tracer)
    try onlyNewConnectionsAreLookedUp(tracer)
}

private func filterListsAreReached(_ tracer: Tracer) throws {
    let refusals: [(Packet, String)] = [
        (Packet(from: Scene.pod, to: "10.96.0.99", port: 80), "filter FORWARD to KUBE-SERVICES"),
        (Packet(from: "10.88.0.11", to: "10.96.0.99", port: 80), "filter OUTPUT to KUBE-SERVICES"),
        (
            Packet(from: Scene.pod, to: "10.88.0.99", port: 80),
            "filter FORWARD to KUBE-EXTERNAL-SERVICES"
        ),
        (
            Packet(from: Scene.stranger, to: "10.88.0.11", port: 30080),
            "filter INPUT to KUBE-EXTERNAL-SERVICES"
        ),
    ]
    for (packet, jump) in refusals {
        try Traced(packet, tracer).require(
            "a Service that nobody serves refuses from everywhere: \(jump)", expected: "rejected",
            idea:
                "A packet that passes through is FORWARDed, one that the node sends goes OUT, one for the node itself comes IN: three different hooks of the filter table."
        ) { $0.verdict == .rejected }
    }
    var marked = Packet(from: Scene.pod, to: "10.244.1.2", port: 8080)
    marked.mark = 0x4000
    try Traced(marked, tracer).require(
        "what is forwarded for a Service may pass: filter FORWARD to KUBE-FORWARD",
        idea:
            "A node that forwards nothing else by its policy has to forward what the proxy redirected."
    ) { $0.path.contains { $0.hasPrefix("KUBE-FORWARD ") } }
    var answer = Packet(from: "10.244.1.2", to: Scene.stranger, port: 40000)
    answer.isEstablished = true
    try Traced(answer, tracer).require(
        "so may the answers, and all that comes later on the connection",
        idea:
            "KUBE-FORWARD is no list of Services: its rules are few, and one is for connections that are established."
    ) { $0.path.contains { $0.hasPrefix("KUBE-FORWARD ") } }
}

private func onlyNewConnectionsAreLookedUp(_ tracer: Tracer) throws {
    for (source, target, hook) in [
        (Scene.pod, "10.244.1.2", "FORWARD"), ("10.88.0.11", "10.244.1.2", "OUTPUT"),
        (Scene.stranger, "10.88.0.11", "INPUT"),
    ] {
        var packet = Packet(from: source, to: target, port: 8080)
        packet.isEstablished = true
        try Traced(packet, tracer).require(
            "packets of connections that are established pass no list of Services in filter \(hook)",
            idea:
                "Which Service nobody serves matters to the first packet of a connection alone; ten thousand rules for each of the others would be for nothing."
        ) { outcome in !outcome.path.contains { $0.contains("-SERVICES") } }
    }
}
