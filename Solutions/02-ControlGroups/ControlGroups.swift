import Contracts

/// Lab 02: from quantities to control files, and back.
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

    public func controlFiles(_ request: ControlFilesRequest) throws -> [ControlFile] {
        switch request.version {
        case .v1: try version1(request.resources)
        case .v2: try version2(request.resources)
        }
    }

    /// Version 1: a period before the quota that is measured in it, memory before memory and swap.
    func version1(_ resources: LinuxResources) throws -> [ControlFile] {
        // step 02.3 begin
        var files: [ControlFile] = []
        func set(_ controller: String, _ name: String, _ value: Int?) {
            if let value { files.append(ControlFile(controller, name, String(value))) }
        }
        set("cpu", "cpu.shares", resources.cpu?.shares)
        set("cpu", "cpu.cfs_period_us", resources.cpu?.period)
        set("cpu", "cpu.cfs_quota_us", resources.cpu?.quota)
        set("memory", "memory.limit_in_bytes", resources.memory?.limit)
        set("memory", "memory.memsw.limit_in_bytes", resources.memory?.swap)
        set("memory", "memory.soft_limit_in_bytes", resources.memory?.reservation)
        if let limit = resources.pids?.limit {
            files.append(ControlFile("pids", "pids.max", limit > 0 ? String(limit) : "max"))
        }
        if let cpus = resources.cpu?.cpus {
            files.append(ControlFile("cpuset", "cpuset.cpus", cpus))
        }
        if let mems = resources.cpu?.mems {
            files.append(ControlFile("cpuset", "cpuset.mems", mems))
        }
        return files
        // step 02.3 end
    }

    /// Version 2: one file for quota and period, a weight in place of shares, swap counted by
    /// itself.
    func version2(_ resources: LinuxResources) throws -> [ControlFile] {
        // step 02.4 begin
        var files: [ControlFile] = []
        func limit(_ value: Int) -> String { value > 0 ? String(value) : "max" }
        if let shares = resources.cpu?.shares, shares > 0 {
            let weight = 1 + (min(max(shares, 2), 262144) - 2) * 9999 / 262142
            files.append(ControlFile("cpu", "cpu.weight", String(weight)))
        }
        if resources.cpu?.quota != nil || resources.cpu?.period != nil {
            let quota = limit(resources.cpu?.quota ?? -1)
            files.append(
                ControlFile("cpu", "cpu.max", "\(quota) \(resources.cpu?.period ?? 100_000)"))
        }
        if let bytes = resources.memory?.limit {
            files.append(ControlFile("memory", "memory.max", limit(bytes)))
        }
        if let both = resources.memory?.swap {
            let swap =
                both < 0 ? "max" : String(max(0, both - max(0, resources.memory?.limit ?? 0)))
            files.append(ControlFile("memory", "memory.swap.max", swap))
        }
        if let low = resources.memory?.reservation {
            files.append(ControlFile("memory", "memory.low", String(low)))
        }
        if let count = resources.pids?.limit {
            files.append(ControlFile("pids", "pids.max", limit(count)))
        }
        if let cpus = resources.cpu?.cpus {
            files.append(ControlFile("cpuset", "cpuset.cpus", cpus))
        }
        if let mems = resources.cpu?.mems {
            files.append(ControlFile("cpuset", "cpuset.mems", mems))
        }
        return files
        // step 02.4 end
    }

    /// Throttled is what the kernel counted as throttled; seconds that pass prove nothing.
    public func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage {
        // step 02.5 begin
        let isV2 = files.version == .v2
        func number(_ name: String) -> Int? {
            files.text[name]?.split { $0 == "\n" || $0 == " " }.first.flatMap { Int($0) }
        }
        func line(_ name: String, _ key: String) -> Int? {
            for line in (files.text[name] ?? "").split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 2, words[0] == key { return Int(words[1]) }
            }
            return nil
        }
        var usage = ControlGroupUsage()
        usage.periods = line("cpu.stat", "nr_periods")
        usage.throttledPeriods = line("cpu.stat", "nr_throttled")
        usage.throttledMicroseconds =
            isV2
            ? line("cpu.stat", "throttled_usec")
            : line("cpu.stat", "throttled_time").map { $0 / 1000 }
        usage.cpuMicroseconds =
            isV2 ? line("cpu.stat", "usage_usec") : number("cpuacct.usage").map { $0 / 1000 }
        usage.memoryBytes = number(isV2 ? "memory.current" : "memory.usage_in_bytes")
        let reclaimable = line("memory.stat", isV2 ? "inactive_file" : "total_inactive_file") ?? 0
        usage.workingSetBytes = usage.memoryBytes.map { max(0, $0 - reclaimable) }
        usage.oomKills =
            isV2 ? line("memory.events", "oom_kill") : line("memory.oom_control", "oom_kill")
        usage.processes = number("pids.current")
        return usage
        // step 02.5 end
    }
}
