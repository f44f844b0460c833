import Linux

/// The node's bridge, the pods' veths and the routes to other nodes, all through `ip -batch`: one
/// process for many changes.
public struct PodNetwork: Sendable {
    public static let bridge = "cni0"
    public let block: CIDR

    public init(block: CIDR) { self.block = block }

    /// The bridge and what forwarding takes. May be called again at any time.
    public func prepareNode() throws {
        let address = "\(block.gateway)/\(block.prefix)"
        // A bridge without an address of its own borrows the lowest of its ports', which come and
        // go.
        let hardware = Self.hardwareAddress(block.gateway)
        do { try Self.ip(["link add \(Self.bridge) address \(hardware) type bridge"]) } catch {
            // There already, from the kubelet before this one.
            guard error.description.contains("File exists") else { throw error }
        }
        try Self.ip(["addr replace \(address) dev \(Self.bridge)", "link set \(Self.bridge) up"])
        try Self.turnOn("/proc/sys/net/ipv4/ip_forward")
        // Bridged packets between two pods of a node must meet the Service rules too.
        let filter = "/proc/sys/net/bridge/bridge-nf-call-iptables"
        if Files.exists(filter) { try Self.turnOn(filter) }
        // The loopback of a node that was just made is still down.
        try Self.ip(["link set lo up"])
    }

    /// Sets a kernel setting to 1, unless it is: an ordinary user may read some that only root may
    /// write.
    private static func turnOn(_ setting: String) throws(SystemError) {
        if (try? Files.readText(setting))?.hasPrefix("1") == true { return }
        do { try Files.write("1", to: setting) } catch {
            throw SystemError(
                error.call, error.errno, advice: "set it to 1 before the kubelet starts")
        }
    }

    /// Connects a pod's network namespace to the bridge.
    /// - Parameters:
    ///   - namespace: the file that the namespace is mounted on.
    ///   - address: the pod's IPv4 address, without a prefix length.
    public func attach(namespace: String, address: String) throws {
        let host = Self.hostInterface(address)
        detach(address: address)
        try Self.ip([
            "link add \(host) mtu 1500 type veth peer name eth0 "
                + "address \(Self.hardwareAddress(address)) netns \(namespace)",
            "link set \(host) master \(Self.bridge)",
            // Hairpin: a pod must reach itself through its Service, out of and back into the same
            // port.
            "link set \(host) type bridge_slave hairpin on",
            "link set \(host) up",
        ])
        try Self.ip(
            [
                "link set lo up", "addr add \(address)/\(block.prefix) dev eth0",
                "link set eth0 up",
                "route add default via \(block.gateway)",
            ], in: namespace)
    }

    /// Takes a pod's interface away. Nothing there is fine.
    public func detach(address: String) {
        try? Self.ip(["link del \(Self.hostInterface(address))"])
    }

    /// Makes the routes to other nodes' pods what they should be.
    /// - Parameter routes: pod block to node address.
    public func setRoutes(_ routes: [String: String], replacing old: [String: String]) throws {
        var lines: [String] = []
        for block in old.keys.sorted() where routes[block] == nil {
            lines.append("route del \(block) proto 100")
        }
        for (block, node) in routes.sorted(by: { $0.key < $1.key }) where old[block] != node {
            lines.append("route replace \(block) via \(node) proto 100")
        }
        if !lines.isEmpty { try Self.ip(lines) }
    }

    /// The veth's name on the node: at most 15 characters, and the same for the same address.
    static func hostInterface(_ address: String) -> String {
        "veth" + hexadecimal(address)
    }

    /// A locally administered hardware address made of the IPv4 address, as CNI's bridge plugin
    /// does.
    static func hardwareAddress(_ address: String) -> String {
        let digits = Array(hexadecimal(address))
        let pairs = stride(from: 0, to: 8, by: 2).map { String(digits[$0...$0 + 1]) }
        return "0a:58:" + pairs.joined(separator: ":")
    }

    private static func hexadecimal(_ address: String) -> String {
        let digits = String(CIDR.address(address) ?? 0, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Runs the lines through one `ip -batch`, inside `namespace` if one is given.
    static func ip(_ lines: [String], in namespace: String? = nil) throws(RuntimeFailure) {
        let input = Array((lines.joined(separator: "\n") + "\n").utf8)
        let enter = namespace.map { ["nsenter", "--net=\($0)"] } ?? []
        let arguments = enter + ["ip", "-batch", "-"]
        let result: (ending: Child.Ending, output: [UInt8], errors: [UInt8])
        do { result = try capture(arguments[0], arguments, input: input) } catch {
            throw RuntimeFailure("\(error): install iproute2 and util-linux")
        }
        guard result.ending.succeeded else {
            let words =
                String(decoding: result.errors, as: UTF8.self)
                .split(separator: "\n").first ?? ""
            throw RuntimeFailure("ip \(lines.joined(separator: "; ")): \(words)")
        }
    }
}
