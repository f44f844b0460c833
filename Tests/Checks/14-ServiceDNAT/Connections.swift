import ContractServiceDNAT
import Grading
import Linux

/// 14.8: the rules in a real kernel, and real connections: who answers, and whom he sees.
let realConnections = Check(
    "14.8",
    requires: [
        .sandbox, .command("ip", package: "iproute2"),
        .command("iptables-restore", package: "iptables"), .command("nft", package: "nftables"),
    ]
) { bench in
    let part = RemoteServiceDNAT(asking: bench.part)
    var ports = [
        service("web", "10.96.0.10", [2, 3, 4], nodePort: 30080),
        service("empty", "10.96.0.11", []),
        service("sticky", "10.96.0.12", [2, 3, 4], affinity: 60),
        service("solo", "10.96.0.13", [2]),
    ]
    let view = ProxyView(podCIDR: Scene.podCIDR, ports: ports)
    let jumps = try part.jumps()
    let entries = Table.allCases.flatMap { table in
        ["*\(table.rawValue)"]
            + jumps.filter { $0.table == table }.map { "-A \($0.chain) \($0.rule)" } + ["COMMIT"]
    }
    let rules = try part.render(view) + entries.joined(separator: "\n") + "\n"
    let maps = try part.verdictMaps(view).text
    ports[3].endpoints[0].ready = false
    let later = try part.render(ProxyView(podCIDR: Scene.podCIDR, ports: ports))
    try Sandbox.run(timeLimitMilliseconds: 25_000) { _ in
        let network = try Network()
        let restore = ["iptables-restore", "--noflush", "--wait", "5"]
        try network.load(rules, with: restore, "the rules")
        try everyCallIsAnswered()
        try callersAreSeenAsTheyHaveToBe()
        try affinity()
        try conntrackRemembers { try network.load(later, with: restore, "the rules of later") }
        try network.load("*nat\nCOMMIT\n*filter\nCOMMIT\n", with: ["iptables-restore"], "no rules")
        try network.load(maps, with: ["nft", "-f", "-"], "the verdict maps")
        try share(from: ["pod9"], times: 60, "through the verdict map")
    }
}

private func service(
    _ name: String, _ address: String, _ pods: [Int], nodePort: Int? = nil, affinity: Int? = nil
) -> ServicePortFacts {
    ServicePortFacts(
        namespace: "default", service: name, clusterIP: address, port: 80, nodePort: nodePort,
        affinitySeconds: affinity, endpoints: pods.map { EndpointFacts("10.244.1.\($0)", 8080) })
}

/// Opens a connection that has to be answered.
/// - Returns: who answered, and whom he saw.
private func answered(
    _ who: String?, _ address: String, _ port: Int, _ claim: String
) throws -> (name: String, seen: String) {
    let call = try Call(from: who, to: address, port)
    if case .answered(let name, let seen) = call.ending { return (name, seen) }
    throw Failed(
        claim, expected: "an answer from a pod",
        seen: "\(who ?? "the node") to \(address):\(port): \(call.ending)",
        idea:
            "Trace this packet with `lab try 14`: to the endpoint, and then the answer back. Each of the two can get lost."
    )
}

/// All endpoints answer, and all calls are answered. The numbers are such that luck decides nothing: that
/// one of three right endpoints is left out happens once in a thousand million million runs.
private func share(from callers: [String?], times: Int, _ way: String) throws {
    var names: Set<String> = []
    for who in callers {
        for _ in 0..<times {
            names.insert(
                try answered(
                    who, "10.96.0.10", 80,
                    "every connection to the Service's address is answered, \(way)"
                ).name)
        }
    }
    try expect(
        names.sorted(), is: ["pod2", "pod3", "pod4"], "all three endpoints answer, \(way)",
        idea: "Whoever gets no connection among so many has no rule that sends him one.")
}

private func everyCallIsAnswered() throws {
    try share(from: ["pod9", "stranger", nil, "pod2"], times: 24, "whoever calls")
    for _ in 0..<12 {
        _ = try answered(
            "stranger", "10.88.0.11", 30080, "every connection to the node's port is answered")
    }
}

/// What the tracer calls masqueraded, the pods see.
private func callersAreSeenAsTheyHaveToBe() throws {
    for _ in 0..<12 {
        let pod = try answered("pod9", "10.96.0.10", 80, "a pod's call is answered")
        try expect(
            pod.seen, is: "10.244.1.9", "a pod is seen with its own address by \(pod.name)",
            idea: "Only who must be is masqueraded.")
        let other = try answered("stranger", "10.96.0.10", 80, "a stranger's call is answered")
        try require(
            other.seen != "10.88.0.1", "a stranger is seen with an address of the node",
            seen: other.seen, idea: "Its answer has to come back through this node.")
        let own = try answered("pod2", "10.96.0.10", 80, "an endpoint's own call is answered")
        try require(
            (own.seen == "10.244.1.2") == (own.name != "pod2"),
            "an endpoint is masqueraded where it reaches itself, and only there",
            seen: "\(own.name) saw \(own.seen)",
            idea: "Who gets a packet from himself answers himself, and the packet's sender waits.")
    }
}

private func affinity() throws {
    let names = try (0..<8).map { _ in
        try answered("pod9", "10.96.0.12", 80, "a Service with affinity answers").name
    }
    try require(
        Set(names).count == 1, "with affinity a client stays with its pod",
        seen: names.joined(separator: ", "), idea: "The look into the lists comes before the dice.")
}

/// - Parameter leave: takes the only endpoint of the Service solo away.
private func conntrackRemembers(_ leave: () throws -> Void) throws {
    let open = try Call(from: "pod9", to: "10.96.0.13", 80)
    try require(
        open.isAlive(), "a Service with one endpoint answers", seen: "\(open.ending)",
        idea: "A choice of one is none.")
    try leave()
    try require(
        open.isAlive(), "a connection that is open goes on when its endpoint is no longer ready",
        seen: "no answer any more",
        idea: "conntrack knows the connection; the rules must say nothing against its packets.")
    try refusals(solo: try Call(from: "pod9", to: "10.96.0.13", 80))
}

/// Who calls where nobody serves hears so. All at once: a refusal takes a second where the kernel still holds
/// the socket when the first one comes.
private func refusals(solo: Call) throws {
    let empty = try ["pod9", nil].map { ($0, try Call(from: $0, to: "10.96.0.11", 80)) }
    for (who, call) in empty {
        try require(
            call.ending == .refused, "a Service without endpoints refuses at once",
            seen: "\(who ?? "the node"): \(call.ending)",
            idea: "REJECT answers; DROP, or no rule at all, lets the client wait.")
    }
    try require(
        solo.ending == .refused, "a new connection to an endpoint that isn't ready is refused",
        seen: "\(solo.ending)", idea: "What isn't ready gets nothing new.")
}
