import Linux

/// One client. It is read, answered and closed without ever blocking.
final class Connection {
    let descriptor: FileDescriptor
    private var received: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    /// The answer that waits for its burning.
    private(set) var burning: (answer: Answer, nanosecondsLeft: Int)?
    private enum End {
        case open
        /// Everything was said, and our side is shut once it is sent; what the client still sends
        /// is thrown away.
        case closing
        case closed
    }
    private var end = End.open
    /// When the connection is given up even though the client hasn't closed it, in monotonic
    /// milliseconds.
    private(set) var lingersUntil: Int?

    static let lingerMilliseconds = 1000

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    var isClosed: Bool { end == .closed }
    /// Nothing of this client is being worked on.
    var isIdle: Bool { burning == nil && unsent.isEmpty && received.isEmpty }

    var interest: Int16 {
        if !unsent.isEmpty { return Int16(POLLOUT) }
        // Nothing is read while a request burns: the next one waits in the kernel.
        return burning == nil ? Int16(POLLIN) : 0
    }

    /// Reads what has come. A client that has closed is closed too.
    func read() {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let got = CLinux.read(descriptor.raw, &buffer, buffer.count)
        let errno = Errno.current
        if got > 0 {
            if end == .open { received += buffer[..<got] }
        } else if got == 0 || (errno != .tryAgain && errno != .interrupted) {
            end = .closed
        }
    }

    /// The next whole request, taken from what was received.
    func nextRequest() -> Request.Parsed {
        guard end == .open, burning == nil, unsent.isEmpty else { return .incomplete }
        let parsed = Request.parse(received)
        if case .request(_, let length) = parsed { received.removeFirst(length) }
        return parsed
    }

    func reply(_ answer: Answer, headOnly: Bool, now: Int) {
        if answer.burnMilliseconds > 0 {
            var later = answer
            later.burnMilliseconds = 0
            burning = (later, answer.burnMilliseconds * 1_000_000)
            return
        }
        unsent = answer.bytes(headOnly: headOnly)[...]
        if answer.closes {
            end = .closing
            received = []
            lingersUntil = now + Self.lingerMilliseconds
        }
        send()
    }

    /// Counts processor time that was used up for this client, and answers when it is enough.
    func burned(nanoseconds: Int, draining: Bool, now: Int) {
        guard var (answer, left) = burning else { return }
        left -= nanoseconds
        burning = left > 0 ? (answer, left) : nil
        guard left <= 0 else { return }
        answer.closes = answer.closes || draining
        reply(answer, headOnly: false, now: now)
    }

    func send() {
        while !unsent.isEmpty {
            let sent = unsent.withUnsafeBytes { write(descriptor.raw, $0.baseAddress, $0.count) }
            let errno = Errno.current
            if sent < 0 {
                if errno == .interrupted { continue }
                if errno != .tryAgain { end = .closed }
                return
            }
            unsent = unsent.dropFirst(sent)
        }
        // close(2) with unread bytes would send a reset, which may overtake the answer.
        if end == .closing { shutdown(descriptor.raw, Int32(SHUT_WR)) }
    }
}
