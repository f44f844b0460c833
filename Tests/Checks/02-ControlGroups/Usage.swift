import ContractControlGroups
import Grading
import Linux

/// 02.7: what the kernel tells.
let usageIsRead = Check("02.7", requires: [.sandbox]) { bench in
    let part = RemoteControlGroups(bench.part)
    let little = ControlGroupFiles(version: .v2, text: ["memory.current": "4096\n"])
    var known = ControlGroupUsage()
    (known.memoryBytes, known.workingSetBytes) = (4096, 4096)
    for (files, expected) in [
        (textV1, usageV1), (textV2, usageV2), (bare, ControlGroupUsage()), (little, known),
    ] {
        try compare(try part.readUsage(files), expected, "version \(files.version.rawValue)")
    }
    let groups = try RealGroups()
    let halves: [(String, String, (RemoteControlGroups, String, RealGroups.Place) throws -> Void)] = [
        ("cpu", "busy", throttled), ("pids", "bomb", bombed), ("memory", "big", starved),
    ]
    var untried: [String] = []
    for (controller, name, half) in halves {
        guard let place = groups.place(of: controller) else {
            untried.append(controller)
            continue
        }
        try half(part, try groups.make(name, in: place), place)
    }
    if !untried.isEmpty {
        bench.couldNotTry(
            "with real groups of \(untried.joined(separator: ", "))",
            because: "there are none that this process can write")
    }
}

private let textV1 = ControlGroupFiles(
    version: .v1,
    text: [
        "cpu.stat": "nr_periods 40\nnr_throttled 25\nthrottled_time 1875000000\n",
        "cpuacct.usage": "1000123456\n", "memory.usage_in_bytes": "20000000\n",
        "memory.stat":
            "cache 7\ninactive_file 3\ntotal_cache 9000000\ntotal_inactive_file 4000000\n",
        "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        "pids.current": "5\n",
    ])
private let usageV1 = usage(1_000_123, 40, 25, 1_875_000, 20_000_000, 16_000_000, 2, 5)
private let textV2 = ControlGroupFiles(
    version: .v2,
    text: [
        "cpu.stat":
            "usage_usec 1000123\nuser_usec 900000\nsystem_usec 100123\nnr_periods 40\nnr_throttled 25\nthrottled_usec 1875000\nnr_bursts 0\nburst_usec 0\n",
        "memory.current": "3000000\n", "memory.stat": "anon 5\nfile 6\ninactive_file 4000000\n",
        "memory.events": "low 0\nhigh 0\nmax 31\noom 3\noom_kill 2\noom_group_kill 0\n",
        "pids.current": "5\n",
    ])
private let usageV2 = usage(1_000_123, 40, 25, 1_875_000, 3_000_000, 0, 2, 5)
private let bare = ControlGroupFiles(version: .v2, text: [:])

private func usage(
    _ cpu: Int, _ periods: Int, _ throttled: Int, _ waited: Int, _ memory: Int, _ set: Int,
    _ kills: Int,
    _ processes: Int
) -> ControlGroupUsage {
    var usage = ControlGroupUsage()
    (usage.cpuMicroseconds, usage.periods, usage.throttledPeriods) = (cpu, periods, throttled)
    (usage.throttledMicroseconds, usage.memoryBytes, usage.workingSetBytes) = (waited, memory, set)
    (usage.oomKills, usage.processes) = (kills, processes)
    return usage
}

private func compare(_ seen: ControlGroupUsage, _ expected: ControlGroupUsage, _ situation: String)
    throws
{
    let fields: [(String, KeyPath<ControlGroupUsage, Int?>, String)] = [
        ("periods", \.periods, "nr_periods in cpu.stat."),
        (
            "throttled periods", \.throttledPeriods,
            "Throttled is what the kernel counted: nr_throttled. Seconds that passed may have been spent waiting for anything."
        ),
        (
            "throttled microseconds", \.throttledMicroseconds,
            "Version 1 says throttled_time in nanoseconds, version 2 throttled_usec."
        ),
        (
            "microseconds of processor time", \.cpuMicroseconds,
            "Version 1 has cpuacct.usage in nanoseconds, version 2 usage_usec in cpu.stat."
        ),
        (
            "bytes of memory", \.memoryBytes,
            "memory.usage_in_bytes on version 1, memory.current on version 2."
        ),
        (
            "bytes of the working set", \.workingSetBytes,
            "Memory without the file cache that could go at once, and never below zero."
        ),
        (
            "kills for want of memory", \.oomKills,
            "oom_kill counts kills; oom and max count how often it was tight."
        ),
        ("processes", \.processes, "pids.current."),
    ]
    for (name, path, idea) in fields {
        try expect(
            seen[keyPath: path], is: expected[keyPath: path],
            expected == ControlGroupUsage()
                ? "\(name): nothing is told, so nothing is said"
                : "\(name), from the files of \(situation)",
            idea: idea)
    }
}

