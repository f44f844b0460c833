import ContractControlGroups

/// Lab 02: from quantities to control files (Limits.swift), and what is done with a group
/// (Groups.swift).
public struct ControlGroups: ControlGroupsPart, Part {
    public init() {}

    public func milliCPUs(_ quantity: String) throws -> Int {
        try Quantity(quantity).inUnits(1000)
    }

    public func bytes(_ quantity: String) throws -> Int {
        try Quantity(quantity).inUnits(1)
    }

    /// Shares stand for a request, a quota for a limit. A limit without a request is a request as
    /// well.
    public func resources(_ wanted: ContainerResources) throws -> LinuxResources {
        // step 02.2 begin
        var resources = LinuxResources()
        if let request = wanted.cpuRequest ?? wanted.cpuLimit {
            let shares = try milliCPUs(request) * 1024 / 1000
            resources.cpu = .init(shares: min(max(shares, 2), 262144))
        }
        if let limit = wanted.cpuLimit {
            let quota = try milliCPUs(limit) * 100_000 / 1000
            resources.cpu?.quota = max(quota, 1000)
            resources.cpu?.period = 100_000
        }
        if let limit = wanted.memoryLimit { resources.memory = .init(limit: try bytes(limit)) }
        if let limit = wanted.pidsLimit { resources.pids = .init(limit: limit) }
        return resources
        // step 02.2 end
    }

    /// Throttled is what the kernel counted as throttled; seconds that pass prove nothing.
    /// Microseconds where the kernel of version 1 says nanoseconds. What is not told is nil.
    public func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage {
        // step 02.7 begin
        let isV2 = files.version == .v2
        var usage = ControlGroupUsage()
        usage.periods = files.number("nr_periods", in: "cpu.stat")
        usage.throttledPeriods = files.number("nr_throttled", in: "cpu.stat")
        usage.throttledMicroseconds =
            isV2
            ? files.number("throttled_usec", in: "cpu.stat")
            : files.number("throttled_time", in: "cpu.stat").map { $0 / 1000 }
        usage.cpuMicroseconds =
            isV2
            ? files.number("usage_usec", in: "cpu.stat")
            : files.number(in: "cpuacct.usage").map { $0 / 1000 }
        usage.memoryBytes = files.number(in: isV2 ? "memory.current" : "memory.usage_in_bytes")
        let cache = files.number(isV2 ? "inactive_file" : "total_inactive_file", in: "memory.stat")
        usage.workingSetBytes = usage.memoryBytes.map { max(0, $0 - (cache ?? 0)) }
        usage.oomKills = files.number("oom_kill", in: isV2 ? "memory.events" : "memory.oom_control")
        usage.processes = files.number(in: "pids.current")
        return usage
        // step 02.7 end
    }
}

extension ControlGroupFiles {
    /// The number that a file begins with: `pids.current`. Nil where there is none.
    func number(in name: String) -> Int? {
        text[name]?.split { $0 == "\n" || $0 == " " }.first.flatMap { Int($0) }
    }

    /// The number in a file's line of that key: `nr_throttled 3` in `cpu.stat`.
    func number(_ key: String, in name: String) -> Int? {
        for line in (text[name] ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) }
        }
        return nil
    }
}
