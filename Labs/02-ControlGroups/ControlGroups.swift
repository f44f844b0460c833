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
        throw Unfinished("02.2")
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
        throw Unfinished("02.3")
        // step 02.3 end
    }

    /// Version 2: one file for quota and period, a weight in place of shares, swap counted by
    /// itself.
    func version2(_ resources: LinuxResources) throws -> [ControlFile] {
        // step 02.4 begin
        throw Unfinished("02.4")
        // step 02.4 end
    }

    /// Throttled is what the kernel counted as throttled; seconds that pass prove nothing.
    public func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage {
        // step 02.5 begin
        throw Unfinished("02.5")
        // step 02.5 end
    }
}
