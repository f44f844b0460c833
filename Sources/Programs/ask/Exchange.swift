import Linux

/// One request over one connection, moved on whenever its socket is ready.
struct Exchange {
    enum Outcome {
        /// The body, without its newline.
        case answered(String)
        case failed(String)
    }

    let socket: Int32
    let startedAt: Int
    private(set) var outcome: Outcome?
    private var request: ArraySlice<UInt8>
    private var received: [UInt8] = []

    /// Which readiness moves it on: poll(2)'s events.
    var waitsFor: Int16 { Int16(request.isEmpty ? POLLIN : POLLOUT) }

    init(_ options: Options, now: Int) throws(SystemError) {
        startedAt = now
        request =
            Array(
                "GET \(options.path) HTTP/1.1\r\nHost: \(options.host)\r\nConnection: close\r\n\r\n"
                    .utf8
            )[...]
        socket = try check("socket") {
            CLinux.socket(
                AF_INET,
                Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        }
        if clinux_connect(socket, options.host, options.port) == -1 {
            let errno = Errno.current
            if errno.rawValue != EINPROGRESS {
                close(socket)
                throw SystemError("connect", errno)
            }
        }
    }

    mutating func proceed() {
        if !request.isEmpty {
            let sent = request.withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
            if sent < 0 { return failUnlessWaiting("connect") }
            request = request.dropFirst(sent)
            return
        }
        var buffer = [UInt8](repeating: 0, count: 16384)
        let got = read(socket, &buffer, buffer.count)
        if got < 0 { return failUnlessWaiting("read") }
        received += buffer[..<got]
        if got == 0 { conclude() }
    }

    mutating func fail(_ why: String) { outcome = .failed(why) }

    private mutating func failUnlessWaiting(_ call: String) {
        let errno = Errno.current
        if errno != .tryAgain { fail("\(call): \(errno)") }
    }

    /// The server has closed: what it sent must be a whole 200.
    private mutating func conclude() {
        let text = String(decoding: received, as: UTF8.self)
        guard let split = text.range(of: "\r\n\r\n") else {
            return fail(received.isEmpty ? "closed without an answer" : "half an answer")
        }
        let status = text.prefix { $0 != "\r\n" && $0 != "\r" }
        guard status.hasPrefix("HTTP/1.1 200") else { return fail("answered \(status)") }
        let body = text[split.upperBound...]
        outcome = .answered(String(body.prefix { !$0.isNewline }))
    }
}

extension String {
    /// Where `pattern` first stands; Foundation has this, and is not here.
    func range(of pattern: String) -> Range<String.Index>? {
        let (text, pattern) = (Array(utf8), Array(pattern.utf8))
        guard text.count >= pattern.count else { return nil }
        for start in 0...(text.count - pattern.count)
        where text[start..<start + pattern.count].elementsEqual(pattern) {
            let lower = utf8.index(utf8.startIndex, offsetBy: start)
            return lower..<utf8.index(lower, offsetBy: pattern.count)
        }
        return nil
    }
}
