import ContractRuntime
import Linux

/// The container's process between clone(2) and execve(2): carries out the steps that part 05 has
/// ordered.
///
/// Runs in the child of a process with one thread. Whatever fails is said over the pipe to the
/// parent.
struct ContainerProcess {
    let spec: ContainerSpec
    let process: ProcessSpec
    let parts: RuntimeParts
    let steps: [SetupStep]
    let root: RootPlan?
    /// Open for writing; each takes the process into one cgroup.
    let memberFiles: [Int32]
    /// To the parent: one byte when ready, or what failed.
    let report: Int32
    /// From the parent: one byte, once this process is on record and its id maps are written.
    let parentIsReady: Int32
    /// The parent's ends of these pipes: as long as they are open here too, nobody sees the parent end.
    let parentEnds: [Int32]
    /// A FIFO from which one byte is read before the program starts; nil starts at once.
    let startGate: Int32?
    /// A connected unix socket that takes the terminal's master.
    let consoleSocket: Int32?
    /// In a user namespace other than the machine's first: no device nodes, no privilege over the
    /// machine.
    let isConfined: Bool
    /// Descriptors from here on are closed by the exec.
    let firstPrivateDescriptor: UInt32

    let kernel = RealKernel()

    /// Does not return: the process becomes the program, or ends.
    func run() -> Never {
        do {
            for end in parentEnds { close(end) }
            dieWithParent(true)
            // The parent may have ended before that.
            var polled = pollfd(fd: report, events: 0, revents: 0)
            if poll(&polled, 1, 0) != 0 { clinux_exit_now(1) }
            setsid()
            umask(0o022)
            // While every system call is allowed still: a filter need not know this one.
            try check("close_range") { clinux_cloexec_from(firstPrivateDescriptor) }
            try hideFromNeighbours()
            try runSteps()
        } catch {
            tell("E\(error)")
        }
        clinux_exit_now(127)
    }

    /// Until the container is on record and ready, nobody but the parent knows of this process: it must not be left
    /// where the parent is killed. A change of credentials takes the wish back, so it is made again after each step.
    private func dieWithParent(_ wanted: Bool) {
        _ = clinux_prctl(PR_SET_PDEATHSIG, wanted ? UInt(SIGKILL) : 0, 0, 0, 0)
    }

    /// In namespaces that others live in, one of them could look into this process through /proc/PID, at what it has
    /// open of the host.
    private func hideFromNeighbours() throws {
        let namespaces = spec.linux?.namespaces ?? []
        if namespaces.contains(where: { $0.path != nil }),
            !namespaces.contains(where: { $0.type == .user && $0.path == nil })
        {
            try check("prctl PR_SET_DUMPABLE") { clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) }
        }
    }

    private func tell(_ text: String) {
        _ = text.utf8CString.withUnsafeBytes { write(report, $0.baseAddress, $0.count - 1) }
    }

    /// From the last filter on, nothing is called but execve(2): all that it needs is made before.
    private func runSteps() throws {
        let wait = steps.firstIndex(of: .waitForStart) ?? 0
        for step in steps[..<wait] {
            do { try perform(step) } catch { throw RuntimeFailure("\(step.words): \(error)") }
            dieWithParent(true)
        }
        let program = try findProgram()
        if let profile = process.apparmorProfile, !profile.isEmpty {
            try ProcFiles().write(procPath("self/attr/exec"), "exec \(profile)")
        }
        let late = steps[wait...].contains(.loadSeccomp)
        let filter = late ? try spec.linux?.seccomp.map(filter) : nil
        if !steps.contains(.becomeRoot) { try waitForParent() }
        dieWithParent(false)
        try waitForStart()
        do {
            for step in steps[wait...] { try perform(step) }
            try execute(program, filter)
        } catch {
            guard startGate != nil else { throw error }
            // Who listened has gone: this is the container's own last word.
            let line = Array("runtime: \(error)\n".utf8)
            _ = write(2, line, line.count)
        }
    }

    private func execute(_ program: String, _ filter: SeccompFilter?) throws {
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        let errno = withCStrings(process.args ?? []) { argv in
            withCStrings(environment) { envp in
                if let filter, filter.load() == -1 { return Errno.current }
                _ = clinux_execve(program, argv, envp)
                return Errno.current
            }
        }
        throw RuntimeFailure("exec: \"\(program)\": \(errno)")
    }

    private func filter(_ profile: SeccompProfile) throws -> SeccompFilter {
        try SeccompFilter(parts.runtime.seccompRules(profile), flags: profile.flags ?? [])
    }

    private func waitForStart() throws {
        guard let startGate else { return }
        tell("R")
        var byte: UInt8 = 0
        try check("wait for start") { read(startGate, &byte, 1) }
    }

    private func perform(_ step: SetupStep) throws {
        let linux = spec.linux
        switch step {
        case .enterControlGroups: try enterControlGroups()
        case .joinNamespaces:
            let requests = (linux?.namespaces ?? []).filter {
                $0.path != nil && $0.type != .pid && $0.type != .user
            }
            try parts.namespaces.join(requests, kernel: kernel)
            // Another process of a container: it has a root already.
            if requests.contains(where: { $0.type == .mount }) { try NullDevice.replaceTheHosts() }
        case .becomeRoot: try becomeRoot()
        case .newControlGroupNamespace: try kernel.unshare(.newCgroup)
        case .setHostname: try setNames()
        case .raiseLoopback: try parts.namespaces.raiseLoopback(kernel: kernel)
        case .enterRoot: try enterRoot()
        case .makeDevices:
            try makeDevices(linux?.devices ?? [], bound: isConfined)
            try NullDevice.replaceTheHosts()
        case .openTerminal: try openTerminal()
        case .setSysctls: try setSysctls()
        case .protectPaths: try protect(linux?.readonlyPaths ?? [], kernel)
        case .maskPaths: try mask(linux?.maskedPaths ?? [], kernel)
        case .makeRootReadOnly: try remountBind("/", .readOnly)
        case .setOOMScore: try setOOMScore()
        case .setResourceLimits:
            for limit in process.rlimits ?? [] {
                try ResourceLimits.set(limit.type, soft: limit.soft, hard: limit.hard)
            }
        case .loadSeccompPrivileged:
            if let filter = try linux?.seccomp.map(filter) {
                try check("load the seccomp filter") { filter.load() }
            }
        case .setUser: try setUser()
        case .setCapabilities: try setCapabilities()
        case .setNoNewPrivileges: try Credentials.setNoNewPrivileges()
        case .changeDirectory: try changeDirectory()
        case .loadSeccomp, .waitForStart, .execute: break
        }
    }
}
