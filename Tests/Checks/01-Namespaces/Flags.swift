import ContractNamespaces
import Grading
import Linux

/// 01.2: which namespaces are new.
let flagsAreOneAKind = Check("01.2", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    let table: [(requests: [NamespaceRequest], flags: CloneFlags)] = [
        ([], []),
        ([.init(.uts)], .newUTS),
        ([.init(.uts), .init(.ipc)], [.newUTS, .newIPC]),
        ([.init(.network, path: "/proc/4711/ns/net"), .init(.pid)], .newPID),
        ([.init(.ipc, path: "/proc/4711/ns/ipc")], []),
        (
            NamespaceKind.allCases.map { NamespaceRequest($0) },
            [.newUser, .newPID, .newNetwork, .newMount, .newIPC, .newUTS, .newCgroup, .newTime]
        ),
    ]
    for row in table {
        try expect(
            try part.cloneFlags(row.requests), is: row.flags,
            "the flags for \(words(row.requests))",
            idea:
                "One flag for each kind that is to be new; a request with a path is for one that exists, which setns joins."
        )
    }
    for twice in [
        [NamespaceRequest(.uts), .init(.uts)], [.init(.pid), .init(.pid, path: "/proc/1/ns/pid")],
    ] {
        try refusesTwice(part, twice)
    }
    try Sandbox.run { _ in
        try bench.part.start()
        try bornApart(part)
    }
}

private func words(_ requests: [NamespaceRequest]) -> String {
    requests.isEmpty
        ? "no request at all"
        : requests.map { "\($0.type)" + ($0.path.map { " (\($0))" } ?? "") }.joined(separator: ", ")
}

private func refusesTwice(_ part: RemoteNamespaces, _ requests: [NamespaceRequest]) throws {
    do {
        let flags = try part.cloneFlags(requests)
        throw Failed(
            "a kind that is asked for twice is refused: \(words(requests))",
            expected: "DuplicateNamespace", seen: "\(flags)",
            idea:
                "New and joined at once can't be had, and two of a kind are a slip: who asked should hear of it."
        )
    } catch PartFailure.threw(let text) {
        try expect(
            text, is: "\(DuplicateNamespace(requests[0].type))",
            "the refusal names the kind: \(words(requests))",
            idea: "Throw the contract's own error; the runtime shows its text to the user.")
    }
}

/// A process cloned with the part's flags, looked at from outside.
private func bornApart(_ part: RemoteNamespaces) throws {
    let new: [NamespaceKind] = [.uts, .ipc]
    let flags = try part.cloneFlags(new.map { NamespaceRequest($0) })
    let child = try SandboxProcess(flags) { () throws -> String in
        try RealKernel().sethostname("inside")
        return "inside"
    }
    try child.value()
    let kinds: [NamespaceKind] = [.uts, .ipc, .pid, .network, .mount, .user]
    let differing = try kinds.filter {
        try Look(pid: child.pid).namespace($0) != Look(pid: getpid()).namespace($0)
    }
    try expect(
        differing, is: new, "/proc/PID/ns differs in uts and ipc, and in nothing else",
        idea: "What has no flag is shared with the parent, hostname and all.")
    try require(
        try Files.readText("/proc/sys/kernel/hostname") != "inside\n",
        "a hostname set inside is not seen outside", seen: "the name outside changed too",
        idea: "UTS is the namespace of the hostname: see uts_namespaces(7).")
}
