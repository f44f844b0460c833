import ContractNamespaces
import Grading
import Linux

/// 01.7: a cgroup namespace begins where its maker is.
let cgroupNamespaceBeginsInside = Check("01.7", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try recordedEntry(part)
    try refusedEntry(part)
    // Below this process's own cgroups, where they can be written: an ordinary user may have none.
    let groups = try CheckGroups()
    if groups.directories.isEmpty {
        return bench.couldNotTry(
            "with a real group", because: "there is none that this process can write")
    }
    try Sandbox.run { _ in
        try bench.part.start()
        let process = try SandboxProcess { () throws -> String in
            let files = groups.directories.map { "\($0)/cgroup.procs" }
            try succeeds(
                "the cgroups are entered without an error",
                idea: { _ in
                    "0 in cgroup.procs means the process that writes it."
                }
            ) { try part.enterControlGroups(files, kernel: RealKernel()) }
            return try Files.readText("/proc/self/cgroup")
        }
        let inside = try process.value()
        let outside = try Files.readText("/proc/\(process.pid)/cgroup")
        let entered = outside.split(separator: "\n").filter { $0.hasSuffix("/\(groups.name)") }
        try expect(
            entered.count, is: groups.directories.count,
            "/proc/PID/cgroup, read from outside, ends in the new group in every hierarchy that was named",
            idea: "Each hierarchy has a cgroup.procs of its own.")
        try require(
            !inside.contains(groups.name) && !inside.contains("/.."),
            "the process calls its own cgroups /", seen: "inside, /proc/self/cgroup says \(inside)",
            idea: "The namespace's root is where the process is when it unshares. Enter first.")
    }
}

private func recordedEntry(_ part: RemoteNamespaces) throws {
    let kernel = RecordingKernel()
    let files = ["/sys/fs/cgroup/a/cgroup.procs", "/sys/fs/cgroup/b/cgroup.procs"]
    try part.enterControlGroups(files, kernel: kernel)
    for file in files {
        try expect(
            kernel.written(to: file).map { $0.filter { $0 != "\n" } }, is: ["0"],
            "0 is written to \(file), once",
            idea:
                "0 stands for the writer, whatever number it has: it knows its own only in its own PID namespace."
        )
    }
    let unshared = kernel.calls.firstIndex(of: .unshare(.newCgroup))
    let last = kernel.calls.lastIndex { call in files.contains { call.isWrite(to: $0) } }
    try require(
        unshared != nil && last != nil && last! < unshared!,
        "the cgroup namespace is made after the last cgroup was entered",
        seen: kernel.calls.map { "\($0)" }.joined(separator: "; "),
        idea: "The namespace's root is where the process is when it unshares.")
}

/// A group that can't be entered: going on would leave the process outside its limits, and nobody would know.
private func refusedEntry(_ part: RemoteNamespaces) throws {
    let files = ["/sys/fs/cgroup/a/cgroup.procs", "/sys/fs/cgroup/b/cgroup.procs"]
    for file in files {
        let kernel = RecordingKernel(failures: [
            .writeFile(file, "0"): .notPermitted, .writeFile(file, "0\n"): .notPermitted,
        ])
        do {
            try part.enterControlGroups(files, kernel: kernel)
            throw Failed(
                "a cgroup that can't be entered is an error",
                expected: "the error of writing \(file)",
                seen: "none",
                idea:
                    "Whoever goes on all the same runs without its limits. An error that is swallowed is found by users."
            )
        } catch PartFailure.threw {}
    }
}

/// An empty group in each hierarchy that lets us make one. Removed when the value goes.
private final class CheckGroups {
    let name = "drydock-check-\(getpid())"
    private(set) var directories: [String] = []

    init() throws {
        for line in try Files.readText("/proc/self/mountinfo").split(separator: "\n") {
            let mount = Mount(line)
            guard mount.type == "cgroup2" || mount.superOptions.contains("pids") else { continue }
            guard let own = try ownPath(mount) else { continue }
            let directory = "\(mount.point)\(own == "/" ? "" : own)/\(name)"
            if mkdir(directory, 0o755) == 0 { directories.append(directory) }
        }
    }

    /// `0::/user.slice` or `8:pids:/`
    private func ownPath(_ mount: Mount) throws -> String? {
        for line in try Files.readText("/proc/self/cgroup").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isIt =
                mount.type == "cgroup2"
                ? fields[1].isEmpty : fields[1].split(separator: ",").contains("pids")
            if isIt { return String(fields[2]) }
        }
        return nil
    }

    deinit {
        for directory in directories {
            // Who was killed a moment ago still keeps it busy.
            _ = eventually { rmdir(directory) == 0 || Errno.current == .noEntry }
        }
    }
}
