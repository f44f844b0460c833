import ContractServiceDNAT
import Grading
import RuleTracing

/// What the steps trace packets on: one node, its pods, and the rules that the part makes for a view.
struct Scene {
    let part: RemoteServiceDNAT
    /// The step that is judged: where its rules are missing, it is a todo.
    let step: String

    static let podCIDR = "10.244.0.0/16"
    static let node = Machine(addresses: ["10.88.0.11", "10.244.1.1"])
    /// A pod that serves nothing, and someone outside the cluster.
    static let (pod, stranger) = ("10.244.1.200", "10.88.0.1")
    /// The jumps as they have to be: until step 14.3 they are given.
    static let jumps = [
        Jump(.nat, from: "PREROUTING", to: "KUBE-SERVICES"),
        Jump(.nat, from: "OUTPUT", to: "KUBE-SERVICES"),
        Jump(.nat, from: "POSTROUTING", to: "KUBE-POSTROUTING"),
        Jump(.filter, from: "FORWARD", to: "KUBE-SERVICES", newConnectionsOnly: true),
        Jump(.filter, from: "OUTPUT", to: "KUBE-SERVICES", newConnectionsOnly: true),
        Jump(.filter, from: "INPUT", to: "KUBE-EXTERNAL-SERVICES", newConnectionsOnly: true),
        Jump(.filter, from: "FORWARD", to: "KUBE-EXTERNAL-SERVICES", newConnectionsOnly: true),
        Jump(.filter, from: "FORWARD", to: "KUBE-FORWARD"),
    ]

    init(_ bench: Bench, _ step: String) {
        (part, self.step) = (RemoteServiceDNAT(asking: bench.part), step)
    }

    /// The part's rules for these Service ports, as text.
    /// - Throws: `PartFailure.unfinished` where the step's own are missing.
    func text(_ ports: [ServicePortFacts], podCIDR: String = Self.podCIDR) throws -> String {
        let rules = try part.allRules(ProxyView(podCIDR: podCIDR, ports: ports))
        if rules.unwritten.contains(step) { throw PartFailure.unfinished(step: step) }
        try namesTheService(rules.text, ports)
        return rules.text
    }

    /// A rule may do without a comment. One that it has names the Service port, for whoever reads `iptables-save`.
    private func namesTheService(_ text: String, _ ports: [ServicePortFacts]) throws {
        for rule in text.split(separator: "\n") {
            let quoted = rule.split(separator: "\"", omittingEmptySubsequences: false)
            guard quoted.count == 3, !Self.given.contains(where: { quoted[1].hasPrefix($0) }) else {
                continue
            }
            try require(
                ports.contains { quoted[1].contains($0.name) },
                "a rule's comment names the Service port that the rule is for",
                seen: String(rule),
                idea:
                    "Nobody but people reads it: NAMESPACE/SERVICE:PORT tells whose of ten thousand rules this one is."
            )
        }
    }

    /// How the comments of rules that are for no one Service begin.
    private static let given = ["kubernetes ", "block incoming "]

    func tracer(_ ports: [ServicePortFacts], podCIDR: String = Self.podCIDR) throws -> Tracer {
        Tracer(Ruleset(try text(ports, podCIDR: podCIDR)), machine: Self.node, jumps: Self.jumps)
    }

    /// One Service port; its endpoints are 10.244.1.2:8080 and so on.
    static func service(
        _ name: String = "web", _ address: String = "10.96.0.10", port: Int = 80,
        transport: String = "tcp", endpoints: Int
    ) -> ServicePortFacts {
        ServicePortFacts(
            namespace: "default", service: name, transport: transport, clusterIP: address,
            port: port,
            endpoints: (0..<endpoints).map { EndpointFacts("10.244.1.\($0 + 2)", 8080) })
    }

    /// A packet to a Service port's address.
    static func call(_ port: ServicePortFacts, from source: String = pod) -> Packet {
        Packet(from: source, to: port.clusterIP, port: port.port, transport: port.transport)
    }
}

/// The outcomes of one packet, and what is claimed of them.
struct Traced {
    let packet: Packet
    let outcomes: [Outcome]

    /// - Throws: `Failed` for rules that no kernel takes.
    init(_ packet: Packet, _ tracer: Tracer) throws {
        self.packet = packet
        outcomes = try understood { try tracer.trace(packet) }
    }

    /// A later packet of a connection whose first came out as `first`.
    init(after first: Outcome, _ tracer: Tracer) throws {
        packet = first.packet
        outcomes = try understood { try tracer.traceLater(first) }
    }

    /// Each destination's share of the packets that go on, in the order of the rules.
    var shares: [String: Fraction] {
        outcomes.filter { $0.verdict == .passed }.reduce(into: [:]) { shares, outcome in
            let end = "\(outcome.packet.destination):\(outcome.packet.port)"
            shares[end] = (shares[end] ?? .zero) + outcome.share
        }
    }

    /// Fails the step unless a condition holds for every outcome; shows the packet's way.
    func require(
        _ claim: String, expected: String? = nil, idea: String,
        _ holds: (Outcome) -> Bool
    ) throws {
        guard let bad = outcomes.firstIndex(where: { !holds($0) }) else { return }
        throw Failed(
            claim, expected: expected, seen: "\(packet): \(outcomes[bad])", idea: idea,
            timeline: way(bad: bad))
    }

    /// Fails the step with the shares as they are.
    func fail(_ claim: String, expected: String, seen: String? = nil, idea: String) -> Failed {
        let list = shares.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Failed(
            claim, expected: expected, seen: seen ?? "\(packet): \(list.joined(separator: ", "))",
            idea: idea, timeline: way())
    }

    /// The packet's way through the rules: a line a rule that matched. Of many outcomes, the first.
    func way(bad: Int? = nil) -> Timeline {
        var timeline = Timeline(unit: "")
        timeline.add(0, 0, "\(packet)")
        let shown = bad.map { [$0] } ?? Array(outcomes.indices.prefix(4))
        for index in shown {
            for (number, rule) in outcomes[index].path.enumerated() {
                timeline.add(number + 1, 0, withoutComment(rule))
            }
            let last = outcomes[index].path.count + 1
            timeline.add(last, 0, "\(outcomes[index])", isBad: index == bad)
        }
        return timeline
    }
}

/// What the tracer can't read, no kernel takes: that is the part's fault, not the kit's.
func understood<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let unknown as UnknownRule {
        throw Failed(
            "every rule is one that iptables takes",
            expected: "known matches and targets, and chains that are declared",
            seen: "\"\(unknown.word)\" in: \(unknown.rule)",
            idea:
                "A rule is matches and then one target, each as iptables(8) and iptables-extensions(8) have them; a target is a chain that is declared in the same table, or one of the kernel's own: REJECT in filter, DNAT and MASQUERADE in nat."
        )
    }
}
