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
    let rootSetup: RootSetup?
    /// Open for writing; each takes the process into one cgroup.
    let memberFiles: [Int32]
    /// To the parent: one byte when ready, or what failed.
    let report: Int32
    /// From the parent: readable once the id maps are written.
    let mapped: Int32?
    /// A FIFO from which one byte is read before the program starts; nil starts at once.
    let startGate: Int32?
    /// A connected unix socket that takes the terminal's master.
    let consoleSocket: Int32?
    /// In a user namespace other than the machine's first: no device nodes, no privilege over the
    /// machine.
    let isConfined: Bool
    /// Descriptors from here on are closed by the exec.
    let firstPrivateDescriptor: UInt32
    /// The runtime's own program, which nothing in a container may get hold of.
    let runtimeFile: FileIdentity?

    private let kernel = RealKernel()

    /// Does not return: the process becomes the program, or ends.
    func run() -> Never {
        do {
            setsid()
            umask(0o022)
            try hideFromNeighbours()
            try runSteps()
        } catch {
            tell("E\(error)")
        }
        clinux_exit_now(127)
    }

    /// In namespaces that others live in, one of them could open /proc/PID/exe, which is the
    /// runtime's file on the host, and write to it once it is free (CVE-2019-5736).
    private func hideFromNeighbours() throws {
        let joins = (spec.linux?.namespaces ?? []).contains { $0.path != nil }
        if joins, mapped == nil {
            try check("prctl PR_SET_DUMPABLE") { clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) }
        }
    }

    private func tell(_ text: String) {
        _ = text.utf8CString.withUnsafeBytes { write(report, $0.baseAddress, $0.count - 1) }
    }

    private func runSteps() throws {
        let wait = steps.firstIndex(of: .waitForStart) ?? 0
        for step in steps[..<wait] {
            do { try perform(step) } catch { throw RuntimeFailure("\(step.words): \(error)") }
        }
        let program = try findProgram()
        if let profile = process.apparmorProfile, !profile.isEmpty {
            try kernel.writeFile("/proc/self/attr/exec", "exec \(profile)")
        }
        try waitForStart()
        do {
            for step in steps[wait...] { try perform(step) }
            try execute(program)
        } catch {
            guard startGate != nil else { throw error }
            // Who listened has gone: this is the container's own last word.
            let line = Array("runtime: \(error)\n".utf8)
            _ = write(2, line, line.count)
            clinux_exit_now(127)
        }
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
        case .becomeRoot: try becomeRoot()
        case .newControlGroupNamespace: try kernel.unshare(.newCgroup)
        case .setHostname: try setNames()
        case .raiseLoopback: try parts.namespaces.raiseLoopback(kernel: kernel)
        case .enterRoot: try enterRoot()
        case .makeDevices: try makeDevices(linux?.devices ?? [], bound: isConfined)
        case .openTerminal: try openTerminal()
        case .setSysctls: try setSysctls()
        case .protectPaths: try protect(linux?.readonlyPaths ?? [], kernel)
        case .maskPaths: try mask(linux?.maskedPaths ?? [], kernel)
        case .makeRootReadOnly: try kernel.mount(nil, "/", nil, [.bind, .remount, .readOnly])
        case .setOOMScore: try setOOMScore()
        case .setResourceLimits:
            for limit in process.rlimits ?? [] {
                try ResourceLimits.set(limit.type, soft: limit.soft, hard: limit.hard)
            }
        case .loadSeccomp, .loadSeccompPrivileged:
            if let profile = linux?.seccomp { try loadSeccomp(parts.runtime.seccompRules(profile)) }
        case .setUser: try setUser()
        case .setCapabilities: try setCapabilities()
        case .setNoNewPrivileges: try Credentials.setNoNewPrivileges()
        case .changeDirectory: try kernel.chdir(process.cwd)
        case .waitForStart, .execute: break
        }
    }
}

extension SetupStep {
    /// `makeRootReadOnly` as an error message has it: `make root read only`.
    var words: String {
        var words = ""
        var previous: Character = " "
        for letter in rawValue {
            if letter.isUppercase, previous.isLowercase { words += " " }
            words += previous.isLowercase ? letter.lowercased() : String(letter)
            previous = letter
        }
        return words
    }
}

// MARK: The steps

extension ContainerProcess {
    private func enterControlGroups() throws {
        for file in memberFiles {
            try check("enter cgroup") { write(file, "0", 1) }
            close(file)
        }
    }

    private func becomeRoot() throws {
        if let mapped {
            var byte: UInt8 = 0
            let got = try check("wait for the id maps") { read(mapped, &byte, 1) }
            guard got == 1 else { clinux_exit_now(1) }  // the parent failed, and has said so
        }
        // Groups can be dropped only where they may be set: not after `deny`.
        let groups = try kernel.readFile("/proc/self/setgroups")
        try Credentials.become(uid: 0, gid: 0, groups: groups.hasPrefix("deny") ? nil : [])
    }

