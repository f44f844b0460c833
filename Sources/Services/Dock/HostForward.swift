import Linux

/// A way out of the dock to one port of the host's loopback: what `--store http://127.0.0.1:2379` needs.
///
///     dock, 127.0.0.1:2379  ──▶  a process on the host's network  ──▶  host, 127.0.0.1:2379
///
/// A socket belongs to the network namespace it was made in, whoever holds it. So the dock's process 1 makes the
/// listening socket and passes it to a process that was started before the namespaces were left, and that process
/// connects. It ends when the other end of its socket pair closes: with the dock's process 1.
public struct HostForward: Codable, Sendable, Hashable {
    /// The port on both sides.
    public var port: UInt16
    public init(port: UInt16) { self.port = port }

    /// Starts the process on the host's side.
    /// - Returns: the dock's end of the socket pair; it stays open as long as the dock lives.
    func start(state: String) throws -> Int32 {
        let pair = try SocketPair()
        _ = try Child.spawn(
            "/proc/self/exe", ["dock", "forward", "\(port)"],
            environment: ["DRYDOCK_STATE=\(state)", "DRYDOCK_COMPONENT=forward-\(port)"],
            descriptors: [3: pair.theirs.raw], newSession: true)
        return pair.intoOurs().release()
    }

    /// Inside the dock: listens on its loopback, which no node and no pod reaches, and hands the socket out.
    func listen(through control: Int32) throws {
        let socket = FileDescriptor(
            owning: try check("socket") {
                Linux.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
        try check("listen on 127.0.0.1:\(port) of the dock") {
            clinux_listen(socket.raw, "127.0.0.1", port)
        }
        try check("send the socket") { clinux_send_descriptor(control, socket.raw, "listener") }
    }

    /// `dock forward`: the process on the host's side. One loop over all connections.
    public static func run(port: UInt16, control: Int32 = 3) throws -> Never {
        clinux_ignore_sigpipe()
        let listener = try check("receive the socket") { clinux_receive_descriptor(control) }
        var pipes: [OneWay] = []
        while true {
            var polled = [
                pollfd(fd: control, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            polled += pipes.map { pollfd(fd: $0.source, events: Int16(POLLIN), revents: 0) }
            try check("poll") { poll(&polled, nfds_t(polled.count), -1) }
            if polled[0].revents != 0 { exit(0) }  // the dock is gone
            for index in pipes.indices.reversed() where polled[index + 2].revents != 0 {
                if !pipes[index].carry() { pipes.remove(at: index) }
            }
            if polled[1].revents != 0 { pipes += accept(listener, port) }
        }
    }

    private static func accept(_ listener: Int32, _ port: UInt16) -> [OneWay] {
        let inside = clinux_accept(listener)
        guard inside >= 0 else { return [] }
        let outside = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard clinux_connect(outside, "127.0.0.1", port) == 0 else {
            close(inside)
            close(outside)
            return []
        }
        let both = Both(inside, outside)
        return [OneWay(inside, outside, both), OneWay(outside, inside, both)]
    }
}

/// The two sockets of a connection, closed when neither direction needs them any more.
private final class Both {
    private let first: Int32
    private let second: Int32
    init(_ first: Int32, _ second: Int32) { (self.first, self.second) = (first, second) }
    deinit {
        close(first)
        close(second)
    }
}

/// One direction of a forwarded connection.
private struct OneWay {
    let source: Int32
    let target: Int32
    let sockets: Both

    init(_ source: Int32, _ target: Int32, _ sockets: Both) {
        (self.source, self.target, self.sockets) = (source, target, sockets)
    }

    /// Moves what is there. False at the end: the other side is then told that nothing more comes.
    func carry() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let got = read(source, &buffer, buffer.count)
        var sent = 0
        while sent < got {
            let wrote = buffer[sent..<got].withUnsafeBytes {
                write(target, $0.baseAddress, $0.count)
            }
            if wrote <= 0 { break }
            sent += wrote
        }
        if got > 0 && sent == got { return true }
        shutdown(target, Int32(SHUT_WR))
        return false
    }
}