/// What a real group's files say now.
private func text(_ group: String, _ place: RealGroups.Place) -> ControlGroupFiles {
    var files = ControlGroupFiles(version: place.version, text: [:])
    for name in ["cpu.stat", "memory.oom_control", "memory.events", "pids.current"] {
        files.text[name] = try? Files.readText("\(group)/\(name)")
    }
    return files
}

/// Two busy processes with a tenth of one processor: they are stopped within every period.
private func throttled(_ part: RemoteControlGroups, _ group: String, _ place: RealGroups.Place)
    throws
{
    let kernel = RealKernel()
    if place.version == .v1 {
        try kernel.writeFile("\(group)/cpu.cfs_period_us", "10000")
        try kernel.writeFile("\(group)/cpu.cfs_quota_us", "1000")
    } else {
        try kernel.writeFile("\(group)/cpu.max", "1000 10000")
    }
    let files = try Sandbox.run { _ in
        let busy = try (0..<2).map { _ in
            try SandboxProcess { () throws -> Done in
                try kernel.writeFile("\(group)/cgroup.procs", "0")
                while true {}
            }
        }
        busy.forEach { $0.begin() }
        _ = eventually {
            (ControlText(text(group, place).text["cpu.stat"] ?? "")["nr_throttled"] ?? 0) > 0
        }
        let told = text(group, place)
        withExtendedLifetime(busy) {}
        return told
    }
    let counted = ControlText(files.text["cpu.stat"] ?? "")["nr_throttled"] ?? 0
    try require(
        counted > 0, "this kernel throttles two busy processes at a tenth of a processor",
        seen: "nr_throttled \(counted)", idea: "The kit's own group: see `Labs/lab doctor`.")
    try expect(
        try part.readUsage(files).throttledPeriods, is: counted,
        "throttled periods, from a real group's cpu.stat",
        idea: "nr_throttled, whatever else stands in the file.")
}

/// A fork bomb in a group of eight.
private func bombed(_ part: RemoteControlGroups, _ group: String, _ place: RealGroups.Place) throws
{
    let kernel = RealKernel()
    try kernel.writeFile("\(group)/pids.max", "8")
    let files = try Sandbox.run { _ in
        let bomb = try SandboxProcess { () throws -> Int in
            try kernel.writeFile("\(group)/cgroup.procs", "0")
            var born = 0
            for _ in 0..<64 {
                let child = clinux_fork()
                if child == 0 { while true { pause() } }
                born += child > 0 ? 1 : 0
            }
            return born
        }
        try expect(
            try bomb.value(), is: 7, "a group of eight has room for seven children",
            idea: "The kit's own group: see `Labs/lab doctor`.")
        return text(group, place)
    }
    try expect(
        try part.readUsage(files).processes, is: 8, "processes, from a real group's pids.current",
        idea:
            "pids.current counts processes and threads; the fork that would be the ninth gets EAGAIN."
    )
}

/// A process that takes more memory than its group has.
private func starved(_ part: RemoteControlGroups, _ group: String, _ place: RealGroups.Place) throws
{
    let kernel = RealKernel()
    let file = place.version == .v1 ? "memory.limit_in_bytes" : "memory.max"
    try kernel.writeFile("\(group)/\(file)", "16777216")
    let files = try Sandbox.run { _ in
        let process = try SandboxProcess { () throws -> Int32 in
            try kernel.writeFile("\(group)/cgroup.procs", "0")
            return takesMemory(megabytes: 48)
        }
        try process.value()
        return text(group, place)
    }
    let name = place.version == .v1 ? "memory.oom_control" : "memory.events"
    try expect(
        try part.readUsage(files).oomKills, is: ControlText(files.text[name] ?? "")["oom_kill"],
        "kills for want of memory, from a real group's \(name)", idea: "The line oom_kill.")
}
