import JSON
import Launcher
import Linux

/// 10,000 Services with three endpoints each, brought into the kernel by `dnat`, beside iptables-restore of
/// the very same text; each in a network namespace that is thrown away.
struct DNATBench {
    let layout: Layout
    let terminal: Terminal
    static let services = 10_000
    static let rounds = 3

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    func figures() throws -> [Figure] {
        let (objects, text) = ("\(layout.state)/services.json", "\(layout.state)/rules.txt")
        try Files.makeDirectories(layout.state)
        defer { for path in [objects, text] { unlink(path) } }
        try Files.write(Self.cluster.text, to: objects)
        let dnat = layout.clusterProgram("dnat")
        try shell("'\(dnat)' render --jumps '\(objects)' > '\(text)'")
        var times: (ours: [Cost], plain: [Cost]) = ([], [])
        for round in 1...Self.rounds {
            terminal.progress("dnat, round \(round) of \(Self.rounds)")
            times.ours.append(try ours("'\(dnat)' sync '\(objects)'"))
            times.plain.append(try plain("iptables-restore < '\(text)'"))
        }
        let (ours, plain) = (times.ours.map(\.wall).median, times.plain.map(\.wall).median)
        let (work, plainWork) = (times.ours.map(\.cpu).median, times.plain.map(\.cpu).median)
        return [
            Figure(
                name: "dnat: \(Self.services) Services x 3 endpoints to installed rules",
                goal: "1.1 x iptables-restore",
                measured: "\(ours) ms (CPU \(work)), medians of \(Self.rounds)",
                peer: "iptables-restore \(plain) ms (CPU \(plainWork))",
                ratio: "\(rounded(Double(ours) / Double(plain))) x wall, "
                    + "\(rounded(Double(work) / Double(plainWork))) x CPU")
        ]
    }

    /// Milliseconds.
    private typealias Cost = (wall: Int, cpu: Int)

    private func plain(_ command: String) throws -> Cost {
        let (began, before) = (
            Clock.monotonicMilliseconds(), Clock.childrensProcessorMicroseconds()
        )
        try inNamespace(command)
        return (
            Clock.monotonicMilliseconds() - began,
            (Clock.childrensProcessorMicroseconds() - before) / 1000
        )
    }

    /// From the Services as values to the rules in the kernel. A proxy has them in its cache, so that reading them
    /// from a file counts for nothing; `dnat sync` says how long the rest took.
    private func ours(_ command: String) throws -> Cost {
        let said = try inNamespace(command)
        let numbers = said.split { !$0.isNumber }.compactMap { Int($0) }
        guard numbers.count == 3 else { throw LauncherError("dnat sync said: \(said)") }
        return (numbers[1], numbers[2])
    }

    @discardableResult
    private func inNamespace(_ command: String) throws -> String {
        try shell("exec unshare \(geteuid() == 0 ? "" : "-Ur ")-n sh -c \"\(command)\"")
    }

    @discardableResult
    private func shell(_ command: String) throws -> String {
        let result = try capture("sh", ["sh", "-c", command])
        guard result.ending.succeeded else {
            throw LauncherError(
                "\(command) \(result.ending): " + String(decoding: result.errors, as: UTF8.self))
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Services and EndpointSlices as `kubectl get … -o json` would list them.
    static var cluster: JSON {
        ["kind": "List", "items": .array((0..<services).flatMap { [service($0), slice($0)] })]
    }

    private static func service(_ number: Int) -> JSON {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string("s\(number)"), "namespace": "default"],
            "spec": [
                "type": "ClusterIP",
                "clusterIP": .string("10.96.\(number / 250).\(number % 250 + 2)"),
                "ports": [["name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080]],
            ],
        ]
    }

    private static func slice(_ number: Int) -> JSON {
        let endpoints = (0..<3).map { node -> JSON in
            let address = "10.244.\(node * 60 + number / 250).\(number % 250 + 2)"
            return ["addresses": [.string(address)], "conditions": ["ready": true]]
        }
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": [
                "name": .string("s\(number)-x"), "namespace": "default",
                "labels": ["kubernetes.io/service-name": .string("s\(number)")],
            ],
            "endpoints": .array(endpoints),
            "ports": [["name": "http", "protocol": "TCP", "port": 8080]],
        ]
    }
}
