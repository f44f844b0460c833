import Linux

/// Whether an etcd answers where `--store` says, asked before anything is booted on it: the API server would
/// wait for its store for as long as it takes.
package struct StoreProbe {
    let url: String

    package init(url: String) { self.url = url }
    /// How long an answer may take; a connection on this host is made or refused at once.
    static let secondsMax = 2

    /// - Throws: what keeps the cluster from running on this store, and what to do.
    package func check() throws {
        let raw = try Linux.check("socket") {
            socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        let connection = FileDescriptor(owning: raw)
        var patience = timeval(tv_sec: Self.secondsMax, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(raw, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let port = UInt16(url.split(separator: ":").last ?? "") ?? 0
        guard clinux_connect(raw, "127.0.0.1", port) == 0 else {
            let errno = Errno.current
            throw LauncherError(
                "--store \(url): no etcd can be reached there (connect: \(errno)): start it first, "
                    + "or leave --store away for the kit's own store")
        }
        guard answersAsHTTP2(connection) else {
            throw LauncherError(
                "--store \(url): something listens there, but it does not answer as etcd does "
                    + "(HTTP/2, without TLS)")
        }
    }

    /// RFC 9113, section 3.4: both sides begin with a SETTINGS frame, the client's after a preface.
    private func answersAsHTTP2(_ connection: borrowing FileDescriptor) -> Bool {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        let emptySettings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
        guard (try? connection.write(preface + emptySettings)) != nil,
            let answer = try? connection.read(upTo: 9)
        else { return false }
        return answer.count > 3 && answer[3] == 4
    }
}
