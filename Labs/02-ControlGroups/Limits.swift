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
        throw Unfinished("02.3")
        // step 02.3 end
    }

    /// Version 2: one file for quota and period, a weight in place of shares, swap counted by
    /// itself, max for no limit.
    func version2(_ resources: LinuxResources) throws -> [ControlFile] {
        // step 02.4 begin
        throw Unfinished("02.4")
        // step 02.4 end
    }

    /// Which processors and memory nodes, the same on both versions; and how fast a device is read
    /// and written, in bytes a second.
    func placement(
        _ resources: LinuxResources, _ version: ControlGroupVersion
    ) throws -> [ControlFile] {
        // step 02.5 begin
        throw Unfinished("02.5")
        // step 02.5 end
    }
}
