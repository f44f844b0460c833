import Linux

/// Stays with one container from `RUNTIME create` to the end of its first process.
///
/// The order matters: become the reaper of orphans *before* the runtime starts, since the
/// container's first process is the runtime's child and falls to us when the runtime exits; read
/// the pipes to their end *before* the exit file is written, since whoever sees the exit file may
/// read the whole log.
final class Supervisor {
    private let options: Options
    private var log: LogFile
    private var framers = [LineFramer(stream: "stdout"), LineFramer(stream: "stderr")]
    /// The container's output and error pipe, our ends; -1 once closed.
    private var pipes: [Int32] = [-1, -1]
    private let signals: Int32
    /// Children that have ended, by pid: the container may be gone before the runtime has told us
    /// its pid.
    private var ended: [pid_t: Child.Ending] = [:]
    /// Locked as long as this process lives: how a kubelet that was restarted knows that it does.
    private let aliveLock: Int32

    init(_ options: Options) throws {
        self.options = options
        log = try LogFile(path: options.log, bytesMax: options.logBytesMax)
        aliveLock = try Self.lockedFile("\(options.bundle)/shim.lock")
        try check("become a subreaper") { clinux_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }
        signals = try Self.childSignals()
    }

    /// The file appears when it is locked already: whoever finds it and can lock it knows that its shim is dead.
    private static func lockedFile(_ path: String) throws(SystemError) -> Int32 {
        let new = "\(path).new"
        let lock = try FileDescriptor.open(new, O_RDWR | O_CREAT).release()
        try check("lock \(new)") { flock(lock, LOCK_EX | LOCK_NB) }
        try check("rename \(new) to \(path)") { rename(new, path) }
        return lock
    }

    /// SIGCHLD as something to poll for.
    private static func childSignals() throws(SystemError) -> Int32 {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGCHLD)
        sigprocmask(SIG_BLOCK, &set, nil)
        let flags = Int32(SFD_CLOEXEC | SFD_NONBLOCK)
        return try check("signalfd") { signalfd(-1, &set, flags) }
    }

    /// Runs `RUNTIME create`.
    /// - Returns: the pid of the container's first process.
    /// - Throws: `Refusal` with the runtime's own words when it would not create the container.
    func create() throws -> pid_t {
        let stdout = try Pipe()
        let stderr = try Pipe()
        let runtime = try Child.spawn(
            options.runtime,
            [
                options.runtime, "--root", options.root, "create", "--bundle", options.bundle,
                "--pid-file", options.pidFile, options.id,
            ],
            descriptors: [1: stdout.write.raw, 2: stderr.write.raw], directory: options.bundle)
        pipes = [stdout.intoRead().release(), stderr.intoRead().release()]
        for pipe in pipes { _ = clinux_fcntl(pipe, F_SETFL, O_NONBLOCK) }

        // What is said before the container exists is the runtime talking, on the container's
        // pipes.
        var said: [[UInt8]] = [[], []]
        while ended[runtime.pid] == nil { try wait { said[$0] += $1 } }
        drain { said[$0] += $1 }
        guard ended[runtime.pid]!.succeeded else {
            let words = String(decoding: said[1] + said[0], as: UTF8.self).trimmingNewlines
            let name = options.runtime.split(separator: "/").last ?? "runtime"
            throw Refusal(words.isEmpty ? "\(name) create: \(ended[runtime.pid]!)" : words)
        }
        ended[runtime.pid] = nil
        for index in 0...1 { write(index, said[index]) }
        let text = try Files.readText(options.pidFile).trimmingNewlines
        guard let pid = pid_t(text) else {
            throw Refusal("\(options.pidFile): the runtime wrote \"\(text)\", no pid")
        }
        return pid
    }

    /// Logs until the container's first process has ended; then writes the exit file.
    func stay(with pid: pid_t) throws {
        while ended[pid] == nil {
            var records: [(Int, [UInt8])] = []
            try wait { records.append(($0, $1)) }
            for (index, chunk) in records { write(index, chunk) }
        }
        var rest: [[UInt8]] = [[], []]
        drain { rest[$0] += $1 }
        var out: [UInt8] = []
        for index in 0...1 {
            framers[index].take(rest[index], time: Array(timestamp().utf8), into: &out)
            framers[index].finish(time: Array(timestamp().utf8), into: &out)
        }
        log.append(out)
        try writeExitFile(ended[pid]!)
    }

    private func write(_ index: Int, _ chunk: [UInt8]) {
        var out: [UInt8] = []
        framers[index].take(chunk, time: Array(timestamp().utf8), into: &out)
        if !out.isEmpty { log.append(out) }
    }

    /// Sleeps until something happened: output, which goes to `output`, or the end of a child.
    private func wait(_ output: (Int, [UInt8]) -> Void) throws {
        var polled = [
            pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0),
            pollfd(fd: pipes[1], events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        try check("poll") { poll(&polled, 3, -1) }
        for index in 0...1 where polled[index].revents != 0 { _ = readOnce(index, output) }
        if polled[2].revents != 0 { reap() }
    }

    private func reap() {
        var information = signalfd_siginfo()
        _ = read(signals, &information, MemoryLayout<signalfd_siginfo>.size)
        var status: Int32 = 0
        while case let pid = waitpid(-1, &status, WNOHANG), pid > 0 {
            ended[pid] = .init(status: status)
        }
    }

    /// Everything that is in the pipes now.
    private func drain(_ output: (Int, [UInt8]) -> Void) {
        for index in 0...1 { while readOnce(index, output) {} }
    }

    /// False when there is nothing to read, now or ever.
    private func readOnce(_ index: Int, _ output: (Int, [UInt8]) -> Void) -> Bool {
        guard pipes[index] >= 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let got = read(pipes[index], &buffer, buffer.count)
        if got > 0 {
            output(index, Array(buffer[..<got]))
            return true
        }
        let errno = Errno.current
        if got == 0 || (errno != .tryAgain && errno != .interrupted) {
            close(pipes[index])
            pipes[index] = -1
        }
        return false
    }

    /// Renamed into place, so that a reader sees all of it or nothing. No fsync: a machine that
    /// lost power has lost the container too.
    private func writeExitFile(_ ending: Child.Ending) throws {
        let signal = if case .signaled(let number) = ending { number } else { Int32(0) }
        let text = """
            {"exitCode":\(ending.code),"signal":\(signal),"finishedAt":"\(timestamp())"}\n
            """
        try Files.write(text, to: "\(options.exitFile).new")
        try check("rename to \(options.exitFile)") {
            rename("\(options.exitFile).new", options.exitFile)
        }
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
