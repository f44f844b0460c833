import ContractServiceDNAT
import Grading
import RuleTracing

/// `lab try 14`: the part's rules for a small view, and a packet's way through them.
func tryRules(_ program: PartProgram, _ arguments: [String]) throws {
    let part = RemoteServiceDNAT(asking: program)
    if arguments.first == "--scan" {
        return try printScan(part, most: arguments.dropFirst().first.flatMap { Int($0) } ?? 200)
    }
    let wish = try Wish(arguments)
    let rules = try part.allRules(ProxyView(podCIDR: Scene.podCIDR, ports: wish.ports))
    print(rules.text)
    for step in rules.unwritten {
        print("# step \(step) is not written yet: its rules are missing")
    }
    var jumps = Scene.jumps
    do { jumps = try part.jumps() } catch PartFailure.unfinished(let step) {
        print("# step \(step) is not written yet: the jumps are given")
    }
    let tracer = Tracer(Ruleset(rules.text), machine: Scene.node, jumps: jumps)
    print("\(wish.packet)")
    for outcome in try understood({ try tracer.trace(wish.packet) }) {
        print("  \(outcome)")
        for rule in outcome.path { print("      \(withoutComment(rule))") }
    }
}

/// What is asked for on the command line.
private struct Wish {
    static let usage = """
        usage: lab try 14 web=10.96.0.10:80 10.244.1.2:8080 10.244.1.3:8080! [--from ADDRESS] [--to ADDRESS:PORT]
               lab try 14 --scan [SERVICES]
        A Service is NAME=ADDRESS:PORT, with ,nodePort=N ,affinity=SECONDS ,udp where wanted; behind it its
        endpoints; ! marks one that is not ready. The node is 10.88.0.11, the pods are 10.244.0.0/16.
        """
    var ports: [ServicePortFacts] = []
    var packet: Packet

    init(_ arguments: [String]) throws {
        var (source, target): (String, String?) = (Scene.pod, nil)
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--from", let value = rest.popFirst() {
                source = value
            } else if word == "--to", let value = rest.popFirst() {
                target = value
            } else if word.contains("=") {
                ports.append(try Self.service(word))
            } else if !ports.isEmpty {
                let place = try Self.place(word.hasSuffix("!") ? word.dropLast() : word[...])
                ports[ports.count - 1].endpoints.append(
                    EndpointFacts(place.address, place.port, ready: !word.hasSuffix("!")))
            } else {
                throw Failed(Self.usage, idea: "")
            }
        }
        guard let first = ports.first else { throw Failed(Self.usage, idea: "") }
        packet = Scene.call(first, from: source)
        if let target {
            (packet.destination, packet.port) = try Self.place(target[...])
        }
    }

    /// `web=10.96.0.10:80,nodePort=30080`
    private static func service(_ word: String) throws -> ServicePortFacts {
        let parts = word.split(separator: ",")
        let head = parts[0].split(separator: "=", maxSplits: 1)
        guard head.count == 2 else { throw Failed(usage, idea: "") }
        let place = try place(head[1])
        var port = ServicePortFacts(
            namespace: "default", service: String(head[0]), clusterIP: place.address,
            port: place.port)
        for option in parts.dropFirst() {
            let pair = option.split(separator: "=")
            switch (pair.first ?? "", pair.count > 1 ? Int(pair[1]) : nil) {
            case ("udp", nil): port.transport = "udp"
            case ("nodePort", let number?): port.nodePort = number
            case ("affinity", let seconds?): port.affinitySeconds = seconds
            default: throw Failed(usage, idea: "")
            }
        }
        return port
    }

    private static func place(_ text: Substring) throws -> (address: String, port: Int) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, IPv4(parts[0]) != nil, let port = Int(parts[1]) else {
            throw Failed(usage, idea: "")
        }
        return (String(parts[0]), port)
    }
}

/// A rule as one reads it: what it says about itself stands in the text above.
func withoutComment(_ rule: String) -> String {
    var words = rule.split(separator: " ")
    guard let start = words.firstIndex(of: "--comment"), start > 1 else { return rule }
    let last =
        words[(start + 1)...].firstIndex { $0.hasSuffix("\"") } ?? words.index(after: start)
    words.removeSubrange(start - 2...last)
    return words.joined(separator: " ")
}

/// What the first packet to the last of n Services costs, in a list and in a map.
private func printScan(_ part: RemoteServiceDNAT, most: Int) throws {
    let steps = [1, most / 10, most / 4, most / 2, most].filter { $0 > 0 }
    let costs = try Set(steps).sorted().map { try ScanCost(services: $0, part) }
    let longest = max(1, costs.map(\.rules).max() ?? 1)
    func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
    print("looked at by the first packet to the last Service:")
    print("Services  rules in the list  looks into maps")
    for cost in costs {
        let bar = String(repeating: "#", count: max(1, cost.rules * 30 / longest))
        let map = String(repeating: "#", count: max(1, cost.looks * 30 / longest))
        print("\(right("\(cost.services)", 8))  \(right("\(cost.rules)", 5))  list \(bar)")
        print("          \(right("\(cost.looks)", 5))  map  \(map)")
    }
}
