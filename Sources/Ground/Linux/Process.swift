import CLinux

/// A child process of this one.
public struct Child: Sendable {
    public let pid: pid_t

    public init(pid: pid_t) { self.pid = pid }

    /// How a process ended.
    public enum Ending: Hashable, Sendable, Codable, CustomStringConvertible {
        case exited(Int32)
        case signaled(Int32)

        public init(status: Int32) {
            self =
                clinux_exited(status) != 0
                ? .exited(clinux_exit_status(status)) : .signaled(clinux_term_signal(status))
        }
        public var succeeded: Bool { self == .exited(0) }
        /// The number a shell shows: the exit status, or 128 and the signal.
        public var code: Int32 {
            switch self {
            case .exited(let status): status
            case .signaled(let signal): 128 + signal
            }
        }
        public var description: String {
            switch self {
            case .exited(let status): "exited with status \(status)"
            case .signaled(let signal):
                "killed by signal \(signal) (\(String(cString: strsignal(signal))))"
            }
        }
    }

    /// posix_spawn(3): starts `path` with exactly the descriptors named here and no others.
    /// - Parameters:
    ///   - arguments: argv, the program's own name first.
    ///   - environment: `NAME=value` strings; nil hands down this process's own.
    ///   - descriptors: which descriptor of this process becomes which of the child (`[1: log.raw]`).
    ///     What is not named among 0, 1 and 2 is /dev/null.
    public static func spawn(
        _ path: String, _ arguments: [String], environment: [String]? = nil,
        descriptors: [Int32: Int32] = [:], directory: String? = nil, newSession: Bool = false
    ) throws(SystemError) -> Child {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let directory { clinux_spawn_in(&actions, directory) }
        for standard: Int32 in 0...2 where descriptors[standard] == nil {
            posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
        }
        // Sources are first moved out of the way, so that swapping descriptors works.
        var parked: [Int32] = []
        defer { for descriptor in parked { close(descriptor) } }
        for (target, source) in descriptors.sorted(by: { $0.key < $1.key }) {
            let spare = try check("dup") { clinux_fcntl(source, F_DUPFD_CLOEXEC, 64) }
            parked.append(spare)
            posix_spawn_file_actions_adddup2(&actions, spare, target)
        }
        // A library may have opened some without O_CLOEXEC, NIO its sockets: a listening socket that a child keeps
        // would block its port for as long as that child lives.
        let last = max(2, descriptors.keys.max() ?? 2)
        for other in 3..<max(3, last) where descriptors[other] == nil {
            posix_spawn_file_actions_addclose(&actions, other)
        }
        clinux_spawn_close_from(&actions, last + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        resetSignals(&attributes, newSession: newSession)

        var pid: pid_t = 0
        let failure = withCStrings(arguments) { argv in
            if let environment {
                withCStrings(environment) {
                    posix_spawnp(&pid, path, &actions, &attributes, argv, $0)
                }
            } else {
                posix_spawnp(&pid, path, &actions, &attributes, argv, clinux_environ())
            }
        }
        guard failure == 0 else { throw SystemError("start \(path)", Errno(rawValue: failure)) }
        return Child(pid: pid)
    }

    /// A child starts with no signal blocked and none ignored, whatever this process does with its own.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t, newSession: Bool) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        if newSession {
            flags |= 0x80 /* POSIX_SPAWN_SETSID, which glibc hides behind _GNU_SOURCE */
        }
        posix_spawnattr_setflags(&attributes, flags)
    }

    /// waitpid(2).
    @discardableResult
    public func wait() throws(SystemError) -> Ending {
        var status: Int32 = 0
        try check("wait for process \(pid)") { waitpid(pid, &status, 0) }
        return Ending(status: status)
    }

    /// The ending if the process has ended, nil while it runs.
    public func poll() throws(SystemError) -> Ending? {
        var status: Int32 = 0
        let answer = try check("wait for process \(pid)") { waitpid(pid, &status, WNOHANG) }
        return answer == 0 ? nil : Ending(status: status)
    }

    /// kill(2). A process that is gone already is fine.
    public func signal(_ signal: Int32) { kill(pid, signal) }
}

/// Calls `body` with a NULL-terminated array of C strings.
public func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
}

/// Runs a program to its end and returns all it printed.
/// - Parameter input: what it reads on standard input.
public func capture(
    _ path: String, _ arguments: [String], input: [UInt8] = []
) throws(SystemError) -> (ending: Child.Ending, output: [UInt8], errors: [UInt8]) {
    let stdin = try Pipe()
    let stdout = try Pipe()
    let stderr = try Pipe()
    let child = try Child.spawn(
        path, arguments,
        descriptors: [0: stdin.read.raw, 1: stdout.write.raw, 2: stderr.write.raw])
    let result = try pump(
        input, into: stdin.intoWrite().release(), stdout.intoRead().release(),
        stderr.intoRead().release())
    return (try child.wait(), result.output, result.errors)
}

/// Feeds one pipe and drains two, whichever is ready, so that none of the three can block the others.
private func pump(
    _ input: [UInt8], into inputEnd: Int32, _ outputEnd: Int32, _ errorEnd: Int32
) throws(SystemError) -> (output: [UInt8], errors: [UInt8]) {
    var rest = input[...]
    var collected: [[UInt8]] = [[], []]
    var polled = [
        pollfd(fd: inputEnd, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: outputEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errorEnd, events: Int16(POLLIN), revents: 0),
    ]
    func shut(_ index: Int) {
        close(polled[index].fd)
        polled[index].fd = -1
    }
    clinux_ignore_sigpipe()
    if rest.isEmpty { shut(0) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    while polled.contains(where: { $0.fd >= 0 }) {
        try check("poll") { poll(&polled, nfds_t(polled.count), -1) }
        if polled[0].fd >= 0, polled[0].revents != 0 {
            let wrote = rest.prefix(4096).withUnsafeBytes {
                write(polled[0].fd, $0.baseAddress, $0.count)
            }
            rest = wrote < 0 ? [] : rest.dropFirst(wrote)
            if rest.isEmpty { shut(0) }
        }
        for index in 1...2 where polled[index].fd >= 0 && polled[index].revents != 0 {
            let got = read(polled[index].fd, &buffer, buffer.count)
            if got <= 0 { shut(index) } else { collected[index - 1] += buffer[..<got] }
        }
    }
    return (collected[0], collected[1])
}
