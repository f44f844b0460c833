import Contract
import Linux

/// Where a judged part runs: namespaces of its own with a root of a few read-only things, as somebody who owns nothing.
///
/// From in there no process is seen but the part's own, so none can be killed, traced or have its descriptors opened;
/// no file of the kit, of the reference or of other hand-ins can be read; there is no network, and what the part
/// starts ends with it. Where the machine allows no namespaces (root in a plain container), it is at least another
/// user; where it allows neither (an ordinary user without user namespaces), there is no cell.
///
/// The judge makes it by copying itself, as it does its sandboxes, and so has one thread. Of the copy, process 1
/// stays to lay the dead to rest and to say how the part ended; it never leaves the judge's program.
struct Cell {
    /// How much of a cell can be had.
    enum Wall: CaseIterable {
        /// Root, who makes namespaces as he is.
        case namespaces
        /// Anybody who may make a user namespace.
        case userNamespace
        /// Root who may make none.
        case user

        var flags: CloneFlags {
            let inside: CloneFlags = [.newPID, .newMount, .newNetwork, .newIPC, .newUTS]
            return switch self {
            case .namespaces: inside
            case .userNamespace: inside.union(.newUser)
            case .user: []
            }
        }
    }

    /// The user nobody. In a user namespace, he is whoever judges.
    static let nobody: UInt32 = 65534

    /// Process 1 of the cell, as the judge sees it.
    let child: Child
    /// Where process 1 leaves the wait status of the part.
    private let status: Int32

    /// There is no such cell here. The part has not been started.
    private struct NoCell: Error {}
    /// There is one, and the program can't be executed in it: nobody else would execute it either.
    fileprivate struct NotExecuted: Error { let errno: Errno }

    /// The wall that held the last time: what the machine refused once isn't tried again.
    nonisolated(unsafe) private static var walls = Wall.allCases[...]

    /// Starts a program in the best cell there is; nil where there is none.
    /// - Parameter descriptors: which descriptor of this process becomes which of the part's.
    static func start(
        _ path: String, environment: [String], descriptors: [Int32: Int32]
    ) throws(SystemError) -> Cell? {
        // A copy of a process with several threads may find a lock held by one that isn't there.
        guard (try? Files.list("/proc/self/task").count) == 1 else { return nil }
        // Found out before anything is copied: its absence is no fault of the cell.
        let program = try FileDescriptor.open(path)
        while let wall = walls.first {
            do {
                return try Cell(wall, program.raw, path, environment, descriptors)
            } catch let refused as NotExecuted {
                throw SystemError("start \(path)", refused.errno)
            } catch {
                walls = walls.dropFirst()
            }
        }
        return nil
    }

    private init(
        _ wall: Wall, _ program: Int32, _ path: String, _ environment: [String],
        _ descriptors: [Int32: Int32]
    ) throws {
        if wall == .user || wall == .namespaces, geteuid() != 0 { throw NoCell() }
        let report = try Pipe()
        let status = try Pipe()
        let outside = (uid: geteuid(), gid: getegid())
        let pid = try check("make a cell \(wall.flags)") {
            clinux_clone(UInt64(UInt32(bitPattern: wall.flags.rawValue)))
        }
        if pid == 0 {
            let cell = Inside(
                wall: wall, outside: outside, program: program, path: path,
                environment: environment, descriptors: descriptors, report: report.write.raw,
                status: status.write.raw)
            cell.run()
        }
        child = Child(pid: pid)
        // Nothing comes where the part was started: then its exec has closed the last writing end.
        let complaint = try report.intoRead().readToEnd()
        self.status = status.intoRead().release()
        guard let first = complaint.first else { return }
        close()
        kill(pid, SIGKILL)
        try child.wait()
        throw first == 0 ? NoCell() : NotExecuted(errno: Errno(rawValue: Int32(first))) as any Error
    }

    /// How the part ended, once process 1 has.
    func ending(of first: Child.Ending) -> Child.Ending {
        var word: Int32 = 0
        let got = read(status, &word, MemoryLayout<Int32>.size)
        return got == MemoryLayout<Int32>.size ? Child.Ending(status: word) : first
    }

    func close() { Linux.close(status) }
}

/// What happens in the copy of the judge that becomes the cell.
private struct Inside {
    let wall: Cell.Wall
    let outside: (uid: uid_t, gid: gid_t)
    let program: Int32
    let path: String
    let environment: [String]
    let descriptors: [Int32: Int32]
    let report: Int32
    let status: Int32

    /// Process 1: what is its own first, then the part, then nothing but waiting.
    func run() -> Never {
        do {
            _ = clinux_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
            // What loses its parent comes here, also where this is no process 1.
            _ = clinux_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            setsid()
            if wall == .userNamespace { try mapUser() }
            if wall != .user { try CellRoot.enter() }
            let part = try check("fork") { clinux_fork() }
            if part == 0 { try become() }
            watch(part)
        } catch {
            // One byte says it all: why nothing was executed, or 0 where it did not come so far.
            var word = UInt8(truncatingIfNeeded: (error as? Cell.NotExecuted)?.errno.rawValue ?? 0)
            _ = write(report, &word, 1)
            clinux_exit_now(1)
        }
    }

    /// Its files in /proc belong to root while a process can't be dumped, and it could not write them.
    private func mapUser() throws {
        _ = clinux_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        try Files.write("deny", to: "/proc/self/setgroups")
        try Files.write("\(Cell.nobody) \(outside.uid) 1", to: "/proc/self/uid_map")
        try Files.write("\(Cell.nobody) \(outside.gid) 1", to: "/proc/self/gid_map")
        _ = clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    }

    /// The part: nobody, with no way back, and with no descriptor but those that it is given.
    private func become() throws -> Never {
        if wall != .userNamespace {
            try Credentials.become(uid: Cell.nobody, gid: Cell.nobody, groups: [])
        }
        try Credentials.setNoNewPrivileges()
        try ResourceLimits.set("RLIMIT_CORE", soft: 0, hard: 0)
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        var byDefault = sigaction()
        sigaction(SIGPIPE, &byDefault, nil)
        // Out of the way first, so that none is overwritten before it is used.
        func spare(_ descriptor: Int32) throws -> Int32 {
            try check("dup") { clinux_fcntl(descriptor, F_DUPFD_CLOEXEC, 64) }
        }
        let (program, null) = (try spare(program), try spare(clinux_open("/dev/null", O_RDWR, 0)))
        let moved = try descriptors.mapValues(spare)
        for standard: Int32 in 0...2 { dup2(null, standard) }
        for (target, source) in moved { dup2(source, target) }
        _ = clinux_cloexec_from(UInt32((descriptors.keys.max() ?? 2) + 1))
        withCStrings([path]) { arguments in
            withCStrings(environment) { _ = fexecve(program, arguments, $0) }
        }
        throw Cell.NotExecuted(errno: .current)
    }

    /// Lays the dead to rest until the part is among them. Its end ends all in the cell.
    private func watch(_ part: pid_t) -> Never {
        dup2(status, 0)
        _ = clinux_close_from(1)
        var word: Int32 = 0
        while true {
            let ended = waitpid(-1, &word, 0)
            if ended == part { break }
            if ended < 0, Errno.current != .interrupted { clinux_exit_now(1) }
        }
        _ = write(0, &word, MemoryLayout<Int32>.size)
        clinux_exit_now(0)
    }
}
