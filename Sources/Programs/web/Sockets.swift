import Linux

/// A listening socket on every IPv4 address.
func listen(port: UInt16) throws -> FileDescriptor {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let raw = try check("socket") { socket(AF_INET, kind, 0) }
    let listener = FileDescriptor(owning: raw)
    var yes: Int32 = 1
    try check("setsockopt") { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(4)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    try check("bind port \(port)") {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
    try check("listen on port \(port)") { CLinux.listen(raw, 1024) }
    return listener
}

/// The port that a socket is bound to: the kernel's choice where 0 was asked for.
func boundPort(_ socket: borrowing FileDescriptor) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let raw = socket.raw
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getsockname(raw, $0, &size)
        }
    }
    return UInt16(bigEndian: address.sin_port)
}

/// A connection that is waiting, nil when none is; it never blocks.
func accept(_ listener: Int32) -> FileDescriptor? {
    let raw = clinux_accept_nonblocking(listener)
    if raw < 0 { return nil }
    var yes: Int32 = 1
    setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(4))
    return FileDescriptor(owning: raw)
}

/// SIGTERM, SIGINT and SIGCHLD as something to poll. Process 1 of a namespace gets no signal that
/// it does not ask for.
struct Signals: ~Copyable {
    let descriptor: FileDescriptor

    init() throws {
        clinux_ignore_sigpipe()
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for signal in [SIGTERM, SIGINT, SIGCHLD] { sigaddset(&wanted, signal) }
        sigprocmask(SIG_BLOCK, &wanted, nil)
        descriptor = FileDescriptor(
            owning: try check("signalfd") {
                signalfd(-1, &wanted, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
            })
    }

    /// Takes what has come; true if it was the wish that this process end. Reaps what was orphaned
    /// to it.
    func takeEnd() -> Bool {
        var info = signalfd_siginfo()
        var end = false
        while read(descriptor.raw, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
            if info.ssi_signo == UInt32(SIGCHLD) {
                while waitpid(-1, nil, WNOHANG) > 0 {}
            } else {
                end = true
            }
        }
        return end
    }
}
