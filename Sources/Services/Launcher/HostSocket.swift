import Linux

/// A listening socket on the host's loopback, bound before the dock exists and handed into it: the one way
/// from the host's network into the dock's.
package struct HostSocket: ~Copyable {
    /// The number under which the dock and its API server inherit it.
    static let dockDescriptor: Int32 = 10

    let descriptor: FileDescriptor
    package let port: Int

    /// The preferred port of 127.0.0.1, or the next free one of the hundred above it.
    package static func bind(preferring first: Int) throws -> HostSocket {
        for port in first..<(first + 100) {
            let raw = try check("socket") {
                socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            }
            let descriptor = FileDescriptor(owning: raw)
            var one: Int32 = 1
            setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            if clinux_bind_loopback(raw, UInt16(port)) == 0 && listen(raw, 128) == 0 {
                return HostSocket(descriptor: descriptor, port: port)
            }
        }
        throw LauncherError("no free port on 127.0.0.1 from \(first) to \(first + 99)")
    }
}
