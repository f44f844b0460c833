import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.4: new connections go to endpoints that are ready, all of them and no other; where there is none,
/// clients are refused at once; what is open stays open.
let onlyTheReadyAreServed = Check.seeded("14.4", sizes: 1...6, usually: 10) { bench, run in
    let scene = Scene(bench, "14.4")
    var dice = run.dice
    var port = Scene.service(endpoints: run.size)
    // Every third Service is deserted, whatever the dice say.
    let isDeserted = run.seed % 3 == 0
    port.nodePort = isDeserted || dice.chance(percent: 50) ? 30080 : nil
    // One address may serve at two ports, as pods on the host's network do.
    if run.size > 1 {
        (port.endpoints[1].address, port.endpoints[1].port) = (port.endpoints[0].address, 9090)
    }
    let before = port
    for index in port.endpoints.indices {
        port.endpoints[index].ready = !isDeserted && dice.chance(percent: 50)
    }
    let neighbour = Scene.service("other", "10.96.0.11", endpoints: 2)
    func end(_ address: String, _ port: Int) -> String { "\(address):\(port)" }
    let ready = Set(port.endpoints.filter(\.ready).map { end($0.address, $0.port) })
    let tracer = try scene.tracer([port, neighbour])
    let called = try Traced(Scene.call(port), tracer)
    bench.show(called.way())
    try called.require(
        "an endpoint that is not ready gets no new connection",
        expected: ready.isEmpty ? "rejected" : "one of \(ready.sorted().joined(separator: ", "))",
        idea:
            "The view has all endpoints, also those that start, end or fail their readiness probe."
    ) { outcome in
        !port.endpoints.contains {
            end($0.address, $0.port) == end(outcome.packet.destination, outcome.packet.port)
                && !$0.ready
        }
    }
    if ready.isEmpty {
        try refusedFromEverywhere(port, tracer)
    } else if Set(called.outcomes.map { end($0.packet.destination, $0.packet.port) }) != ready {
        throw called.fail(
            "every endpoint that is ready gets connections",
            expected: ready.sorted().joined(separator: ", "),
            idea: "One that isn't ready takes itself away, and nobody else.")
    }
    try Traced(Scene.call(neighbour), tracer).require(
        "a Service next to it goes on as before",
        idea: "A refusal asks for the same three things as the way in: address, transport and port."
    ) { $0.verdict == .passed && $0.packet.destination != neighbour.clusterIP }
    try orderDoesNotMatter(scene, port, neighbour, &dice)
    try conntrackRemembers(scene, before, port, tracer)
}

private func refusedFromEverywhere(_ port: ServicePortFacts, _ tracer: Tracer) throws {
    var calls = [Scene.pod, Scene.stranger, "10.88.0.11"].map { Scene.call(port, from: $0) }
    if let nodePort = port.nodePort {
        calls.append(Packet(from: Scene.stranger, to: "10.88.0.11", port: nodePort))
    }
    for call in calls {
        let what = call.port == port.nodePort ? "at its node port" : "at its address"
        try Traced(call, tracer).require(
            "a Service with no endpoint ready refuses at once, \(what)", expected: "rejected",
            idea:
                "A packet that is dropped, or sent on to an address that nobody has, costs the client a timeout. Only the filter table can say no."
        ) { $0.verdict == .rejected }
    }
    guard let nodePort = port.nodePort else { return }
    let passing = Packet(from: Scene.pod, to: "192.0.2.7", port: nodePort)
    try Traced(passing, tracer).require(
        "what is sent to the same port of some other machine passes",
        expected: "to 192.0.2.7:\(nodePort)",
        idea:
            "A node port is a port of this node. What the node forwards to others is theirs: --dst-type LOCAL tells."
    ) { $0.verdict == .passed }
}

private func orderDoesNotMatter(
    _ scene: Scene, _ port: ServicePortFacts, _ neighbour: ServicePortFacts, _ dice: inout Dice
) throws {
    let text = try scene.text([port, neighbour])
    let asked = try Traced(Scene.call(port), scene.tracer([port])).outcomes
        .filter { $0.verdict == .passed }.map(\.packet)
    let ordered = asked.sorted { ($0.destination, $0.port) < ($1.destination, $1.port) }
    try expect(
        asked.map { "\($0.destination):\($0.port)" },
        is: ordered.map { "\($0.destination):\($0.port)" },
        "endpoints go by address and port",
        idea: "Some order has to be the rules' own. This is the one that people look for.")
    for isShuffled in [true, false] {
        var turned = port
        if isShuffled { turned.endpoints.shuffle(using: &dice) } else { turned.endpoints.reverse() }
        let other = try scene.text([neighbour, turned])
        let pairs = zip(text.split(separator: "\n"), other.split(separator: "\n"))
        if let (one, two) = pairs.first(where: { $0 != $1 }) { throw dependsOnOrder(one, two) }
    }
}

private func dependsOnOrder(_ one: Substring, _ two: Substring) -> Failed {
    Failed(
        "the rules don't depend on the order in which endpoints are listed",
        expected: String(one), seen: String(two),
        idea:
            "Every look at the cluster may list them differently. Rules that change for nothing are written to the kernel for nothing, and throw the dice anew."
    )
}

/// Connections from before, when all were ready, under the rules of now.
private func conntrackRemembers(
    _ scene: Scene, _ before: ServicePortFacts, _ now: ServicePortFacts, _ tracer: Tracer
) throws {
    for first in try Traced(Scene.call(before), scene.tracer([before])).outcomes {
        try Traced(after: first, tracer).require(
            "a connection that is open stays open when its endpoint leaves",
            expected: "to \(first.packet.destination):\(first.packet.port)",
            idea:
                "conntrack(8) remembers where the first packet was sent, and nat is not asked again. A refusal is for those who call the Service's address, not for an endpoint's."
        ) { $0.verdict == .passed && $0.packet.destination == first.packet.destination }
    }
}
