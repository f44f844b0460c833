import Linux

/// The loop: one poll(2), then whatever is ready, then a slice of burning.
struct Server: ~Copyable {
    private let settings: Settings
    /// -1, which poll(2) passes over, once nobody is taken any more.
    private var listener: Int32
    private let signals: Signals
    private var connections: [Connection] = []
    /// When draining ends, in monotonic milliseconds; nil while nobody has asked for it.
    private var drainEnd: Int?
    private(set) var answered = 0

    /// Burning is done in slices, so that a burning request holds up no other.
    static let burnSliceNanoseconds = 2_000_000
    /// What was begun before draining ended may take this long.
    static let finishMilliseconds = 10_000

    init(_ settings: Settings, listener: consuming FileDescriptor, signals: consuming Signals) {
        self.settings = settings
        self.listener = listener.release()
        self.signals = signals
    }

    private var isDraining: Bool { drainEnd != nil }

    /// Serves until it has drained.
    mutating func run() throws {
        while true {
            try waitAndServe()
            burnOneSlice()
            let now = Clock.monotonicMilliseconds()
            connections.removeAll { $0.isClosed || ($0.lingersUntil.map { now >= $0 } ?? false) }
            if let drainEnd, now >= drainEnd, try finish(now, drainEnd) { return }
        }
    }

    private mutating func waitAndServe() throws {
        var polled = [pollfd(fd: signals.descriptor.raw, events: Int16(POLLIN), revents: 0)]
        polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        polled += connections.map { pollfd(fd: $0.descriptor.raw, events: $0.interest, revents: 0) }
        try check("poll") { poll(&polled, nfds_t(polled.count), timeout()) }
        let now = Clock.monotonicMilliseconds()
        if polled[0].revents != 0, signals.takeEnd(), drainEnd == nil {
            drainEnd = now + settings.drainMilliseconds
            printError("web: told to end: serving for \(settings.drainMilliseconds) ms more")
        }
        for (connection, state) in zip(connections, polled.dropFirst(2)) where state.revents != 0 {
            if state.revents & Int16(POLLOUT) != 0 { connection.send() } else { connection.read() }
            serve(connection, now)
        }
        if polled[1].revents != 0 { acceptAll() }
    }

    /// Milliseconds that poll(2) may wait: none while something burns.
    private func timeout() -> Int32 {
        if connections.contains(where: { $0.burning != nil }) { return 0 }
        if isDraining || connections.contains(where: { $0.lingersUntil != nil }) { return 20 }
        return -1
    }

    private mutating func acceptAll() {
        while let client = accept(listener) { connections.append(Connection(client)) }
    }

    private mutating func serve(_ connection: Connection, _ now: Int) {
        while true {
            switch connection.nextRequest() {
            case .incomplete: return
            case .refused(let status):
                connection.reply(
                    Answer(status, "\(status)\n", closes: true), headOnly: false, now: now)
            case .request(let request, _):
                let answer = Answer(
                    to: request, version: settings.version, podName: settings.podName,
                    draining: isDraining)
                connection.reply(answer, headOnly: request.method == "HEAD", now: now)
            }
            answered += 1
        }
    }

    /// Uses up a little processor time for the client that burns the longest, and moves it to the
    /// end.
    private mutating func burnOneSlice() {
        guard let index = connections.firstIndex(where: { $0.burning != nil }) else { return }
        let connection = connections.remove(at: index)
        connections.append(connection)
        let start = processorNanoseconds()
        var used = 0
        while used < Self.burnSliceNanoseconds { used = processorNanoseconds() - start }
        let now = Clock.monotonicMilliseconds()
        connection.burned(nanoseconds: used, draining: isDraining, now: now)
        if connection.burning == nil { serve(connection, now) }
    }

    /// Takes no more, lets what was begun end. True when nothing is left, or nothing can be waited
    /// for any more.
    private mutating func finish(_ now: Int, _ drainEnd: Int) throws -> Bool {
        if listener >= 0 {
            // Who is in the queue has connected, and would be reset.
            acceptAll()
            close(listener)
            listener = -1
            return false
        }
        let grace = Connection.lingerMilliseconds / 5
        if now >= drainEnd + grace { connections.removeAll { $0.isIdle && $0.lingersUntil == nil } }
        return connections.isEmpty || now >= drainEnd + Self.finishMilliseconds
    }
}

/// This thread's processor time, which stands still while others run or the cgroup is throttled.
func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
