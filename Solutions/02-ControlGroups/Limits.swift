import ContractControlGroups

/// The control files for given limits. What has no value has no file.
extension ControlGroups {
    public func controlFiles(_ request: ControlFilesRequest) throws -> [ControlFile] {
        let resources = request.resources
        var files: [ControlFile]
        switch request.version {
        case .v1: files = try version1(resources)
        case .v2: files = try version2(resources)
        }
        if resources.cpu?.cpus != nil || resources.cpu?.mems != nil || resources.blockIO != nil {
            files += try placement(resources, request.version)
        }
        return files
    }

    /// As a file says it that knows the word: `max` for 0 and less.
    func orMax(_ value: Int) -> String { value > 0 ? String(value) : "max" }

    /// Version 1: a period before the quota that is measured in it, memory before memory and swap.
    /// pids alone spells "no limit" as max.
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
            files.append(ControlFile("pids", "pids.max", orMax(limit)))
        }
        return files
        // step 02.3 end
    }

    /// Version 2: one file for quota and period, a weight in place of shares, swap counted by
    /// itself, max for no limit.
    func version2(_ resources: LinuxResources) throws -> [ControlFile] {
        // step 02.4 begin
        var files: [ControlFile] = []
        if let shares = resources.cpu?.shares, shares > 0 {
            let weight = 1 + (min(shares, 262144) - 2) * 9999 / 262142
            files.append(ControlFile("cpu", "cpu.weight", String(weight)))
        }
        if resources.cpu?.quota != nil || resources.cpu?.period != nil {
            let quota = resources.cpu?.quota.map(orMax) ?? "max"
            files.append(
                ControlFile("cpu", "cpu.max", "\(quota) \(resources.cpu?.period ?? 100_000)"))
        }
        if let bytes = resources.memory?.limit {
            files.append(ControlFile("memory", "memory.max", orMax(bytes)))
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
            files.append(ControlFile("pids", "pids.max", orMax(count)))
        }
        return files
        // step 02.4 end
    }

    /// Which processors and memory nodes, the same on both versions; and how fast a device is read
    /// and written, in bytes a second.
    func placement(
        _ resources: LinuxResources, _ version: ControlGroupVersion
    ) throws -> [ControlFile] {
        // step 02.5 begin
        var files: [ControlFile] = []
        for (name, list) in [("cpus", resources.cpu?.cpus), ("mems", resources.cpu?.mems)] {
            if let list { files.append(ControlFile("cpuset", "cpuset.\(name)", list)) }
        }
        let reads = (resources.blockIO?.throttleReadBpsDevice ?? []).map { ("read", "rbps", $0) }
        let writes = (resources.blockIO?.throttleWriteBpsDevice ?? []).map { ("write", "wbps", $0) }
        for (verb, key, throttle) in reads + writes {
            let device = "\(throttle.major):\(throttle.minor)"
            files.append(
                version == .v2
                    ? ControlFile("io", "io.max", "\(device) \(key)=\(throttle.rate)")
                    : ControlFile(
                        "blkio", "blkio.throttle.\(verb)_bps_device", "\(device) \(throttle.rate)"))
        }
        return files
        // step 02.5 end
    }
}
