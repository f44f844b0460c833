import ContractControlGroups
import Grading
import Linux

/// 02.3: version 1.
let versionOneFiles = Check("02.3") { bench in
    let part = RemoteControlGroups(bench.part)
    try compare(part, .v1, tableV1)
    let files = try files(part, .v1, full)
    func index(_ name: String) -> Int { files.firstIndex { $0.name == name } ?? -1 }
    try require(
        index("memory.limit_in_bytes") < index("memory.memsw.limit_in_bytes"),
        "memory is limited before memory and swap together", seen: names(files),
        idea: "memsw may not be below the limit of memory alone, which at first is none.")
    try require(
        index("cpu.cfs_period_us") < index("cpu.cfs_quota_us"),
        "the period is set before the quota",
        seen: names(files), idea: "The quota is counted in the period: set the measure first.")
    try taken(bench, .v1)
}

/// 02.4: version 2.
let versionTwoFiles = Check("02.4") { bench in
    let part = RemoteControlGroups(bench.part)
    try compare(part, .v2, tableV2)
    try taken(bench, .v2)
}

/// 02.5: where it runs, and how fast it reads and writes.
let placementFiles = Check("02.5") { bench in
    let part = RemoteControlGroups(bench.part)
    var resources = LinuxResources(cpu: .init(cpus: "0-1,3", mems: "0"))
    for version in [ControlGroupVersion.v1, .v2] {
        try expect(
            sorted(try files(part, version, resources)),
            is: ["cpuset/cpuset.cpus=0-1,3", "cpuset/cpuset.mems=0"],
            "which processors and which memory, on version \(version.rawValue)",
            idea:
                "cpuset's files are called alike on both versions, and take the list as it is written."
        )
    }
    resources = LinuxResources(cpu: .init(cpus: "2"))
    try expect(
        sorted(try files(part, .v2, resources)), is: ["cpuset/cpuset.cpus=2"],
        "processors without memory nodes",
        idea: "What has no value has no file.")
    resources = LinuxResources(
        blockIO: .init(
            throttleReadBpsDevice: [
                .init(major: 8, minor: 0, rate: 1_048_576), .init(major: 8, minor: 16, rate: 5),
            ],
            throttleWriteBpsDevice: [.init(major: 8, minor: 0, rate: 2_097_152)]))
    try expect(
        sorted(try files(part, .v1, resources)),
        is: [
            "blkio/blkio.throttle.read_bps_device=8:0 1048576",
            "blkio/blkio.throttle.read_bps_device=8:16 5",
            "blkio/blkio.throttle.write_bps_device=8:0 2097152",
        ], "reads and writes a second, on version 1",
        idea:
            "Version 1 has a file for reads and one for writes; each line is a device and a number."
    )
    let words = try files(part, .v2, resources).map { file in
        try expect(
            "\(file.controller)/\(file.name)", is: "io/io.max", "io has one file on version 2",
            idea: "The controller is io, and reads and writes are keys in one file.")
        return file.value.split(separator: " ").map(String.init)
    }
    var limits: [String] = []
    for line in words { limits += line.dropFirst().map { "\(line[0]) \($0)" } }
    try expect(
        limits.sorted(), is: ["8:0 rbps=1048576", "8:0 wbps=2097152", "8:16 rbps=5"],
        "reads and writes a second, on version 2",
        idea:
            "A line of io.max is MAJOR:MINOR and keys: rbps, wbps. Keys that are not named stay as they are."
    )
}

private let full = LinuxResources(
    cpu: .init(shares: 512, quota: 50_000, period: 100_000),
    memory: .init(limit: 67_108_864, reservation: 33_554_432, swap: 100_663_296),
    pids: .init(limit: 20))

private let tableV1: [(LinuxResources, [String])] = [
    (LinuxResources(), []),
    (
        full,
        [
            "cpu/cpu.cfs_period_us=100000", "cpu/cpu.cfs_quota_us=50000", "cpu/cpu.shares=512",
            "memory/memory.limit_in_bytes=67108864", "memory/memory.memsw.limit_in_bytes=100663296",
            "memory/memory.soft_limit_in_bytes=33554432", "pids/pids.max=20",
        ]
    ),
    (
        LinuxResources(cpu: .init(quota: -1), memory: .init(limit: -1), pids: .init(limit: 0)),
        ["cpu/cpu.cfs_quota_us=-1", "memory/memory.limit_in_bytes=-1", "pids/pids.max=max"]
    ),
    (LinuxResources(cpu: .init(shares: 2)), ["cpu/cpu.shares=2"]),
]