    private func setNames() throws {
        if let name = spec.hostname { try kernel.sethostname(name) }
        if let name = spec.domainname {
            try check("setdomainname \(name)") { setdomainname(name, name.utf8.count) }
        }
    }

    private func enterRoot() throws {
        guard let rootSetup else { return }
        let rooted = RootedKernel(rootfs: rootSetup.rootfs)
        try parts.namespaces.enterRoot(rootSetup, kernel: rooted)
        guard rooted.hasPivoted else {
            throw RuntimeFailure(
                "part 01 returned without pivot_root: the host's root is still there")
        }
    }

    private func setSysctls() throws {
        for (name, value) in (spec.linux?.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = String(name.map { $0 == "." ? "/" : $0 })
            guard !path.contains("..") else {
                throw RuntimeFailure("linux.sysctl: \"\(name)\" is no name")
            }
            try kernel.writeFile("/proc/sys/\(path)", value)
        }
    }

    private func setOOMScore() throws {
        guard let score = process.oomScoreAdj else { return }
        do { try kernel.writeFile("/proc/self/oom_score_adj", String(score)) } catch {
            // Lower than it was takes privilege over the machine.
            guard isConfined, error.errno == .accessDenied else { throw error }
        }
    }

    private func setUser() throws {
        let user = process.user ?? .init(uid: 0, gid: 0)
        if let names = process.capabilities {
            try Credentials.limitBounding(to: parts.runtime.capabilities(names).bounding)
        }
        // So that the program can open /dev/stdout and its like. A file that is not ours to give
        // stays.
        if user.uid != 0 {
            for descriptor: Int32 in 0...2 { fchown(descriptor, user.uid, gid_t.max) }
        }
        try Credentials.keepCapabilities(true)
        try become(user)
        try Credentials.keepCapabilities(false)
        umask(user.umask ?? 0o022)
    }

    private func become(_ user: ProcessSpec.User) throws {
        let groups = user.additionalGids ?? []
        do {
            try Credentials.become(uid: user.uid, gid: user.gid, groups: groups)
        } catch {
            // Where setgroups(2) is denied, the groups are those of whoever made the user
            // namespace.
            guard isConfined, groups.isEmpty, error.errno == .notPermitted else { throw error }
            try Credentials.become(uid: user.uid, gid: user.gid, groups: nil)
        }
    }

    private func setCapabilities() throws {
        guard let names = process.capabilities else { return }
        let sets = try parts.runtime.capabilities(names)
        // What this kernel does not know, or this process does not have, can't be given.
        let known = (UInt64(1) << UInt64(clinux_capability_last() + 1)) - 1
        try Credentials.setCapabilities(
            effective: sets.effective & known, permitted: sets.permitted & known,
            inheritable: sets.inheritable & known,
            // The kernel takes into the ambient set only what is permitted and inheritable.
            ambient: sets.ambient & sets.permitted & sets.inheritable & known)
    }

    private func waitForStart() throws {
        guard let startGate else { return }
        tell("R")
        var byte: UInt8 = 0
        try check("wait for start") { read(startGate, &byte, 1) }
    }
}

// MARK: The program

extension ContainerProcess {
    private var environment: [String] {
        var environment = process.env ?? []
        if !environment.contains(where: { $0.hasPrefix("HOME=") }) {
            environment.append("HOME=\(homeDirectory(of: process.user?.uid ?? 0))")
        }
        return environment
    }

    /// As execvp(3) looks for it, in the container's own PATH.
    private func findProgram() throws -> String {
        let name = process.args?.first ?? ""
        if name.contains("/") {
            if access(name, X_OK) == 0 { return name }
            throw RuntimeFailure("exec: \"\(name)\": \(Errno.current)")
        }
        let path = (process.env ?? []).first { $0.hasPrefix("PATH=") }.map {
            String($0.dropFirst(5))
        }
        for directory in (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let candidate = "\(directory)/\(name)"
            if access(candidate, X_OK) == 0, !Files.isDirectory(candidate) { return candidate }
        }
        throw RuntimeFailure("exec: \"\(name)\": executable file not found in $PATH")
    }

    private func execute(_ program: String) throws {
        if let runtimeFile, try runtimeFile.isRun(by: program) {
            throw RuntimeFailure("exec: \"\(program)\": that is the runtime itself")
        }
        try check("close_range") { clinux_cloexec_from(firstPrivateDescriptor) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        let arguments = process.args ?? []
        withCStrings(arguments) { argv in
            withCStrings(environment) { envp in _ = clinux_execve(program, argv, envp) }
        }
        throw RuntimeFailure("exec: \"\(program)\": \(Errno.current)")
    }
}

/// The sixth field of the user's line in the container's /etc/passwd.
func homeDirectory(of uid: UInt32) -> String {
    for line in ((try? Files.readText("/etc/passwd")) ?? "").split(separator: "\n") {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        if fields.count > 5, fields[2] == String(uid) { return String(fields[5]) }
    }
    return "/"
}
