import ContractServiceDNAT
import ServiceRules
import SolutionServiceDNAT
import Testing

@Suite struct ServiceDNATTests {
    private let part = ServiceDNAT()
    private let node = Machine(addresses: ["10.88.0.11", "10.244.1.1"])

    private func web(_ count: Int, nodePort: Int? = nil, affinity: Int? = nil) -> ServicePortFacts {
        ServicePortFacts(
            namespace: "default", service: "web", portName: "http", clusterIP: "10.96.0.10",
            port: 80, nodePort: nodePort, affinitySeconds: affinity,
            endpoints: (0..<count).map { EndpointFacts("10.244.1.\($0 + 2)", 8080) })
    }

    private func trace(_ port: ServicePortFacts, _ packet: Packet) throws -> [Outcome] {
        let text = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [port]))
        return try Tracer(Ruleset(text), machine: node, jumps: try part.jumps()).trace(packet)
    }

    private let call = Packet(from: "10.244.1.254", to: "10.96.0.10", port: 80)

    @Test(
        "Chains have the names that they have on every cluster",
        arguments: [
            ("default", "kubernetes", "https", "tcp", "KUBE-SVC-NPX46M4PTMTKRN6Y"),
            ("kube-system", "kube-dns", "dns", "udp", "KUBE-SVC-TCOU7JCQXEZGVUNU"),
            ("kube-system", "kube-dns", "dns-tcp", "tcp", "KUBE-SVC-ERIFXISQEP7F7OF4"),
            ("kube-system", "kube-dns", "metrics", "tcp", "KUBE-SVC-JD5MR3NA4I4DYORP"),
        ])
    func names(namespace: String, service: String, port: String, transport: String, chain: String)
        throws
    {
        let facts = ServicePortFacts(
            namespace: namespace, service: service, portName: port, transport: transport,
            clusterIP: "10.96.0.1", port: 1)
        #expect(try part.serviceChain(facts) == chain)
    }

    @Test func probabilitiesAreOneOfThoseThatRemain() throws {
        let expected = ["0.2500000000", "0.3333333333", "0.5000000000", nil]
        #expect(try (1...4).reversed().map { try part.probability(remaining: $0) } == expected)
        #expect(try part.probability(remaining: 100_000) == "0.0000100000")
    }

    @Test("Every endpoint gets the same share", arguments: [1, 2, 3, 5, 10, 50, 200])
    func shares(count: Int) throws {
        let outcomes = try trace(web(count), call)
        #expect(outcomes.count == count)
        #expect(Set(outcomes.map(\.packet.destination)).count == count)
        #expect(outcomes.allSatisfy { $0.share == Fraction(1, count) })
        #expect(
            outcomes.allSatisfy {
                $0.verdict == .passed && $0.packet.port == 8080 && !$0.masqueraded
            })
        // The scan is linear: the last endpoint's packets have looked at every rule before theirs.
        #expect(outcomes.map(\.rulesSeen).max()! - outcomes.map(\.rulesSeen).min()! == count - 1)
    }

    @Test func aPodThatReachesItselfIsMasqueradedAndOnlyThen() throws {
        let outcomes = try trace(web(3), Packet(from: "10.244.1.3", to: "10.96.0.10", port: 80))
        #expect(outcomes.filter(\.masqueraded).map(\.packet.destination) == ["10.244.1.3"])
    }

    @Test func clientsThatAreNoPodsAreMasqueradedAndTheNodeItselfToo() throws {
        for source in ["10.88.0.1", "10.88.0.11"] {
            let outcomes = try trace(web(2), Packet(from: source, to: "10.96.0.10", port: 80))
            #expect(outcomes.count == 2 && outcomes.allSatisfy(\.masqueraded))
        }
    }

    @Test func withoutAReadyEndpointClientsAreRefusedAtOnce() throws {
        var port = web(2, nodePort: 30080)
        for index in port.endpoints.indices { port.endpoints[index].ready = false }
        #expect(try trace(port, call).map(\.verdict) == [.rejected])
        let outside = Packet(from: "10.88.0.1", to: "10.88.0.11", port: 30080)
        #expect(try trace(port, outside).map(\.verdict) == [.rejected])
    }

    @Test func anEndpointThatIsNotReadyGetsNothing() throws {
        var port = web(3)
        port.endpoints[1].ready = false
        #expect(
            Set(try trace(port, call).map(\.packet.destination)) == ["10.244.1.2", "10.244.1.4"])
    }

    @Test func aNodePortLeadsToTheSameEndpointsMasqueraded() throws {
        let outside = Packet(from: "10.88.0.1", to: "10.88.0.11", port: 30080)
        let outcomes = try trace(web(3, nodePort: 30080), outside)
        #expect(outcomes.count == 3 && outcomes.allSatisfy(\.masqueraded))
        #expect(outcomes.allSatisfy { $0.share == Fraction(1, 3) })
    }

    @Test func aClientThatWasSeenGoesBackWithAffinity() throws {
        let port = web(3, affinity: 600)
        let first = try trace(port, call)
        #expect(first.count == 3 && first.allSatisfy { $0.packet.seen.count == 1 })
        var again = call
        again.seen = first[1].packet.seen
        let second = try trace(port, again)
        #expect(second.map(\.packet.destination) == [first[1].packet.destination])
        #expect(second.first?.share == .one)
    }

    @Test func otherPortsAndOtherAddressesPassUntouched() throws {
        let passing = Packet(from: "10.244.1.254", to: "10.96.0.10", port: 81)
        #expect(try trace(web(3), passing).map(\.packet) == [passing])
    }

    @Test func theTextDoesNotDependOnTheOrderOfServicesOrEndpoints() throws {
        var (one, other) = (web(3), web(3))
        other.endpoints.reverse()
        one.service = "api"
        let forth = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [one, other]))
        let back = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [web(3), one]))
        #expect(forth == back)
    }

    @Test func aChangeOfOneServiceTouchesNoOther() throws {
        func text(_ count: Int) throws -> String {
            var other = web(3)
            (other.service, other.clusterIP) = ("other", "10.96.0.11")
            return try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [web(count), other]))
        }
        let (three, two) = (try text(3), try text(2))
        let lines = RuleText.delta(from: RuleText(three), to: RuleText(two)).split(separator: "\n")
        let gone = try part.endpointChain(web(3), web(3).endpoints[2])
        #expect(
            lines.filter { !$0.hasPrefix("-A") } == [
                "*nat", ":\(try part.serviceChain(web(2))) - [0:0]", ":\(gone) - [0:0]",
                "-X \(gone)",
                "COMMIT",
            ])
        #expect(lines.filter { $0.hasPrefix("-A") }.count == 3)
        #expect(RuleText.delta(from: RuleText(two), to: RuleText(two)).isEmpty)
    }

    @Test func foreignRulesKeepTablesFromBeingReplaced() throws {
        let jumps = try part.jumps()
        let empty = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
        #expect(Ruleset(empty).isOnlyTheProxys(jumps: jumps))
        #expect(
            Ruleset("*nat\n:PREROUTING ACCEPT\n-A PREROUTING \(jumps[0].rule)\n").isOnlyTheProxys(
                jumps: jumps))
        #expect(
            !Ruleset("*nat\n-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\n").isOnlyTheProxys(
                jumps: jumps))
        #expect(!Ruleset("*nat\n:DOCKER - [0:0]\n").isOnlyTheProxys(jumps: jumps))
    }

    @Test func aChainThatNobodyNeedsIsEmptiedAndRemovedAndMissingJumpsAreAdded() throws {
        let text = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [web(1)]))
        let own = SyncText.own(inText: text)
        let whole = SyncText.make(
            rendered: text, present: own.union(["KUBE-SEP-OLD"]), missing: [try part.jumps()[0]])
        let lines = whole.split(separator: "\n")
        #expect(lines.contains(":KUBE-SEP-OLD - [0:0]"))
        #expect(lines.suffix(2) == ["-X KUBE-SEP-OLD", "COMMIT"])
        #expect(
            lines.filter { $0.hasPrefix("-I") } == [
                "-I PREROUTING 1 -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"
            ])
    }
}
