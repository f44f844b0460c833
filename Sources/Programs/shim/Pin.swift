import Linux

/// Makes a pod's network, IPC and UTS namespaces and pins each to a file, as CRI-O's `pinns` does; with `--pid yes` a PID
/// namespace too, and with `--sysctl NAME=VALUE` settings of theirs.
///
/// A namespace lives as long as a process is in it or something is mounted from it. The bind mount does here what a pause
/// process does elsewhere, and needs no memory. Only a PID namespace ends with its first process, whatever is mounted.
func pin(_ arguments: [String]) throws {
    var flags = try Flags(arguments)
    let directory = try flags.take("dir")
    let hostname = try flags.take("hostname")
    let wantsPID = try flags.take("pid", else: "no") == "yes"
    let sysctls = flags.takeAll("sysctl")
    try flags.end()

    try check("unshare net, ipc and uts") {
        clinux_unshare(CLINUX_NEWNET | CLINUX_NEWIPC | CLINUX_NEWUTS)
    }
    try check("sethostname \(hostname)") { sethostname(hostname, hostname.utf8.count) }
    // /proc/sys shows each process the settings of its own network and IPC namespace.
    for sysctl in sysctls { try set(sysctl) }
    try Files.makeDirectories(directory)
    for name in ["net", "ipc", "uts"] { try bind("/proc/self/ns/\(name)", "\(directory)/\(name)") }
    if wantsPID {
        let pause = try startPause()
        do {
            try Files.write("\(pause)", to: "\(directory)/pause")
            try bind("/proc/\(pause)/ns/pid", "\(directory)/pid")
        } catch {
            kill(pause, SIGKILL)
            throw error
        }
    }
}

private func bind(_ namespace: String, _ file: String) throws {
    try Files.write("", to: file)
    try check("mount --bind \(namespace) \(file)") {
        mount(namespace, file, nil, UInt(MS_BIND), nil)
    }
}

private func set(_ sysctl: String) throws {
    guard let equals = sysctl.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        throw Refusal("--sysctl \(sysctl): write it as NAME=VALUE")
    }
    let names = sysctl.utf8[..<equals].split(separator: UInt8(ascii: ".")).compactMap { String($0) }
    guard !names.contains(where: { $0.utf8.contains(UInt8(ascii: "/")) }) else {
        throw Refusal("--sysctl \(sysctl): a name has dots, no slashes")
    }
    let value = String(sysctl.utf8[equals...].dropFirst()) ?? ""
    try Files.write(value, to: "/proc/sys/" + names.joined(separator: "/"))
}

/// The first process of a new PID namespace: it reaps whom others leave, until it is killed.
private func startPause() throws -> pid_t {
    try check("unshare pid") { clinux_unshare(CLINUX_NEWPID) }
    let pid = try check("fork") { clinux_fork() }
    if pid != 0 { return pid }
    setsid()
    detachFromCaller()
    var child = sigset_t()
    sigemptyset(&child)
    sigaddset(&child, SIGCHLD)
    sigprocmask(SIG_BLOCK, &child, nil)
    while true {
        var number: Int32 = 0
        sigwait(&child, &number)
        while waitpid(-1, nil, WNOHANG) > 0 {}
    }
}
