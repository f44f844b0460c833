import ContractServiceDNAT
import JSON
import Linux
import ServiceRules
import SolutionServiceDNAT
import Testing

/// The rules in a real kernel: a node, four pods and an outsider in network namespaces of their
/// own, and real connections.
/// What the tracer computes is compared with who answered, and with the kernel's counters.
@Suite(.serialized, .enabled(if: canMakeNamespaces, "needs root, ip and iptables"))
struct ConnectionTests {
    private let part = ServiceDNAT()

    private func port(
        _ service: String, _ address: String, _ endpoints: [Int], nodePort: Int? = nil,
        affinity: Int? = nil
    )
        -> ServicePortFacts
    {
        ServicePortFacts(
            namespace: "default", service: service, clusterIP: address, port: 80,
            nodePort: nodePort,
            affinitySeconds: affinity,
            endpoints: endpoints.map { EndpointFacts("10.244.1.\($0)", 8080) })
    }

    /// Runs `commands` beside the rules of these ports: what `count` printed, by label, and the
    /// kernel's counters.
    private func run(_ ports: [ServicePortFacts], _ commands: String) throws -> (
        answers: [String: JSON], saved: String
    ) {
        let rendered = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: ports))
        let rules = "/tmp/drydock-rules.\(getpid())"
        try Files.write(
            SyncText.make(rendered: rendered, present: [], missing: try part.jumps()), to: rules)
        defer { try? Files.removeTree(rules) }
        let script = #filePath.replacing("ConnectionTests.swift", with: "sandbox.sh")
        let result = try capture(
            "unshare",
            [
                "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                "sh", script,
                rules, builtProgram("web"), builtProgram("ask"), commands,
            ])
        let output = String(decoding: result.output, as: UTF8.self)
        #expect(result.ending.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
        let rulesStart = output.firstRange(of: "# Generated")?.lowerBound ?? output.endIndex
        var answers: [String: JSON] = [:]
        for section in output[..<rulesStart].split(separator: "== ") {
            guard let newline = section.firstIndex(of: "\n") else { continue }
            answers[String(section[..<newline])] = try JSON(
                parsing: Array(section[newline...].utf8))
        }
        return (answers, String(output[rulesStart...]))
    }

    /// Sums the packet counters of the saved rules that contain `text`.
    private func counter(_ saved: String, _ text: String) -> Int {
        saved.split(separator: "\n").filter { $0.contains(text) }.compactMap { line in
            Int(line.dropFirst().prefix { $0.isNumber })
        }.reduce(0, +)
    }

    @Test func threePodsShareAllConnectionsWhoeverAsks() throws {
        let web = port("web", "10.96.0.10", [2, 3, 4], nodePort: 30080)
        let result = try run(
            [web],
            """
            for who in pod9 pod2 outside node; do echo "== $who"; count $who 10.96.0.10:80; done
            echo "== nodeport"; count outside 10.88.0.11:30080
            """)
        for who in ["pod9", "pod2", "outside", "node", "nodeport"] {
            let answer = try #require(result.answers[who])
            #expect(answer["answered"]?.int == 60 && answer["failed"]?.int == 0, "\(who)")
            let names = answer["answers"]?.object?.names ?? []
            #expect(names.count == 3, "\(who): \(names)")
        }
        var reached: [Int] = []
        for pod in 2...4 {
            reached.append(counter(result.saved, "DNAT --to-destination 10.244.1.\(pod):8080"))
        }
        #expect(reached.reduce(0, +) == 300)
        // 300 throws of a fair die with three faces: 100 each, with a standard deviation of 8.
        #expect(reached.allSatisfy { (60...140).contains($0) }, "\(reached)")
        // Masqueraded: all from outside, from the node and through the node port, and pod2's own to
        // itself.
        let hairpin = counter(
            result.saved, "-s 10.244.1.2/32 -m comment --comment \"default/web\" -j KUBE-MARK-MASQ")
        #expect(hairpin > 0)
        #expect(counter(result.saved, "-j MASQUERADE") == 180 + hairpin)
    }

    @Test func aClientStaysWithItsPodAndAServiceWithoutPodsRefuses() throws {
        let result = try run(
            [
                port("sticky", "10.96.0.12", [2, 3, 4], affinity: 60),
                port("empty", "10.96.0.11", []),
            ],
            """
            echo "== sticky"; count pod9 10.96.0.12:80
            echo "== empty"; ip netns exec pod9 $ask --count 1 10.96.0.11:80
            """)
        #expect(result.answers["sticky"]?["answered"]?.int == 60)
        #expect(result.answers["sticky"]?["answers"]?.object?.names.count == 1)
        #expect(result.answers["empty"]?.at("failures", "connect: Connection refused")?.int == 1)
    }

    /// The kernel gives rules back in other words; the tracer has to read both alike.
    @Test func theKernelsRulesAreTracedAsTheTextIs() throws {
        let web = port("web", "10.96.0.10", [2, 3, 4], nodePort: 30080, affinity: 60)
        let saved = try run([web], "true").saved
        let plain = saved.split(separator: "\n").map { line in
            line.hasPrefix("[") ? String(line.drop { $0 != "]" }.dropFirst(2)) : String(line)
        }.joined(separator: "\n")
        let node = Machine(addresses: ["10.88.0.11"])
        let text = try part.render(ProxyView(podCIDR: "10.244.0.0/16", ports: [web]))
        let (kernel, own) = (
            Tracer(Ruleset(plain), machine: node),
            Tracer(Ruleset(text), machine: node, jumps: try part.jumps())
        )
        for packet in [
            Packet(from: "10.244.1.2", to: "10.96.0.10", port: 80),
            Packet(from: "10.88.0.1", to: "10.88.0.11", port: 30080),
            Packet(from: "10.88.0.1", to: "10.244.1.2", port: 8080),
        ] {
            let (one, other) = (try kernel.trace(packet), try own.trace(packet))
            #expect(one.map(\.packet) == other.map(\.packet))
            #expect(one.map(\.masqueraded) == other.map(\.masqueraded))
            #expect(one.map(\.share) == other.map(\.share))
        }
    }
}

private let canMakeNamespaces = geteuid() == 0 && Files.exists("/usr/sbin/iptables-restore")

/// A program that the package's build made, beside the test's own.
private func builtProgram(_ name: String) -> String {
    let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
    let directories = bundles.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
    return directories.map { "/\($0)/\(name)" }.first { Files.exists($0) } ?? name
}
