import ContractNamespaces
import Linux

/// The real kernel, telling what it is asked.
struct TellingKernel: Kernel {
    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        complain("  \(call)")
        let result = try RealKernel().perform(call)
        if case .ended(let child) = result {
            complain("    → \(child.pid) has ended with \(child.code)")
        }
        return result
    }
}

/// Runs a command in new namespaces.
/// - Returns: the status that a shell would show for it.
func tryOut(_ words: [String]) throws -> Int32 {
    var (before, command) = try split(words)
    var rootfs: String?
    if let option = before.firstIndex(of: "--root") {
        guard option + 1 < before.count else { throw Usage("--root needs a directory") }
        rootfs = before[option + 1]
        before.removeSubrange(option...option + 1)
    }
    let wantsInit = before.contains("--init")
    before.removeAll { $0 == "--init" }
    let part = chosenPart()
    let requests = try before.map(kind).map { NamespaceRequest($0) }
    if rootfs != nil, !requests.contains(where: { $0.type == .mount }) {
        throw Usage("--root needs the kind mount")
    }
    let flags = try part.cloneFlags(requests)
    complain("  clone(\(flags))")
    let gate = try Pipe()
    let isUser = flags.contains(.newUser)
    return try runChild(flags) { pid in
        if isUser { try mapSelf(pid, part) }
        try gate.write.write([1])
    } child: {
        _ = try gate.read.read(upTo: 1)
        if isUser { try Credentials.become(uid: 0, gid: 0, groups: nil) }
        if flags.contains(.newNetwork) { try part.raiseLoopback(kernel: TellingKernel()) }
        try prepareMounts(requests, rootfs, part)
        if wantsInit { try beInit(command, part) }
        try execute(command)
    }
}

/// Process 1 of a container: has one child that matters, and lays all others to rest.
private func beInit(_ command: [String], _ part: any NamespacesPart) throws -> Never {
    // The part's program belongs to who started it: this process has the command for a child, and
    // whoever is left to it.
    let main = try check("fork") { clinux_fork() }
    if main == 0 { try execute(command) }
    clinux_exit_now(try part.reap(until: main, kernel: TellingKernel()))
}

/// Runs a command in new namespaces, which this process enters itself.
func isolate(_ words: [String]) throws -> Int32 {
    let (before, command) = try split(words)
    let part = chosenPart()
    let flags = try part.cloneFlags(try before.map(kind).map { NamespaceRequest($0) })
    return try runChild([]) { _ in
    } child: {
        try part.isolate(flags, kernel: TellingKernel())
        try execute(command)
    }
}

private func mapSelf(_ pid: pid_t, _ part: any NamespacesPart) throws {
    try part.mapIDs(
        IDMapRequest(
            pid: pid, uids: [.init(containerID: 0, hostID: Int(geteuid()), size: 1)],
            gids: [.init(containerID: 0, hostID: Int(getegid()), size: 1)], privileged: false),
        kernel: TellingKernel())
}

private func prepareMounts(
    _ requests: [NamespaceRequest], _ rootfs: String?, _ part: any NamespacesPart
) throws {
    func has(_ kind: NamespaceKind) -> Bool { requests.contains { $0.type == kind } }
    guard has(.mount) else { return }
    let kernel = TellingKernel()
    // A new /proc shows the processes of the namespace that it is mounted in.
    let mounts = has(.pid) ? [procMount] : []
    if let rootfs {
        try part.enterRoot(RootSetup(rootfs: rootfs, mounts: mounts), kernel: kernel)
    } else {
        try kernel.mount(nil, "/", nil, [.recursive, .private])
        for mount in mounts { try kernel.mount("proc", mount.target, "proc", mount.flags) }
    }
}

/// Runs a command in namespaces that another process is in.
func join(_ words: [String]) throws -> Int32 {
    let (before, command) = try split(words)
    guard let first = before.first else { throw Usage("a process id is needed") }
    let pid = try number(first)
    let requests = try before.dropFirst().map(kind).map {
        NamespaceRequest($0, path: "/proc/\(pid)/ns/\(fileName($0))")
    }
    // A PID namespace takes in only children, so the others are joined before one is born.
    try chosenPart().join(requests, kernel: TellingKernel())
    return try runChild([]) { _ in
    } child: {
        try execute(command)
    }
}

// MARK: A child

private func runChild(
    _ flags: CloneFlags, parent: (pid_t) throws -> Void, child: () throws -> Never
) throws -> Int32 {
    let pid = try check(
        "clone(\(flags)): \(geteuid() == 0 ? "" : "as an ordinary user, name user first")"
    ) {
        clinux_clone(UInt64(UInt32(bitPattern: flags.rawValue)))
    }
    if pid == 0 {
        do { try child() } catch { complain("namespaces: \(error)") }
        clinux_exit_now(126)
    }
    do { try parent(pid) } catch {
        kill(pid, SIGKILL)
        _ = try Child(pid: pid).wait()
        throw error
    }
    return try Child(pid: pid).wait().code
}

private func execute(_ command: [String]) throws -> Never {
    withCStrings(command) { argv in _ = execvp(command[0], argv) }
    throw SystemError("exec \(command[0])", .current)
}
