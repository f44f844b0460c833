import ContractNamespaces
import Grading
import Linux

/// 01.5: what is mounted, and how.
let mountsAreAsAsked = Check("01.5", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try Sandbox.run { sandbox in
        try bench.part.start()
        let stage = try Stage(sandbox)
        let setup = RootSetup(rootfs: stage.rootfs, mounts: requests(stage))
        let process = try SandboxProcess([.newMount, .newPID]) { () throws -> Done in
            try succeeds("the mounts are made without an error", idea: reason) {
                try part.enterRoot(setup, kernel: RealKernel())
            }
            return Done()
        }
        try process.value()
        let mounts = try Look(pid: process.pid).mounts()
        try procAgrees(process.pid, mounts)
        try bindsAreAsAsked(mounts, stage)
        try restIsAsAsked(mounts)
    }
}

private func requests(_ stage: Stage) -> [MountRequest] {
    [
        MountRequest(
            source: "proc", target: "/proc", type: "proc", flags: [.noSUID, .noDevices, .noExecute]),
        MountRequest(
            source: "scratch", target: "/data", type: "tmpfs", flags: .noSUID,
            data: "mode=755,size=64k"),
        MountRequest(
            source: stage.config, target: "/ro", type: nil, flags: [.bind, .readOnly, .noSUID],
            propagation: .private),
        MountRequest(
            source: stage.config, target: "/rw", type: nil, flags: [.bind, .recursive],
            propagation: [.shared, .recursive]),
        MountRequest(source: "\(stage.config)/hosts", target: "/hosts", type: nil, flags: .bind),
        MountRequest(
            source: nil, target: "/data", type: nil, flags: [.remount, .readOnly, .noSUID],
            data: "mode=755"),
    ]
}

private func reason(_ text: String) -> String {
    text.contains("Invalid")
        ? "mount(2) says EINVAL to a propagation flag (MS_PRIVATE, MS_SLAVE, MS_SHARED) that comes with any flag but MS_REC."
        : "The target is a path of the container: before the new root is entered it lies below rootfs."
}

private func find(_ point: String, _ mounts: [Mount]) throws -> Mount {
    guard let mount = mounts.last(where: { $0.point == point }) else {
        throw Failed(
            "something is mounted on \(point)", expected: point,
            seen: mounts.map(\.point).joined(separator: " "),
            idea:
                "The target is rootfs and the path together, while the new root is not entered yet."
        )
    }
    return mount
}

private func has(_ options: [String], _ mount: Mount, _ idea: String) throws {
    let missing = options.filter { !(mount.options + mount.superOptions).contains($0) }
    try require(
        missing.isEmpty, "\(mount.point) is mounted with \(options.joined(separator: ","))",
        seen:
            "mountinfo says \(mount.options.joined(separator: ",")) - \(mount.superOptions.joined(separator: ","))",
        idea: idea)
}

private func procAgrees(_ pid: pid_t, _ mounts: [Mount]) throws {
    let proc = try find("/proc", mounts)
    try expect(
        proc.type, is: "proc", "/proc is a proc file system",
        idea: "Give mount(2) the type that was asked for.")
    try has(
        ["nosuid", "nodev", "noexec"], proc,
        "A mount that is no bind takes all its flags in its one call.")
    let shown = try Files.list("/proc/\(pid)/root/proc").filter { Int($0) != nil }
    try expect(
        shown, is: ["1"], "the container's /proc shows its process 1 and nobody else",
        idea:
            "proc shows the PID namespace of the process that mounts it: a new mount, not a bind of the host's."
    )
}

private func bindsAreAsAsked(_ mounts: [Mount], _ stage: Stage) throws {
    try has(
        ["ro", "nosuid"], try find("/ro", mounts),
        "A bind ignores every other flag but MS_REC, without a word. The rest takes a second call, a remount of the bind."
    )
    try require(
        access(stage.config, W_OK) == 0, "what is bound read-only is still writable outside",
        seen: "the host's own directory became read-only",
        idea:
            "MS_REMOUNT alone changes the file system itself, for all who have it mounted. With MS_BIND it changes this one mount."
    )
    let points = mounts.map(\.point)
    try expect(
        ["/ro/below", "/rw/below"].filter(points.contains), is: ["/rw/below"],
        "a bind takes what is mounted below along only where MS_REC was asked for",
        idea: "MS_REC belongs to the first call of a bind, and is in its flags or is not.")
    let rw = try find("/rw", mounts)
    try require(
        !rw.options.contains("ro"), "a bind without MS_RDONLY is writable", seen: "\(rw.options)",
        idea: "Remount only where flags are left over.")
    _ = try find("/hosts", mounts)
    for (mount, isShared) in [(rw, true), (try find("/ro", mounts), false)] {
        try expect(
            mount.propagation.contains { $0.hasPrefix("shared") }, is: isShared,
            "\(mount.point) is \(isShared ? "shared" : "private"), as it was asked for",
            idea:
                "A bind ignores propagation flags without a word: they take a call of their own, after the mount is there."
        )
    }
}

private func restIsAsAsked(_ mounts: [Mount]) throws {
    let data = try find("/data", mounts)
    try expect(data.type, is: "tmpfs", "/data is a tmpfs", idea: "Pass the type on.")
    try expect(
        data.source, is: "scratch", "a file system without a device is called as it was asked for",
        idea: "The source of a tmpfs is a name for people: findmnt(8) shows it.")
    try has(
        ["size=64k"], data,
        "What only the file system understands goes into mount's last argument, as it is.")
    try has(
        ["ro"], data,
        "A request may be a remount of what is there: it has MS_REMOUNT and no MS_BIND, and goes to the kernel as it is."
    )
}
