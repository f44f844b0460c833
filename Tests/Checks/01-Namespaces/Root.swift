import ContractNamespaces
import Grading
import Linux

/// 01.4: a root of its own, and no way back.
let rootIsItsOwn = Check("01.4", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    for propagation: MountFlags in [.private, .slave] {
        try Sandbox.run { sandbox in
            try bench.part.start()
            try entersRoot(part, propagation, try Stage(sandbox))
        }
    }
}

/// What a process found that was given a root.
private struct Found: Codable {
    /// It walked out to where it came from.
    var escaped: Bool
    /// Descriptors that were not open before.
    var leftOpen: Int
}

private func entersRoot(
    _ part: RemoteNamespaces, _ propagation: MountFlags, _ stage: Stage
) throws {
    let before = try Look(pid: getpid()).mounts()
    let setup = RootSetup(rootfs: stage.rootfs, propagation: propagation.union(.recursive))
    let process = try SandboxProcess(.newMount) { () throws -> Found in
        let before = openDescriptors()
        try succeeds("the root is entered without an error", idea: reason) {
            try part.enterRoot(setup, kernel: RealKernel())
        }
        let leftOpen = openDescriptors().subtracting(before).count
        return Found(escaped: walksOut(to: stage.secret), leftOpen: leftOpen)
    }
    let result = Result { try process.value() }
    let appeared = try Look(pid: getpid()).mounts().filter { !before.contains($0) }
    try require(
        appeared.isEmpty,
        "no mount made inside is seen outside (the mounts here are shared, as systemd has them)",
        seen: "outside appeared: \(appeared.map(\.point).joined(separator: ", "))",
        idea:
            "A new mount namespace is a copy whose mounts are peers of the originals. Cut that first, for all of them."
    )
    try require(
        !(try result.get().escaped), "root inside can't walk out of its root",
        seen: "after chroot into a directory of its own, `cd ..` led to the host's files",
        idea:
            "chroot changes where one process looks up /, and nothing else. pivot_root changes the namespace; and until it is detached, the old root is still mounted in there."
    )
    let leftOpen = try process.value().leftOpen
    try require(
        leftOpen == 0, "nothing of the old root stays open",
        seen: "\(counted(leftOpen, "descriptor")) that had not been open before",
        idea:
            "A descriptor of a directory is a way out that no mount can close: fchdir, and one is there. CVE-2024-21626 was one that was forgotten."
    )
    try looksRight(process.pid, stage)
    try sharesAsAsked(process.pid, propagation, stage)
}

private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}

private func openDescriptors() -> Set<Int32> {
    Set((0..<1024).filter { clinux_fcntl($0, F_GETFD, 0) != -1 })
}

private func reason(_ text: String) -> String {
    text.hasPrefix("pivot_root") && text.contains("Invalid")
        ? "pivot_root says EINVAL when the new root is no mount point, or when the mount it lies on is shared."
        : "Read the error's page in section 2 of the manual: each call's own list says what it wants."
}

/// chroot somewhere below, and the working directory is above the root: nothing stops `..` any more.
private func walksOut(to secret: String) -> Bool {
    mkdir("/escape", 0o755)
    chroot("/escape")
    for _ in 0..<32 { chdir("..") }
    chroot(".")
    defer { rmdir("/escape") }
    return Files.exists(secret)
}

private func looksRight(_ pid: pid_t, _ stage: Stage) throws {
    for place in ["root", "cwd"] {
        try require(
            Files.exists("/proc/\(pid)/\(place)/inside"),
            "the process's \(place == "root" ? "root" : "working directory") is the container's root",
            seen: "/proc/PID/\(place) is another directory",
            idea: "pivot_root need not move the working directory: say where it is to be.")
    }
    // Who joins the namespace comes to its root, wherever the process itself may look.
    let file = try FileDescriptor.open("/proc/\(pid)/ns/mnt")
    let visitor = try SandboxProcess {
        try RealKernel().setns(file.raw, .newMount)
        return Files.exists("/inside")
    }
    try require(
        try visitor.value(), "who joins the mount namespace comes to the container's root",
        seen: "the visitor stood in the host's root",
        idea: "`kubectl exec` joins the namespace. Only pivot_root changes what its / is.")
    let points = try Look(pid: visitor.pid).mounts().map(\.point)
    try require(
        points.contains("/volume"), "what was mounted below the new root is there still",
        seen: "mounts: \(points.joined(separator: " "))",
        idea:
            "A bind of a directory is that directory alone. What is mounted below it comes along with MS_REC only."
    )
    try expect(
        points.filter { $0 != "/volume" }, is: ["/"],
        "of the old root no mount is left in the namespace",
        idea:
            "After pivot_root the old root is still mounted somewhere. Detach it (MNT_DETACH), with all that is below it."
    )
}

/// A mount that is made outside, later.
private func sharesAsAsked(_ pid: pid_t, _ propagation: MountFlags, _ stage: Stage) throws {
    let kernel = RealKernel()
    try kernel.mount("tmpfs", "\(stage.rootfs)/late", "tmpfs", [])
    let mounts = try Look(pid: pid).mounts()
    let isSlave = propagation == .slave
    try expect(
        mounts.contains { $0.point == "/late" }, is: isSlave,
        "a later mount outside is \(isSlave ? "" : "not ")seen inside when \(propagation) was asked for",
        idea:
            "setup.propagation says how all mounts are to be made before anything else: private, or slave to what happens outside."
    )
    try require(
        !mounts.contains { $0.propagation.contains { $0.hasPrefix("shared") } },
        "no mount of the container is shared with others", seen: "\(mounts)",
        idea: "Propagation is set for every mount at once with MS_REC.")
}
