import ContractControlGroups

/// Tests of lab 02's part: they hold for the reference, and fail on parts that are wrong.
public struct ControlGroupsTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any ControlGroupsPart {
        RemoteControlGroups(asker)
    }

    /// `part` is any part of lab 02. A `RecordingKernel` writes its calls down (`kernel.calls`).
    public func test(_ part: any ControlGroupsPart) throws {
        // step 02.9 begin
        let sizes = try ["1.5Gi", "64M", "0.5k"].map { try part.bytes($0) }
        try expect(sizes == [1_610_612_736, 64_000_000, 500], "sizes")
        for text in ["64MiB", "16Ei"] {
            try expect((try? part.bytes(text)) ?? -1 < 0, "\(text) is no quantity, or too much")
        }
        let small = try part.resources(ContainerResources(cpuRequest: "0", cpuLimit: "1m"))
        try expect(small.cpu?.shares == 2 && small.cpu?.quota == 1000, "the least of both")
        let request = try part.resources(ContainerResources(cpuRequest: "1"))
        let cpu = request.cpu
        try expect(cpu?.quota == nil && cpu?.period == nil, "a request is no limit")
        let limited = try part.resources(ContainerResources(cpuLimit: "1"))
        try expect(limited.cpu?.shares == 1024, "a limit is a request")

        func files(_ resources: LinuxResources, _ version: ControlGroupVersion) throws -> [String] {
            let files = try part.controlFiles(.init(resources, version: version))
            return files.map { "\($0.name)=\($0.value)" }
        }
        let both = LinuxResources(
            cpu: .init(shares: 1024, quota: 50_000, period: 100_000),
            memory: .init(limit: 10, swap: 15))
        let old = try files(both, .v1)
        try expect(old.last == "memory.memsw.limit_in_bytes=15", "memory before memory and swap")
        let new = try files(both, .v2)
        try expect(new.contains("cpu.weight=39"), "shares become a weight")
        try expect(new.contains("cpu.max=50000 100000"), "quota and period in one file")
        try expect(new.contains("memory.swap.max=5"), "swap alone")
        let none = LinuxResources(memory: .init(limit: -1))
        try expect(try files(none, .v2) == ["memory.max=max"], "no limit is max")
        try expect(try files(none, .v1) == ["memory.limit_in_bytes=-1"], "no limit is -1")
        let slow = LinuxResources(
            blockIO: .init(throttleWriteBpsDevice: [.init(major: 8, minor: 0, rate: 7)]))
        try expect(try files(slow, .v2) == ["io.max=8:0 wbps=7"], "a write is a wbps")

        var kernel = RecordingKernel(files: ["/g/cgroup.procs": "17\n"])
        let limit = ControlFile("memory", "memory.max", "9")
        try part.enterGroup(
            .init(parent: "/g", name: "a", version: .v2, controllers: ["memory"], limits: [limit]),
            kernel: kernel)
        func at(_ path: String) -> Int {
            kernel.calls.firstIndex { if case .writeFile(path, _) = $0 { true } else { false } }
                ?? -1
        }
        let order = [
            "leaf/cgroup.procs", "cgroup.subtree_control", "a/memory.max", "a/cgroup.procs",
        ]
        let places = order.map { at("/g/\($0)") }
        try expect(places[0] >= 0 && places == places.sorted(), "leaf, controllers, limits, entry")

        var text = ["cpu.stat": "nr_periods 9\nnr_throttled 4\nthrottled_time 5000\n"]
        text["memory.oom_control"] = "oom_kill 2\n"
        var usage = try part.readUsage(.init(version: .v1, text: text))
        try expect([usage.throttledPeriods, usage.throttledMicroseconds] == [4, 5], "throttling")
        text = ["memory.events": "max 7\noom 3\noom_kill 2\n", "memory.current": "5\n"]
        text["memory.stat"] = "inactive_file 9\n"
        usage = try part.readUsage(.init(version: .v2, text: text))
        try expect(usage.oomKills == 2 && usage.workingSetBytes == 0, "kills, and never below zero")

        kernel = RecordingKernel(files: ["/f/cgroup.procs": "", "/f/freezer.state": "FROZEN\n"])
        try part.remove(.init(version: .v1, directories: ["/f", "/p"]), kernel: kernel)
        let states = kernel.calls.compactMap {
            if case .writeFile(_, let t) = $0 { t } else { nil }
        }
        try expect(states == ["FROZEN", "THAWED"], "frozen, then let go on")
        try expect(
            Set(kernel.calls).isSuperset(of: [.rmdir("/f"), .rmdir("/p")]), "all directories go")
        // step 02.9 end
    }
}
