import Linux

/// A connection that somebody opened, and what he heard.
final class Call {
    enum Ending: Equatable {
        /// Who answered, and whom he saw calling.
        case answered(by: String, seeing: String)
        case refused
        case silence(String)
    }
    let ending: Ending
    private let connection: Int32

    /// - Parameter who: the namespace it comes from; nil for the node's own.
    init(from who: String?, to address: String, _ port: Int) throws {
        let raw = try within(who) {
            try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        }
        connection = raw
        // Enough for a loaded machine; only what never comes takes so long.
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        for side in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(raw, SOL_SOCKET, side, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard clinux_connect(raw, address, UInt16(port)) == 0 else {
            let errno = Errno.current
            ending =
                errno.rawValue == ECONNREFUSED
                ? .refused
                : .silence(errno.rawValue == EINPROGRESS ? "no answer within 3 s" : "\(errno)")
            return
        }
        let words = Self.line(from: raw).split(separator: " ").map(String.init)
        ending =
            words.count == 2
            ? .answered(by: words[0], seeing: words[1])
            : .silence("connected, but nobody said anything")
    }

    deinit { close(connection) }

    /// Says something and tells whether it came back.
    func isAlive() -> Bool {
        let words = Array("still here\n".utf8)
        return send(connection, words, words.count, Int32(MSG_NOSIGNAL)) == words.count
            && Self.line(from: connection) == "still here"
    }

    private static func line(from connection: Int32) -> String {
        var (bytes, byte): ([UInt8], UInt8) = ([], 0)
        while read(connection, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
