import ContractNamespaces
import Grading
import Linux

/// 01.3: process 1, and what it owes.
let firstProcessIsBornAndReaps = Check("01.3", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try Sandbox.run { _ in
        try bench.part.start()
        try isFirst(part)
        try staysItself(part)
    }
    do {
        try reapsRecorded(part)
    } catch PartFailure.unfinished("01.3") {
        throw Failed(
            "process 1 reaps what ends", expected: "reap(until:) written too",
            seen: "isolate is right: process 1 is born. reap is not written yet",
            idea:
                "This step has two holes. Whoever is process 1 gets every orphan of its namespace.")
    }
    try Sandbox.run { _ in
        try bench.part.start()
        try reapsForReal(part)
    }
}

/// Who goes on says which process it is in a /proc that shows the sandbox's processes: `isolate` mounts none.
private func goOn(_ part: RemoteNamespaces, _ flags: CloneFlags) throws -> SandboxProcess<String> {
    let process = try SandboxProcess { () throws -> String in
        try succeeds(
            "the namespaces are made without an error",
            idea: { _ in
                "unshare(2) takes all flags at once. A second unshare of the PID namespace before a child is born is refused."
            }
        ) { try part.isolate(flags, kernel: RealKernel()) }
        return try link("/proc/self")
    }
    try process.value()
    return process
}

private func isFirst(_ part: RemoteNamespaces) throws {
    let process = try goOn(part, [.newPID, .newUTS])
    let look = Look(pid: pid_t(try process.value()) ?? 0)
    let numbers = look.status("NSpid")
    try require(
        numbers.count > 1 && numbers.last == "1",
        "who goes on is process 1 of the new PID namespace",
        seen: "NSpid in its /proc/PID/status: \(numbers.joined(separator: " "))"
            + (numbers.count > 1 ? "" : ", so it is in the old one still"),
        idea:
            "unshare(CLONE_NEWPID) moves nobody: no process ever changes its number. Only children born after the call are in the new namespace, and the first of them is process 1."
    )
    for kind in [NamespaceKind.pid, .uts] {
        try require(
            try look.namespace(kind) != Look(pid: getpid()).namespace(kind),
            "who goes on is in a new \(kind) namespace", seen: "it is in the old one",
            idea: "A child inherits its parent's namespaces, so unshare comes before fork.")
    }
}

/// Without a PID namespace the flags take effect on the caller.
private func staysItself(_ part: RemoteNamespaces) throws {
    let process = try goOn(part, [.newUTS, .newIPC])
    let look = Look(pid: pid_t(try process.value()) ?? 0)
    for kind in [NamespaceKind.uts, .ipc] {
        try require(
            try look.namespace(kind) != Look(pid: getpid()).namespace(kind),
            "who goes on is in a new \(kind) namespace", seen: "it is in the old one",
            idea: "Give unshare every flag that is asked for.")
    }
}

private func reapsRecorded(_ part: RemoteNamespaces) throws {
    let kernel = RecordingKernel()
    kernel.children = [
        .init(pid: 12, code: 9), .init(pid: 31, code: 0), .init(pid: 2, code: 137),
        .init(pid: 40, code: 1),
    ]
    let code = try succeeds(
        "process 1 lays its children to rest",
        idea: { _ in "waitpid with -1 waits for any child." }
    ) { try part.reap(until: 2, kernel: kernel) }
    try expect(
        code, is: 137, "process 1 ends with the code of its main program",
        idea: "Others end too, sooner or later; the container's exit code is the main program's.")
    try require(
        kernel.children.contains { $0.pid == 40 },
        "process 1 waits for nobody once its main program has ended",
        seen: "it waited for a child that ended after the main program",
        idea:
            "A daemon that was left behind may live for ever. The container ends with its main program: when process 1 goes, the kernel kills the rest."
    )
    try require(
        !kernel.children.contains { $0.pid == 12 || $0.pid == 31 },
        "children that ended before the main program were laid to rest",
        seen: "still waiting to be waited for: \(kernel.children.map(\.pid))",
        idea:
            "An orphan's new parent is process 1. Who is never waited for stays a zombie, and holds its number."
    )
}

/// A tree of processes in a new PID namespace, whose first process has the part reap.
private func reapsForReal(_ part: RemoteNamespaces) throws {
    let hold = try Pipe()
    let first = try SandboxProcess(.newPID) { () throws -> Int32 in
        let main = try check("fork") { clinux_fork() }
        if main == 0 { beMain(hold.read.raw, hold.write.raw) }
        return try part.reap(until: main, kernel: RealKernel())
    }
    first.begin()
    let allReaped = eventually {
        // The main program says when its orphan is born by being a process with a child no more.
        let family = members(of: first.pid)
        return family.count == 1 && family.allSatisfy { Look(pid: $0).status("Name") == ["main"] }
    }
    let zombies = members(of: first.pid).filter { Look(pid: $0).status("State").first == "Z" }
    try require(
        allReaped, "an orphan that has ended does not stay a zombie while the main program runs",
        seen: "zombies under process 1: \(zombies.count)",
        idea: "Wait for any child (-1), again and again, not for the one you started.")
    try hold.write.write([1])
    try expect(
        try first.value(hasBegun: true), is: 7, "process 1 ends with the code of its main program",
        idea: "waitpid tells who ended: the code of an orphan is nobody's business.")
}

/// Leaves an orphan that ends at once, then waits to be let go, and ends with 7.
private func beMain(_ gate: Int32, _ other: Int32) -> Never {
    close(other)
    let middle = clinux_fork()
    if middle == 0 {
        if clinux_fork() == 0 { clinux_exit_now(3) }
        clinux_exit_now(0)
    }
    waitpid(middle, nil, 0)
    _ = clinux_prctl(PR_SET_NAME, UInt(bitPattern: strdup("main")), 0, 0, 0)
    var byte: UInt8 = 0
    _ = read(gate, &byte, 1)
    clinux_exit_now(7)
}

/// The children of a process, dead or alive, as this one's /proc knows them.
private func members(of parent: pid_t) -> [pid_t] {
    ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }
        .filter { Look(pid: $0).status("PPid") == ["\(parent)"] }
}
