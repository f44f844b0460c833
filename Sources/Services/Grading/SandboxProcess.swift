import Contract
import Linux

/// A process that a check makes in order to look at it: a copy of this one that does something, says how it
/// went, and stays until it is let go, so that /proc/PID can be read in peace.
///
///     let process = try SandboxProcess(.newMount) { try part.enterRoot(setup, kernel: RealKernel()) }
///     try process.value()
///     let mounts = try Files.readText("/proc/\(process.pid)/mountinfo")
///
/// Meant for inside a `Sandbox`. It is killed when the value goes.
public final class SandboxProcess<Value: Codable> {
    /// The process as this one sees it. Where the body forks, that is the parent of who goes on.
    public let pid: pid_t
    private let outcome: Int32
    private let gate: Int32
    private var answer: Value?

    /// Makes the process; it waits until `value` or `begin` is called.
    /// - Parameters:
    ///   - flags: the namespaces that it is born into.
    public init(_ flags: CloneFlags = [], _ body: () throws -> Value) throws {
        let report = try Pipe()
        let gate = try Pipe()
        pid = try check("make a process \(flags)") {
            clinux_clone(UInt64(UInt32(bitPattern: flags.rawValue)))
        }
        if pid == 0 {
            close(gate.write.raw)
            _ = clinux_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
            var byte: UInt8 = 0
            guard read(gate.read.raw, &byte, 1) == 1 else { clinux_exit_now(1) }
            Outcome(body).write(to: report.write.raw)
            _ = read(gate.read.raw, &byte, 1)
            clinux_exit_now(0)
        }
        outcome = report.intoRead().release()
        self.gate = gate.intoWrite().release()
    }

    deinit {
        close(gate)
        close(outcome)
        kill(pid, SIGKILL)
        _ = try? Child(pid: pid).wait()
    }

    /// Lets it start with its body, without waiting for how that goes.
    public func begin() {
        var byte: UInt8 = 1
        _ = write(gate, &byte, 1)
    }

    /// Lets it run its body, if it hasn't begun, and waits for what comes of it.
    /// - Throws: what the body threw; `Failed` when the time is up or the process died.
    @discardableResult
    public func value(hasBegun: Bool = false, withinMilliseconds limit: Int = 6000) throws -> Value
    {
        if let answer { return answer }
        if !hasBegun { begin() }
        let copy = FileDescriptor(
            owning: try check("dup") { clinux_fcntl(outcome, F_DUPFD_CLOEXEC, 3) })
        let value = try Outcome<Value>.read(from: copy, withinMilliseconds: limit)
        answer = value
        return value
    }
}
