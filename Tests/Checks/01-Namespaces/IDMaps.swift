import ContractNamespaces
import Grading
import Linux

/// 01.1: who is who in a new user namespace.
let idsAreMapped = Check("01.1", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try recordedMaps(part)
    try Sandbox.run { sandbox in
        try bench.part.start()
        try privilegedMap(part, sandbox)
        if !sandbox.isConfined { try unprivilegedMap(part) }
    }
    // An ordinary user needs no sandbox for what he may do anyway: the namespace is thrown away.
    if geteuid() != 0 { try unprivilegedMap(part) }
}

private let wanted = IDMapRequest(
    pid: 77,
    uids: [
        .init(containerID: 0, hostID: 1000, size: 1),
        .init(containerID: 1, hostID: 100_000, size: 65536),
    ],
    gids: [.init(containerID: 0, hostID: 1001, size: 1)], privileged: true)

private func recordedMaps(_ part: RemoteNamespaces) throws {
    let kernel = RecordingKernel()
    try part.mapIDs(wanted, kernel: kernel)
    for (file, mappings) in [("uid_map", wanted.uids), ("gid_map", wanted.gids)] {
        let texts = kernel.written(to: "/proc/77/\(file)")
        try expect(
            texts.map(numbers), is: [mappings.map { [$0.containerID, $0.hostID, $0.size] }],
            "/proc/77/\(file) is written once, all its lines in one write",
            idea:
                "A line is the first id inside, the first id outside, how many. The kernel takes one write, and no second."
        )
    }
    try require(
        kernel.written(to: "/proc/77/setgroups").isEmpty,
        "with privilege, setgroups stays as it is",
        seen: "setgroups was denied",
        idea:
            "Once denied, the container's root can't drop the groups it was born with. Deny only where the kernel insists."
    )
    var plain = wanted
    plain.privileged = false
    let second = RecordingKernel()
    try part.mapIDs(plain, kernel: second)
    let denied =
        second.calls.firstIndex(of: .writeFile("/proc/77/setgroups", "deny"))
        ?? second.calls.firstIndex(of: .writeFile("/proc/77/setgroups", "deny\n"))
    let mapped = second.calls.firstIndex { $0.isWrite(to: "/proc/77/gid_map") }
    try require(
        denied != nil && mapped != nil && denied! < mapped!,
        "without privilege, setgroups is denied before gid_map is written",
        seen: second.calls.map { "\($0)" }.joined(separator: "; "),
        idea:
            "A group may stand for less access, not more. So the kernel lets an ordinary user map groups only when nobody in there can drop one any more."
    )
}

private func numbers(_ text: String) -> [[Int]] {
    text.split(separator: "\n").map { $0.split(separator: " ").map { Int($0) ?? -1 } }
}

/// For real: the writer is root.
private func privilegedMap(_ part: RemoteNamespaces, _ sandbox: Sandbox) throws {
    let child = try SandboxProcess(.newUser) { Int(getuid()) }
    var request = wanted
    request.pid = child.pid
    if sandbox.isConfined {
        request.uids = [.init(containerID: 0, hostID: 0, size: 1)]
        request.gids = request.uids
    }
    let uids = request.uids.map { [$0.containerID, $0.hostID, $0.size] }
    try succeeds(
        "the kernel takes the maps of a process in a new user namespace",
        idea: { _ in
            "Read user_namespaces(7): one write a map, lines that don't overlap, written by somebody outside."
        }
    ) { try part.mapIDs(request, kernel: RealKernel()) }
    try expect(
        numbers(try Files.readText("/proc/\(child.pid)/uid_map")), is: uids,
        "the kernel's own /proc/PID/uid_map has the mappings",
        idea: "The file lives in /proc/PID, where PID is the process in the new namespace.")
    try expect(
        try child.value() == 65534, is: sandbox.isConfined ? false : true,
        "who is not mapped is nobody inside",
        idea: "Root outside is not in the map, and so looks like 65534 in there.")
}

/// For real: the writer is nobody in particular, and maps itself to root.
private func unprivilegedMap(_ part: RemoteNamespaces) throws {
    let writer = try SandboxProcess { () throws -> [String] in
        if geteuid() == 0 {
            try Credentials.become(uid: 1000, gid: 1000, groups: nil)
            // Its files in /proc became root's with the change of user.
            try check("prctl") { clinux_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) }
        }
        let child = try SandboxProcess(.newUser) { Int(getuid()) }
        let request = IDMapRequest(
            pid: child.pid, uids: [.init(containerID: 0, hostID: Int(geteuid()), size: 1)],
            gids: [.init(containerID: 0, hostID: Int(getegid()), size: 1)], privileged: false)
        try succeeds(
            "an ordinary user becomes root in a user namespace of his own",
            idea: { _ in "EPERM on gid_map means that setgroups is still allowed in there." }
        ) { try part.mapIDs(request, kernel: RealKernel()) }
        return [try Files.readText("/proc/\(child.pid)/setgroups"), "\(try child.value())"]
    }
    try expect(
        try writer.value(), is: ["deny\n", "0"],
        "an ordinary user is 0 inside, and setgroups is denied for good",
        idea: "0 inside stands for the one id that the writer is outside.")
}

extension KernelCall {
    func isWrite(to path: String) -> Bool {
        if case .writeFile(path, _) = self { return true }
        return false
    }
}

extension RecordingKernel {
    func written(to path: String) -> [String] {
        calls.compactMap { if case .writeFile(path, let text) = $0 { text } else { nil } }
    }
}
