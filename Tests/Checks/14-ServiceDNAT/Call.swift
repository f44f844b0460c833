import Linux

/// A connection that somebody opens, and what he hears. It is on its way as soon as it is made.
final class Call {
    enum Ending: Equatable {
        /// Who answered, and whom he saw calling.
        case answered(by: String, seeing: String)
        case refused
        case silence(String)
    }
    private let connection: Int32
    private let end: Int
    /// Enough for a loaded machine; only what never comes takes so long.
    private static let patienceMilliseconds = 4000

    /// - Parameter who: the namespace it comes from; nil for the node's own.
    init(from who: String?, to address: String, _ port: Int) throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        connection = try within(who) { try check("socket") { socket(AF_INET, kind, 0) } }
        end = Clock.monotonicMilliseconds() + Self.patienceMilliseconds
        _ = clinux_connect(connection, address, UInt16(port))
    }

    deinit { close(connection) }

    /// Waits until it is clear how the call ends.
    private(set) lazy var ending: Ending = {
        guard wait(for: POLLOUT) else { return .silence("no answer") }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size)
        if error == ECONNREFUSED { return .refused }
        if error != 0 { return .silence("\(Errno(rawValue: error))") }
        let words = line().split(separator: " ").map(String.init)
        return words.count == 2
            ? .answered(by: words[0], seeing: words[1])
            : .silence("connected, but nobody said anything")
    }()

    /// Says something and tells whether it came back.
    func isAlive() -> Bool {
        guard case .answered = ending else { return false }
        let words = Array("still here\n".utf8)
        return send(connection, words, words.count, Int32(MSG_NOSIGNAL)) == words.count
            && line() == "still here"
    }

    private func wait(for events: Int32) -> Bool {
        var polled = pollfd(fd: connection, events: Int16(events), revents: 0)
        // A later word on an old call gets its time too.
        let left = max(1000, end - Clock.monotonicMilliseconds())
        return poll(&polled, 1, Int32(left)) > 0
    }

    private func line() -> String {
        var (bytes, byte): ([UInt8], UInt8) = ([], 0)
        while wait(for: POLLIN), read(connection, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
