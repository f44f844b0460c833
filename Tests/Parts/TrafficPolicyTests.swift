import ContractServiceDNAT
import JSON
import Objects
import ServiceRules
import SolutionServiceDNAT
import Testing

/// Services with traffic policies, packets to 127.0.0.1, and endpoints that no Service may have.
@Suite struct TrafficPolicyTests {
    private let part = ServiceDNAT()
    private let place = ProxyPlace(node: "node-2", server: "10.88.0.1", serverPort: 6443)
    private let node = Machine(addresses: ["10.88.0.12", "10.244.2.1"])

    private func view(
        _ spec: JSON, _ endpoints: [(address: String, node: String)], name: String = "web",
        namespace: String = "default", port: Int = 8080
    ) throws -> ProxyView {
        var spec = spec
        spec["clusterIP"] = "10.96.0.10"
        spec["ports"] = [["port": 80, "nodePort": 31099]]
        let metadata: JSON = ["name": .string(name), "namespace": .string(namespace)]
        let service: JSON = ["metadata": metadata, "spec": spec]
        let slice: JSON = [
            "metadata": [
                "name": "s", "namespace": .string(namespace),
                "labels": ["kubernetes.io/service-name": .string(name)],
            ],
            "addressType": "IPv4", "ports": [["port": JSON(port)]],
            "endpoints": .array(
                endpoints.map { ["addresses": [.string($0.address)], "nodeName": .string($0.node)] }),
        ]
        return ServiceMap.view(
            services: [try service.decode()], slices: [try slice.decode()],
            podCIDR: "10.244.0.0/16", at: place)
    }

    private func trace(_ view: ProxyView, from source: String, to: String, _ port: Int) throws -> [Outcome] {
        let tracer = Tracer(Ruleset(try part.render(view)), machine: node, jumps: try part.jumps())
        return try tracer.trace(Packet(from: source, to: to, port: port))
    }

    private let both = [(address: "10.244.1.2", node: "node-1"), (address: "10.244.2.2", node: "node-2")]
    private let elsewhere = [(address: "10.244.1.2", node: "node-1")]
    private let external: JSON = ["type": "NodePort", "externalTrafficPolicy": "Local"]

    @Test func strangersGetTheNodesOwnEndpointsAndKeepTheirAddress() throws {
        let outcomes = try trace(view(external, both), from: "192.0.2.1", to: "10.88.0.12", 31099)
        #expect(outcomes.map(\.packet.destination) == ["10.244.2.2"])
        #expect(outcomes.allSatisfy { !$0.masqueraded })
    }

    @Test func aNodeWithoutAnEndpointDropsWhatStrangersSend() throws {
        let outcomes = try trace(view(external, elsewhere), from: "192.0.2.1", to: "10.88.0.12", 31099)
        #expect(outcomes.map(\.verdict) == [.dropped])
    }

    @Test(arguments: ["10.244.2.9", "10.88.0.12"])
    func podsAndTheNodeItselfGetAllEndpoints(_ source: String) throws {
        let outcomes = try trace(view(external, both), from: source, to: "10.88.0.12", 31099)
        #expect(Set(outcomes.map(\.packet.destination)) == ["10.244.1.2", "10.244.2.2"])
        let portal = try trace(view(external, both), from: source, to: "10.96.0.10", 80)
        #expect(portal.count == 2)
    }

    @Test func insideOnlyTheNodesOwnEndpointsAreAskedAndFromOutsideAll() throws {
        let spec: JSON = ["type": "NodePort", "internalTrafficPolicy": "Local"]
        let inside = try trace(view(spec, both), from: "10.244.2.9", to: "10.96.0.10", 80)
        #expect(inside.map(\.packet.destination) == ["10.244.2.2"])
        let none = try trace(view(spec, elsewhere), from: "10.244.2.9", to: "10.96.0.10", 80)
        #expect(none.map(\.verdict) == [.rejected])
        for endpoints in [both, elsewhere] {
            let outside = try trace(view(spec, endpoints), from: "192.0.2.1", to: "10.88.0.12", 31099)
            #expect(Set(outside.map(\.packet.destination)) == Set(endpoints.map(\.address)))
            #expect(outside.allSatisfy { $0.masqueraded })
        }
    }

    @Test func aNodePortAnswersAtLoopbackForTheNodeAndForNobodyElse() throws {
        let view = try view(["type": "NodePort"], both)
        let own = try trace(view, from: "127.0.0.1", to: "127.0.0.1", 31099)
        #expect(own.count == 2 && own.allSatisfy { $0.verdict == .passed && $0.masqueraded })
        // What else listens there trusts that only this machine reaches it (CVE-2020-8558).
        let neighbour = try trace(view, from: "10.88.0.13", to: "127.0.0.1", 10248)
        #expect(neighbour.map(\.verdict) == [.dropped])
        #expect(try trace(view, from: "127.0.0.1", to: "127.0.0.1", 10248).map(\.verdict) == [.passed])
    }

    @Test(arguments: [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "10.88.0.1", "x", "",
    ])
    func noServiceLeadsToALoopbackOrToTheControlPlane(_ address: String) throws {
        for port in [2379, 6443] {
            let made = try view([:], [(address, "node-1")], port: port)
            #expect(made.ports[0].endpoints.isEmpty)
        }
    }

    @Test func onlyTheServersOwnServiceLeadsToIt() throws {
        let server = [(address: "10.88.0.1", node: "node-1")]
        func endpoints(_ name: String, _ namespace: String, _ port: Int) throws -> Int {
            try view([:], server, name: name, namespace: namespace, port: port).ports[0].endpoints.count
        }
        #expect(try endpoints("kubernetes", "default", 6443) == 1)
        #expect(try endpoints("kubernetes", "default", 2379) == 0)
        #expect(try endpoints("kubernetes", "other", 6443) == 0)
    }

    @Test(arguments: [[], [3], [0, 9], [4, 5], Array(0..<10)])
    func whoSpoilsItForAllIsFound(_ bad: [Int]) async {
        let found = await spoilers(among: Array(0..<10)) { Set($0).isDisjoint(with: bad) }
        #expect(found == bad)
    }
}
