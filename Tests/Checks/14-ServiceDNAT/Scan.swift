import ContractServiceDNAT
import Grading
import RuleTracing

/// 14.7: a list is gone through rule by rule, a map is asked once, and both lead to the same endpoints.
let aMapIsAskedOnce = Check.seeded("14.7", sizes: 1...8, usually: 8) { bench, run in
    let scene = Scene(bench, "14.7")
    var dice = run.dice
    let ports = (0..<run.size).map { index -> ServicePortFacts in
        var port = Scene.service(
            "s\(index)", "10.96.0.\(10 + index / 2)", port: 80 + index % 2,
            transport: dice.chance(percent: 25) ? "udp" : "tcp", endpoints: dice.roll(0...4))
        for at in port.endpoints.indices {
            port.endpoints[at].address = "10.244.\(index).\(at + 2)"
            port.endpoints[at].ready = dice.chance(percent: 70)
        }
        return port
    }
    let view = ProxyView(podCIDR: Scene.podCIDR, ports: ports)
    let maps = try scene.part.verdictMaps(view)
    bench.show(looks(ports, maps))
    do { try servesTheReadyAlone(ports, maps) } catch var failed as Failed {
        failed.timeline = looks(ports, maps)
        throw failed
    }
    if run.seed == bench.options.seed { try theScanIsLinear(scene) }
}

private func servesTheReadyAlone(_ ports: [ServicePortFacts], _ maps: VerdictMaps) throws {
    for port in ports { try leadsToTheReady(port, maps) }
    let known = Set(ports.map(key))
    try require(
        maps.services.keys.allSatisfy(known.contains), "the map has no Services that don't exist",
        seen: maps.services.keys.sorted().joined(separator: ", "),
        idea: "A key is address, protocol and port, as VerdictMaps writes them.")
}

private func key(_ port: ServicePortFacts) -> String {
    "\(port.clusterIP) . \(port.transport) . \(port.port)"
}

/// What the part's maps say of each Service port.
private func looks(_ ports: [ServicePortFacts], _ maps: VerdictMaps) -> Timeline {
    var timeline = Timeline(unit: "")
    for (index, port) in ports.enumerated() {
        let chain = maps.services[key(port)]
        let ends = chain.flatMap { maps.endpoints[$0] }?.map { maps.destinations[$0] ?? "nowhere" }
        let way = chain.map { " : \($0) : \(ends?.joined(separator: ", ") ?? "none")" }
        timeline.add(index + 1, 0, key(port) + (way ?? " : not in the map"))
    }
    return timeline
}

/// The three looks: the Service, one of its numbers, the endpoint's address.
private func leadsToTheReady(_ port: ServicePortFacts, _ maps: VerdictMaps) throws {
    let ready = port.endpoints.filter(\.ready).map { "\($0.address):\($0.port)" }.sorted()
    let asked = "\(key(port)), of whose \(port.endpoints.count) endpoints \(ready.count) are ready"
    guard let chain = maps.services[key(port)] else {
        return try require(
            ready.isEmpty, "a Service that somebody serves is in the map: \(asked)",
            seen: maps.services.keys.sorted().joined(separator: ", "),
            idea: "Each Service port that has a ready endpoint is one element.")
    }
    try require(
        !ready.isEmpty, "a Service that nobody serves is not in the map: \(asked)",
        seen: "\(key(port)) : goto \(chain)",
        idea: "A number is drawn from as many as there are endpoints: of none, none can be drawn.")
    let drawn = (maps.endpoints[chain] ?? []).map { maps.destinations[$0] ?? "nowhere (\($0))" }
    try require(
        drawn.sorted() == ready,
        "each ready endpoint is drawn with the same chance, and no other: \(asked)",
        seen: "\(chain): \(drawn)",
        idea:
            "With n numbers in a map every element has 1/n by itself, if each endpoint is there once."
    )
}

/// What the maps are for: the part's own list, counted.
private func theScanIsLinear(_ scene: Scene) throws {
    let counts = try [1, 10, 40].map { try ScanCost(services: $0, scene.part) }
    try require(
        Set(counts.map(\.looks)).count == 1, "a Service more costs no look into a map more",
        seen: counts.map { "\($0.services) Services: \($0.looks) looks" }.joined(separator: ", "),
        idea: "The address and port, the number that is drawn, the endpoint: each is one look.")
    for (few, many) in zip(counts, counts.dropFirst()) {
        let slope = Fraction(many.rules - few.rules, many.services - few.services)
        try require(
            slope == .one, "a Service more costs those behind it one rule more to look at",
            seen: "\(few.services) Services: \(few.rules) rules, \(many.services): \(many.rules)",
            idea: "In KUBE-SERVICES a Service port has one rule; all else is in its own chains.")
    }
}

/// What the first packet to the last of many Services costs.
struct ScanCost {
    let services: Int
    /// Rules that were looked at in the list.
    let rules: Int
    /// Looks into maps, counted on the way that the first packet to the last Service takes through the part's own.
    let looks: Int

    init(services: Int, _ part: RemoteServiceDNAT) throws {
        self.services = services
        let ports = (1...services).map { index in
            Scene.service(
                "s\(Self.digits(index))", "10.\(100 + index / 250).\(index % 250).1", endpoints: 1)
        }
        let view = ProxyView(podCIDR: Scene.podCIDR, ports: ports)
        let rules = try part.allRules(view)
        let tracer = Tracer(Ruleset(rules.text), machine: Scene.node, jumps: Scene.jumps)
        let last = try understood { try tracer.trace(Scene.call(ports[services - 1])) }
        self.rules = last.map(\.rulesSeen).max() ?? 0
        var walk = MapWalk(try part.verdictMaps(view))
        walk.go(to: key(ports[services - 1]), drawing: 0)
        looks = walk.looks
    }

    /// Sorted by name is sorted by number.
    private static func digits(_ number: Int) -> String {
        String(String(100_000 + number).dropFirst())
    }
}

/// A packet's way through verdict maps, one look after another; no map is gone through.
private struct MapWalk {
    private let maps: VerdictMaps
    private(set) var looks = 0

    init(_ maps: VerdictMaps) { self.maps = maps }

    /// - Parameter number: what the dice say, from 0.
    mutating func go(to service: String, drawing number: Int) {
        guard let chain = look(maps.services[service]),
            let endpoint = look(maps.endpoints[chain].flatMap { $0.isEmpty ? nil : $0[number % $0.count] })
        else { return }
        _ = look(maps.destinations[endpoint])
    }

    private mutating func look<Found>(_ found: Found?) -> Found? {
        looks += 1
        return found
    }
}
