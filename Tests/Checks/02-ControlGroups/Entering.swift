import ContractControlGroups
import Grading
import Linux

import func Glibc.mlock

/// 02.6: made, limited, entered, in this order.
let groupIsEnteredLast = Check("02.6", requires: [.sandbox]) { bench in
    let part = RemoteControlGroups(bench.part)
    try entersFake(part, .v1, members: [])
    try entersFake(part, .v2, members: [])
    try entersFake(part, .v2, members: [17, 23])
    let groups = try RealGroups()
    let memory = groups.place(of: "memory")
    if let memory { try entersReal(bench, memory) }
    // A hybrid machine has both versions; elsewhere the two are one place.
    if let unified = groups.unified, unified.directory != memory?.directory {
        try entersReal(bench, unified)
    }
    if memory == nil, groups.unified == nil {
        bench.couldNotTry(
            "with a real group", because: "there is none that this process can write")
    }
}

private let root = "/sys/fs/cgroup/drydock"

private func entersFake(
    _ part: RemoteControlGroups, _ version: ControlGroupVersion, members: [Int]
) throws {
    let limits =
        version == .v1
        ? [ControlFile("memory", "memory.limit_in_bytes", "4096")]
        : [
            ControlFile("cpu", "cpu.max", "50000 100000"),
            ControlFile("memory", "memory.max", "4096"),
        ]
    let tree = FakeTree(
        version, root: root, controllers: ["cpu", "memory", "pids"], members: members)
    let situation =
        "version \(version.rawValue)"
        + (members.isEmpty ? "" : ", where the group above has processes of its own")
    let request = GroupRequest(
        parent: root, name: "app", version: version,
        controllers: version == .v1 ? ["memory"] : ["cpu", "memory"], limits: limits)
    try succeeds("a group is made, limited and entered on \(situation)", idea: reason) {
        try part.enterGroup(request, kernel: tree)
    }
    try expect(
        tree.callerHome, is: "\(root)/app", "who asked is in the new group on \(situation)",
        idea: "0 in cgroup.procs is the process that writes it.")
    try expect(
        tree.setAtEntry, is: Dictionary(uniqueKeysWithValues: limits.map { ($0.name, $0.value) }),
        "all limits are set before anybody is in the group, on \(situation)",
        idea:
            "Memory is charged to the group one is in when a page is first touched, and stays charged there. Limit first, then join, then allocate."
    )
    for member in members {
        try expect(
            tree.home(of: member), is: "\(root)/leaf",
            "the processes of the group above have moved to its leaf, on \(situation)",
            idea:
                "No internal processes: a group has members of its own, or controllers that it hands on."
        )
    }
}

private func reason(_ text: String) -> String {
    if text.contains("busy") {
        return
            "EBUSY: the group that is to hand controllers on has processes, or the group that is to take one in hands controllers on."
    }
    return text.contains("No such file")
        ? "On version 2 the files of a controller appear in a group when its parent has it in cgroup.subtree_control."
        : "Look at the call that failed, and at cgroups(7)."
}

/// A process enters, and then takes more than the group has.
private func entersReal(_ bench: Bench, _ place: RealGroups.Place) throws {
    let hasMemory =
        place.version == .v1
        || ((try? Files.readText("\(place.directory)/cgroup.controllers")) ?? "").contains("memory")
    let limit = place.version == .v1 ? "memory.limit_in_bytes" : "memory.max"
    let request = GroupRequest(
        parent: place.directory, name: "app", version: place.version,
        controllers: hasMemory ? ["memory"] : [],
        limits: hasMemory ? [ControlFile("memory", limit, "16777216")] : [])
    let group = "\(place.directory)/app"
    try Sandbox.run { _ in
        try bench.part.start()
        let part = RemoteControlGroups(bench.part)
        let process = try SandboxProcess { () throws -> Int32 in
            try succeeds("a real group is made, limited and entered", idea: reason) {
                try part.enterGroup(request, kernel: FencedKernel(directories: [place.directory]))
            }
            return hasMemory ? takesMemory(megabytes: 48) : 137
        }
        try expect(
            try process.value(), is: 137,
            "who takes 48 MiB in a group of 16 MiB is killed by the kernel",
            idea:
                "The limit counts what was touched in the group: it has to be set, and the process to be in it, before."
        )
        let told = try Files.readText("/proc/\(process.pid)/cgroup").split(separator: "\n")
        try require(
            told.contains { $0.hasSuffix("/app") },
            "/proc/PID/cgroup, read from outside, ends in the new group",
            seen: told.joined(separator: " "),
            idea: "cgroup.procs of the new group takes the number of a process, or 0.")
    }
    guard hasMemory else { return }
    let events = try Files.readText(
        "\(group)/\(place.version == .v1 ? "memory.oom_control" : "memory.events")")
    try require(
        (ControlText(events)["oom_kill"] ?? 0) > 0, "the group's own counter oom_kill says so",
        seen: events,
        idea: "The kernel counts kills by group: another group's limit was hit, or none.")
}

/// `key number` lines.
struct ControlText {
    private var numbers: [String: Int] = [:]
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { numbers[String(words[0])] = Int(words[1]) }
        }
    }
    subscript(_ key: String) -> Int? { numbers[key] }
}

/// A child touches so much memory. Locked, so that no swap device takes it.
/// - Returns: how it ended, as a shell shows it.
func takesMemory(megabytes: Int) -> Int32 {
    let child = clinux_fork()
    if child == 0 {
        let size = megabytes << 20
        guard let memory = malloc(size) else { clinux_exit_now(1) }
        mlock(memory, size)
        memset(memory, 1, size)
        clinux_exit_now(0)
    }
    return (try? Child(pid: child).wait().code) ?? 1
}
