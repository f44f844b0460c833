import ContractServiceDNAT
import Grading
import Linux

/// A node, four pods and a stranger as network namespaces: the sandbox's own is the node's.
///
/// Every cable has a node's end and a route at each side, so all packets between pods pass the node's
/// rules, whether the kernel lets bridges do so or not.
struct Network {
    static let script = """
        set -e
        mount -t tmpfs tmpfs /run
        mkdir /run/netns
        echo 1 >/proc/sys/net/ipv4/ip_forward
        # Redirects count against the few ICMP errors that a host may get a second, and refusals are errors.
        for which in all default; do echo 0 >/proc/sys/net/ipv4/conf/$which/send_redirects; done
        ip link set lo up
        cable() { # NAMESPACE LINK ITS-ADDRESS NODE-ADDRESS
            ip netns add $1
            ip link add $2 type veth peer name eth0 netns $1
            ip address add $4/32 dev $2
            ip link set $2 up
            ip route add $3/32 dev $2
            ip -n $1 address add $3/32 dev eth0
            ip -n $1 link set lo up
            ip -n $1 link set eth0 up
            ip -n $1 route add default via $4 dev eth0 onlink
        }
        for pod in 2 3 4 9; do cable pod$pod to-pod$pod 10.244.1.$pod 10.244.1.1; done
        cable stranger uplink 10.88.0.1 10.88.0.11
        ip route add default via 10.88.0.1 dev uplink onlink
        """
    private let servers: [SandboxProcess<Done>]

    /// - Throws: `SandboxError` where the kernel doesn't give what it takes.
    init() throws {
        let made = try capture("sh", ["sh", "-c", "PATH=$PATH:/usr/sbin:/sbin\n" + Self.script])
        guard made.ending.succeeded else {
            throw NetworkError("the network can't be made: \(text(made.errors))")
        }
        servers = try ["pod2", "pod3", "pod4"].map { pod in
            // Who listens before he is a process of his own keeps nobody waiting.
            let listener = try within(pod) {
                let raw = try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
                try check("listen in \(pod)") { clinux_listen(raw, "0.0.0.0", 8080) }
                return raw
            }
            let server = try SandboxProcess { serve(pod, listener) }
            server.begin()
            close(listener)
            return server
        }
    }

    /// Gives a text to a program that loads rules.
    /// - Throws: `Failed` with what the program said of it.
    func load(_ rules: String, with command: [String], _ what: String) throws {
        let path = which(command[0]) ?? command[0]
        let result = try capture(path, command, input: Array(rules.utf8))
        if result.ending.succeeded { return }
        let said = String(decoding: result.errors, as: UTF8.self)
        let lines = rules.split(separator: "\n", omittingEmptySubsequences: false)
        // `line 12 failed`, `Error occurred at line: 12`.
        let number = said.firstRange(of: "line").map { said[$0.upperBound...] }
            .flatMap { Int($0.drop { !$0.isNumber }.prefix { $0.isNumber }) }
        let line = number.flatMap { lines.indices.contains($0 - 1) ? ": \(lines[$0 - 1])" : nil }
        throw Failed(
            "\(command[0]) takes \(what)", expected: "no complaint",
            seen: text(result.errors) + (line ?? ""),
            idea:
                "The kernel's own tool reads your text now: each rule needs matches and targets as their man pages have them, and chains that are declared in the same table."
        )
    }
}

struct NetworkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
}

/// Does something in another network namespace, and comes back. Sockets stay where they were made.
/// - Parameter namespace: nil for the node's own.
func within<Value>(_ namespace: String?, _ body: () throws -> Value) throws -> Value {
    guard let namespace else { return try body() }
    let kernel = RealKernel()
    let home = try FileDescriptor.open("/proc/self/ns/net")
    let there = try FileDescriptor.open("/run/netns/\(namespace)")
    try kernel.setns(there.raw, .newNetwork)
    defer { try? kernel.setns(home.raw, .newNetwork) }
    return try body()
}

/// A pod: tells every caller its name and whom it sees, then says again what it hears.
private func serve(_ name: String, _ listener: Int32) -> Done {
    var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    var buffer = [UInt8](repeating: 0, count: 256)
    while poll(&polled, nfds_t(polled.count), -1) >= 0 {
        for index in polled.indices.dropFirst() where polled[index].revents != 0 {
            let got = read(polled[index].fd, &buffer, buffer.count)
            if got > 0 {
                _ = send(polled[index].fd, buffer, got, Int32(MSG_NOSIGNAL))
            } else {
                close(polled[index].fd)
                polled[index].fd = -1
            }
        }
        polled.removeAll { $0.fd < 0 }
        guard polled[0].revents != 0 else { continue }
        let caller = clinux_accept(listener)
        guard caller >= 0 else { continue }
        let greeting = Array("\(name) \(address(of: caller))\n".utf8)
        _ = send(caller, greeting, greeting.count, Int32(MSG_NOSIGNAL))
        polled.append(pollfd(fd: caller, events: Int16(POLLIN), revents: 0))
    }
    return Done()
}

/// The address at the other end, in dots.
private func address(of connection: Int32) -> String {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(connection, $0, &size) }
    }
    let bits = UInt32(bigEndian: address.sin_addr.s_addr)
    return (0..<4).reversed().map { String(bits >> (8 * $0) & 255) }.joined(separator: ".")
}
