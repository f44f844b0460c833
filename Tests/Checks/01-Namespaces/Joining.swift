import ContractNamespaces
import Grading
import Linux

/// 01.8: into a pod that runs already.
let runningPodIsJoined = Check("01.8", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try orderIsRight(part)
    try leavesNothingOpen(part)
    try Sandbox.run { sandbox in
        try bench.part.start()
        try joinsAsRoot(part, sandbox)
        try joinsAsNobody(part)
    }
}

private func paths(_ kinds: [NamespaceKind], of pid: pid_t) -> [NamespaceRequest] {
    kinds.map { NamespaceRequest($0, path: "/proc/\(pid)/ns/\(Look.fileName($0))") }
}

/// What a part did with a kernel that writes down.
private func orderIsRight(_ part: RemoteNamespaces) throws {
    let kinds: [NamespaceKind] = [.mount, .network, .user, .uts]
    let kernel = RecordingKernel()
    try part.join(paths(kinds, of: 4711) + [.init(.ipc)], kernel: kernel)
    var names: [Int32: NamespaceKind] = [:]
    var entered: [NamespaceKind] = []
    var closed: [Int32] = []
    for call in kernel.calls {
        switch call {
        case .open(let path):
            try require(
                !entered.contains(.mount),
                "every path is opened before the mount namespace is entered",
                seen: "\(call) after the mount namespace was entered",
                idea:
                    "In there /proc/4711 may be somebody else, or nothing. An open descriptor stays what it is."
            )
            names[Int32(names.count) + 3] = kinds.first { path.hasSuffix("/" + Look.fileName($0)) }
        case .setns(let descriptor, _): if let kind = names[descriptor] { entered.append(kind) }
        case .close(let descriptor): closed.append(descriptor)
        default: break
        }
    }
    try expect(
        entered.sorted { $0.rawValue < $1.rawValue }, is: [.mount, .network, .user, .uts],
        "each namespace with a path is entered, once, and no other",
        idea: "A request without a path is for a new namespace: cloneFlags has dealt with it.")
    try expect(
        entered.first, is: .user, "the user namespace is entered first",
        idea: "In it one has the capabilities that entering its other namespaces takes.")
    try expect(
        entered.last, is: .mount, "the mount namespace is entered last",
        idea: "After it, every path means something else.")
    try expect(
        closed.sorted(), is: names.keys.sorted(), "every descriptor is closed, once",
        idea: "What stays open is inherited by the container's program, and leads back out.")
}

/// A join that fails half-way: what was opened is closed all the same.
private func leavesNothingOpen(_ part: RemoteNamespaces) throws {
    let requests = paths([.mount, .network, .uts], of: 4711)
    let flags: [CloneFlags] = [.newNetwork, .newUTS, .newMount]
    let failing: [KernelCall: Errno] = Dictionary(
        uniqueKeysWithValues: (3..<6).flatMap { descriptor in
            flags.prefix(2).map { (KernelCall.setns(Int32(descriptor), $0), Errno.notPermitted) }
        })
    let gone = [KernelCall.open("/proc/4711/ns/uts"): Errno.noEntry]
    for (failures, what) in [(failing, "setns is refused"), (gone, "a namespace's file is gone")] {
        let kernel = RecordingKernel(failures: failures)
        do {
            try part.join(requests, kernel: kernel)
            throw Failed(
                "a namespace that can't be joined is an error",
                expected: "the error, where \(what)",
                seen: "none", idea: "Who goes on is in the wrong namespace, and nobody knows.")
        } catch PartFailure.threw {}
        let opened = kernel.calls.filter {
            if case .open = $0 { failures[$0] == nil } else { false }
        }
        let closed = kernel.calls.filter { if case .close = $0 { true } else { false } }
        try expect(
            Set(closed).count, is: opened.count,
            "every descriptor is closed also where \(what)",
            idea:
                "An error leaves the function on another way. What has to happen on every way, Swift calls `defer`."
        )
    }
}

/// A pod: new namespaces, and a root in which the host's /proc is not to be found.
private func joinsAsRoot(_ part: RemoteNamespaces, _ sandbox: Sandbox) throws {
    let root = "\(sandbox.directory)/pod"
    try Files.makeDirectories(root)
    let kinds: [NamespaceKind] = [.mount, .network, .ipc, .uts, .cgroup, .pid]
    let pod = try SandboxProcess([.newMount, .newNetwork, .newIPC, .newUTS, .newCgroup, .newPID]) {
        let kernel = RealKernel()
        try kernel.mount(nil, "/", nil, [.recursive, .private])
        try kernel.mount(root, root, nil, [.bind])
        try kernel.chdir(root)
        try kernel.pivotRoot(".", ".")
        try kernel.umount2(".", .detach)
        return Done()
    }
    try pod.value()
    let joiner = try SandboxProcess {
        try succeeds(
            "a running pod's namespaces are joined without an error",
            idea: { _ in
                "The mount namespace comes first in the request: after entering it, the other paths are gone."
            }
        ) { try part.join(paths(kinds, of: pod.pid) + [.init(.user)], kernel: RealKernel()) }
        return Done()
    }
    try joiner.value()
    for kind in kinds {
        // Nobody moves into a PID namespace: it says where the next children are born.
        let suffix = kind == .pid ? "_for_children" : ""
        try expect(
            try Look(pid: joiner.pid).namespace(kind, suffix),
            is: try Look(pid: pod.pid).namespace(kind),
            "/proc/PID/ns/\(Look.fileName(kind))\(suffix) of who joined is the pod's",
            idea: "setns takes an open descriptor of the namespace's file and the flag of its kind."
        )
    }
    try require(
        try Look(pid: joiner.pid).namespace(.user) == Look(pid: getpid()).namespace(.user),
        "a namespace that was not named by a path is left as it is", seen: "user is another one",
        idea: "join makes nothing new.")
}

/// Without any capability: only the pod's user namespace, whose owner we are, gives some.
private func joinsAsNobody(_ part: RemoteNamespaces) throws {
    let pod = try SandboxProcess([.newUser, .newNetwork, .newUTS]) { Done() }
    for file in ["uid_map", "gid_map"] {
        try RealKernel().writeFile("/proc/\(pod.pid)/\(file)", "0 0 1\n")
    }
    let kinds: [NamespaceKind] = [.uts, .network, .user]
    let joiner = try SandboxProcess {
        try Credentials.setCapabilities(effective: 0, permitted: 0, inheritable: 0, ambient: 0)
        try succeeds(
            "who owns a pod's user namespace can join the pod without being root",
            idea: { _ in
                "EPERM: setns asks for CAP_SYS_ADMIN. Which of the namespaces gives it?"
            }
        ) { try part.join(paths(kinds, of: pod.pid), kernel: RealKernel()) }
        return Done()
    }
    try joiner.value()
    for kind in kinds {
        try expect(
            try Look(pid: joiner.pid).namespace(kind), is: try Look(pid: pod.pid).namespace(kind),
            "without root, /proc/PID/ns/\(Look.fileName(kind)) of who joined is the pod's",
            idea: "The user namespace first, then the others.")
    }
}
