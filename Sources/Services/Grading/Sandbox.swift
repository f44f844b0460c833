import Contract
import JSON
import Linux

/// A throwaway place to act in: PID, mount, network, UTS and IPC namespaces of its own, private mounts, a /proc
/// that agrees, and one empty directory. What a student's mistake does in it never reaches the host, and all of
/// it goes when the sandbox goes, whatever still runs in there.
///
///     let names = try Sandbox.run { sandbox in
///         try Files.list(sandbox.directory)
///     }
///
/// The body runs in a child of this process (one thread, no exec), so it can use what is in reach: a part that
/// it asks is started in the sandbox too. Only what it returns or throws comes back. Root makes the namespaces
/// as he is; an ordinary user in a user namespace in which he is root.
public struct Sandbox {
    /// An empty directory on a tmpfs of its own.
    public let directory: String

    /// Whether a user namespace was needed: then root is the only id there is.
    public var isConfined: Bool { Self.isConfined }
    private static var isConfined: Bool { geteuid() != 0 || ownMapIsSmall }
    private static var ownMapIsSmall: Bool {
        let map = (try? Files.readText("/proc/self/uid_map")) ?? ""
        return map.split { $0 == " " || $0 == "\n" } != ["0", "0", "4294967295"]
    }

    /// Runs `body` in a new sandbox.
    /// - Parameters:
    ///   - timeLimitMilliseconds: after it, everything in the sandbox is killed.
    ///   - letGo: called when all in the sandbox has been told to die, before that is waited for: what is frozen
    ///     has to be thawed for it.
    ///   - body: its result is carried over as JSON. `Failed` and `PartFailure` come back as they were thrown;
    ///     other errors as `SandboxError`.
    /// - Throws: `SandboxError` where there can be no sandbox; `Failed` when the time is up.
    public static func run<Value: Codable>(
        timeLimitMilliseconds: Int = 8000, letGo: () -> Void = {},
        _ body: (Sandbox) throws -> Value
    ) throws -> Value {
        let directory = try makeDirectory()
        defer { rmdir(directory) }
        let report = try Pipe()
        let gate = try Pipe()
        var flags: CloneFlags = [.newPID, .newMount, .newNetwork, .newUTS, .newIPC]
        if geteuid() != 0 { flags.insert(.newUser) }
        let outside = (uid: geteuid(), gid: getegid())
        let pid = try check("make namespaces \(flags)") {
            clinux_clone(UInt64(UInt32(bitPattern: flags.rawValue)))
        }
        if pid == 0 {
            beFirst(
                flags, outside, directory, gate.read.raw, gate.write.raw, report.write.raw, body)
        }
        defer {
            kill(pid, SIGKILL)
            letGo()
            _ = try? Child(pid: pid).wait()
        }
        try gate.write.write([1])
        return try Outcome.read(
            from: report.intoRead(), withinMilliseconds: timeLimitMilliseconds)
    }

    /// The same for a body that returns nothing.
    public static func run(
        timeLimitMilliseconds: Int = 8000, letGo: () -> Void = {},
        _ body: (Sandbox) throws -> Void
    ) throws {
        _ = try run(timeLimitMilliseconds: timeLimitMilliseconds, letGo: letGo) { sandbox -> Done in
            try body(sandbox)
            return Done()
        }
    }

    /// Why there can be no sandbox here, and what to do about it; nil where there can.
    public static func lack() -> String? {
        do {
            try run { _ in }
            return nil
        } catch {
            return
                "namespaces can't be made here (\(error)): run as root, or allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
        }
    }

    /// Its name is the same for every sandbox of one judge, so that a failure reads alike both times.
    private static func makeDirectory() throws -> String {
        let base = "\(environmentVariable("TMPDIR") ?? "/tmp")/drydock-\(getpid())"
        for number in 0..<100 {
            let path = number == 0 ? base : "\(base)-\(number)"
            if mkdir(path, 0o755) == 0 { return path }
            let errno = Errno.current
            if errno != .exists { throw SystemError("mkdir \(path)", errno) }
        }
        throw SystemError("mkdir \(base)", .exists)
    }

    /// Process 1 of the sandbox: makes its mounts its own, has a child run the body, lays the dead to rest.
    private static func beFirst<Value: Codable>(
        _ flags: CloneFlags, _ outside: (uid: uid_t, gid: gid_t), _ directory: String,
        _ gate: Int32, _ otherEnd: Int32, _ report: Int32, _ body: (Sandbox) throws -> Value
    ) -> Never {
        VerdictStream.forget()
        // What the check looks at in /proc belongs to whoever looks: there is nothing in here to hide.
        _ = clinux_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        close(otherEnd)
        var byte: UInt8 = 0
        // Nothing comes where who made this has died meanwhile.
        guard read(gate, &byte, 1) == 1 else { clinux_exit_now(1) }
        close(gate)
        var outcome: Outcome<Value>?
        do {
            setsid()
            if flags.contains(.newUser) {
                try Files.write("deny", to: "/proc/self/setgroups")
                try Files.write("0 \(outside.uid) 1", to: "/proc/self/uid_map")
                try Files.write("0 \(outside.gid) 1", to: "/proc/self/gid_map")
                try Credentials.become(uid: 0, gid: 0, groups: nil)
            }
            _ = clinux_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
            try mountOwn(directory)
            let child = try check("fork") { clinux_fork() }
            if child == 0 {
                Outcome { try body(Sandbox(directory: directory)) }.write(to: report)
                clinux_exit_now(0)
            }
            while try check("wait", { waitpid(-1, nil, 0) }) != child {}
        } catch { outcome = .kit("\(error)") }
        outcome?.write(to: report)
        clinux_exit_now(0)
    }

    private static func mountOwn(_ directory: String) throws {
        let kernel = RealKernel()
        try kernel.mount("none", "/", nil, [.recursive, .private])
        try kernel.mount("tmpfs", directory, "tmpfs", [.noSUID, .noDevices], "mode=755,size=64m")
        try kernel.mount("proc", "/proc", "proc", [.noSUID, .noDevices, .noExecute])
        try kernel.chdir(directory)
        // The judge's verdicts go to standard output: nobody in here writes between them.
        let null = try FileDescriptor.open("/dev/null", O_RDWR)
        for standard: Int32 in 0...1 { dup2(null.raw, standard) }
    }
}

/// What can't be had or went wrong in a sandbox, and is nobody's answer.
public struct SandboxError: Error, CustomStringConvertible {
    public let description: String
}

extension Requirement {
    /// Namespaces can be made, as root or in a user namespace.
    public static let sandbox = Requirement { Sandbox.lack() }
}