private let tableV2: [(LinuxResources, [String])] = [
    (LinuxResources(), []),
    (
        full,
        [
            "cpu/cpu.max=50000 100000", "cpu/cpu.weight=20", "memory/memory.low=33554432",
            "memory/memory.max=67108864", "memory/memory.swap.max=33554432", "pids/pids.max=20",
        ]
    ),
    (LinuxResources(cpu: .init(shares: 2)), ["cpu/cpu.weight=1"]),
    (LinuxResources(cpu: .init(shares: 1024)), ["cpu/cpu.weight=39"]),
    (LinuxResources(cpu: .init(shares: 262_144)), ["cpu/cpu.weight=10000"]),
    (LinuxResources(cpu: .init(shares: 0)), []),
    (LinuxResources(cpu: .init(shares: 1)), ["cpu/cpu.weight=1"]),
    (LinuxResources(cpu: .init(shares: 3751)), ["cpu/cpu.weight=143"]),
    (LinuxResources(cpu: .init(shares: 300_000)), ["cpu/cpu.weight=10000"]),
    (LinuxResources(cpu: .init(period: 50_000)), ["cpu/cpu.max=max 50000"]),
    (LinuxResources(memory: .init(swap: 0)), ["memory/memory.swap.max=0"]),
    (LinuxResources(memory: .init(swap: 4096)), ["memory/memory.swap.max=4096"]),
    (
        LinuxResources(memory: .init(limit: 8192, swap: 4096)),
        ["memory/memory.max=8192", "memory/memory.swap.max=0"]
    ),
    (
        LinuxResources(memory: .init(limit: -1, swap: 4096)),
        ["memory/memory.max=max", "memory/memory.swap.max=4096"]
    ),
    (LinuxResources(cpu: .init(quota: -1, period: 50_000)), ["cpu/cpu.max=max 50000"]),
    (LinuxResources(cpu: .init(quota: 20_000)), ["cpu/cpu.max=20000 100000"]),
    (
        LinuxResources(memory: .init(limit: -1, swap: -1), pids: .init(limit: 0)),
        ["memory/memory.max=max", "memory/memory.swap.max=max", "pids/pids.max=max"]
    ),
]

private func files(
    _ part: RemoteControlGroups, _ version: ControlGroupVersion, _ resources: LinuxResources
) throws -> [ControlFile] {
    try part.controlFiles(ControlFilesRequest(resources, version: version))
}

private func sorted(_ files: [ControlFile]) -> [String] {
    files.map { "\($0.controller)/\($0.name)=\($0.value)" }.sorted()
}

private func names(_ files: [ControlFile]) -> String { files.map(\.name).joined(separator: ", ") }

/// The files as a set: the order is asked about where it matters.
private func compare(
    _ part: RemoteControlGroups, _ version: ControlGroupVersion,
    _ table: [(LinuxResources, [String])]
) throws {
    for (resources, expected) in table {
        try expect(
            sorted(try files(part, version, resources)), is: expected,
            "the control files of version \(version.rawValue) for \(words(resources))",
            idea: version == .v1
                ? "A file for each value, -1 for no limit; only pids says max."
                : "cpu.max holds quota and period; shares 2…262144 become a weight 1…10000; swap is counted without memory; max is no limit."
        )
    }
}

private func words(_ resources: LinuxResources) -> String {
    var words: [String] = []
    func say(_ name: String, _ value: Int?) { if let value { words.append("\(name) \(value)") } }
    say("shares", resources.cpu?.shares)
    say("quota", resources.cpu?.quota)
    say("period", resources.cpu?.period)
    say("memory", resources.memory?.limit)
    say("memory and swap", resources.memory?.swap)
    say("reservation", resources.memory?.reservation)
    say("pids", resources.pids?.limit)
    return words.isEmpty ? "nothing" : words.joined(separator: ", ")
}

/// Writes the files to a real group of that version, where this machine has one, and reads them back.
private func taken(_ bench: Bench, _ version: ControlGroupVersion) throws {
    let part = RemoteControlGroups(bench.part)
    let groups = try RealGroups()
    var untried: Set<String> = []
    let resources = LinuxResources(
        cpu: .init(shares: 512, quota: 50_000, period: 100_000), memory: .init(limit: 67_108_864),
        pids: .init(limit: 20))
    for file in try files(part, version, resources) {
        guard let place = groups.place(of: file.controller), place.version == version else {
            untried.insert(file.controller)
            continue
        }
        let path = "\(try groups.make("limits", in: place))/\(file.name)"
        do { try RealKernel().writeFile(path, file.value) } catch {
            throw Failed(
                "the kernel takes \"\(file.value)\" for \(file.name)", expected: "no error",
                seen: "\(error)",
                idea:
                    "The control file's own words are in cgroups(7) and the kernel's cgroup-v1 and cgroup-v2 documents."
            )
        }
        let told = try Files.readText(path).split(separator: "\n").first.map(String.init)
        try expect(
            told, is: file.value, "\(file.name) says what was written to it",
            idea: "The kernel rounds what it can't count. What was meant is what is read back.")
    }
    if !untried.isEmpty {
        bench.couldNotTry(
            "with real files of \(untried.sorted().joined(separator: ", "))",
            because: "no such group on version \(version.rawValue) that this process can write")
    }
}
