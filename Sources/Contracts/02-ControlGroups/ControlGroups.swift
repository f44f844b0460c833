@_exported import Contract

/// Lab 02: how much one group of processes gets.
///
/// Kubernetes speaks of quantities (`500m` of a processor, `64Mi` of memory), the OCI specification
/// of shares, quotas and bytes, and the kernel of files in a cgroup's directory, which differ
/// between version 1 and 2. The part translates, and reads back what the kernel says about
/// throttling and killing.
public protocol ControlGroupsPart: Sendable {
    /// 02.1 Thousandths of a processor: `500m` is 500, `2` is 2000, `0.1` is 100. Rounded up.
    /// - Throws: `BadQuantity`.
    func milliCPUs(_ quantity: String) throws -> Int

    /// 02.1 Bytes: `64Mi` is 67108864, `1k` is 1000, `1e3` is 1000, `128` is 128. Rounded up.
    /// - Throws: `BadQuantity`.
    func bytes(_ quantity: String) throws -> Int

    /// 02.2 What the runtime is told for a container's requests and limits.
    ///
    /// A request for processors becomes shares (1024 a processor, at least 2); a limit becomes a
    /// quota of microseconds in each period of 100 000 (at least 1000); a limit of memory becomes a
    /// limit in bytes.
    func resources(_ wanted: ContainerResources) throws -> LinuxResources

    /// 02.3, 02.4 and 02.5 The control files to write, in order, for the cgroup's version.
    ///
    /// On version 2 shares become a weight: `1 + (shares - 2) * 9999 / 262142`.
    func controlFiles(_ request: ControlFilesRequest) throws -> [ControlFile]

    /// 02.6 Makes a group, limits it, and moves the process that asks into it, before it has
    /// allocated anything.
    ///
    /// On version 2 a group has the control files of a controller only when its parent hands that
    /// controller on (`cgroup.subtree_control`), and a parent that does so can have no processes of
    /// its own: cgroups(7), "no internal processes". Those that it has are moved to a child named
    /// `leaf`.
    func enterGroup(_ request: GroupRequest, kernel: any Kernel) throws

    /// 02.7 What the kernel tells of the group, from the text of its files.
    func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage

    /// 02.8 Stops every process of a group where it is, or lets all go on.
    ///
    /// Freezing takes a moment. When this returns the kernel has said that all stand still:
    /// `FROZEN` in freezer.state on version 1, `frozen 1` in cgroup.events on version 2.
    func freeze(_ group: GroupPlace, _ isFrozen: Bool, kernel: any Kernel) throws

    /// 02.8 Kills every process of a group, waits until none is left, and removes the group.
    ///
    /// A process may be born while others are killed: version 2 has a file that kills all at once;
    /// on version 1 a frozen group can't grow, but dies only when it is let go on.
    func remove(_ group: GroupPlace, kernel: any Kernel) throws
}

public struct BadQuantity: Error, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String {
        "\"\(text)\" is no quantity: write it like 500m, 0.5, 64Mi or 1G"
    }
}

/// A container's `resources` in a pod's specification: quantities, as they were written.
public struct ContainerResources: Codable, Hashable, Sendable {
    public var cpuRequest: String?
    public var cpuLimit: String?
    public var memoryLimit: String?
    /// How many processes and threads; nil for no limit.
    public var pidsLimit: Int?

    public init(
        cpuRequest: String? = nil, cpuLimit: String? = nil, memoryLimit: String? = nil,
        pidsLimit: Int? = nil
    ) {
        (self.cpuRequest, self.cpuLimit) = (cpuRequest, cpuLimit)
        (self.memoryLimit, self.pidsLimit) = (memoryLimit, pidsLimit)
    }
}

/// `linux.resources` of the OCI runtime specification, as far as the kit goes.
public struct LinuxResources: Codable, Hashable, Sendable {
    public var cpu: CPU?
    public var memory: Memory?
    public var pids: PIDs?
    public var devices: [DeviceRule]?
    public var blockIO: BlockIO?

    public struct CPU: Codable, Hashable, Sendable {
        public var shares: Int?
        /// Microseconds of processor time in each period; -1 for no limit.
        public var quota: Int?
        /// Microseconds.
        public var period: Int?
        /// Which processors: `0-1,3`.
        public var cpus: String?
        /// Which memory nodes.
        public var mems: String?
        public init(
            shares: Int? = nil, quota: Int? = nil, period: Int? = nil, cpus: String? = nil,
            mems: String? = nil
        ) {
            (self.shares, self.quota, self.period) = (shares, quota, period)
            (self.cpus, self.mems) = (cpus, mems)
        }
    }

    public struct Memory: Codable, Hashable, Sendable {
        /// Bytes; -1 for no limit.
        public var limit: Int?
        /// Bytes that are left to the group when memory is short.
        public var reservation: Int?
        /// Bytes of memory *and* swap together; -1 for no limit.
        public var swap: Int?
        public init(limit: Int? = nil, reservation: Int? = nil, swap: Int? = nil) {
            (self.limit, self.reservation, self.swap) = (limit, reservation, swap)
        }
    }

    public struct PIDs: Codable, Hashable, Sendable {
        /// 0 or less for no limit.
        public var limit: Int?
        public init(limit: Int?) { self.limit = limit }
    }

    /// Limits of what is read from and written to block devices.
    public struct BlockIO: Codable, Hashable, Sendable {
        /// A device and bytes a second.
        public struct Throttle: Codable, Hashable, Sendable {
            public var major: Int
            public var minor: Int
            public var rate: Int
            public init(major: Int, minor: Int, rate: Int) {
                (self.major, self.minor, self.rate) = (major, minor, rate)
            }
        }
        public var throttleReadBpsDevice: [Throttle]?
        public var throttleWriteBpsDevice: [Throttle]?
        public init(
            throttleReadBpsDevice: [Throttle]? = nil, throttleWriteBpsDevice: [Throttle]? = nil
        ) {
            self.throttleReadBpsDevice = throttleReadBpsDevice
            self.throttleWriteBpsDevice = throttleWriteBpsDevice
        }
    }

    /// One rule of the device controller; a later rule overrides an earlier one.
    public struct DeviceRule: Codable, Hashable, Sendable {
        public var allow: Bool
        /// `a` all, `c` character, `b` block.
        public var type: String?
        public var major: Int?
        public var minor: Int?
        /// Out of `r`, `w` and `m` (mknod).
        public var access: String?
        public init(
            allow: Bool, type: String? = nil, major: Int? = nil, minor: Int? = nil,
            access: String? = nil
        ) {
            (self.allow, self.type, self.major) = (allow, type, major)
            (self.minor, self.access) = (minor, access)
        }
    }

    public init(
        cpu: CPU? = nil, memory: Memory? = nil, pids: PIDs? = nil, devices: [DeviceRule]? = nil,
        blockIO: BlockIO? = nil
    ) {
        (self.cpu, self.memory, self.pids, self.devices) = (cpu, memory, pids, devices)
        self.blockIO = blockIO
    }
}

/// Which of the kernel's two cgroup interfaces a group's directory has.
public enum ControlGroupVersion: Int, Codable, Hashable, Sendable {
    case v1 = 1
    case v2 = 2
}

public struct ControlFilesRequest: Codable, Hashable, Sendable {
    public var resources: LinuxResources
    public var version: ControlGroupVersion
    public init(_ resources: LinuxResources, version: ControlGroupVersion) {
        (self.resources, self.version) = (resources, version)
    }
}

/// One value to write into one file of a group's directory.
public struct ControlFile: Codable, Hashable, Sendable {
    /// `cpu`, `memory`, `pids`, `cpuset` or `io`, which version 1 calls `blkio`. On version 1 each
    /// may have a directory tree of its own.
    public var controller: String
    /// `cpu.max`.
    public var name: String
    public var value: String
    public init(_ controller: String, _ name: String, _ value: String) {
        (self.controller, self.name, self.value) = (controller, name, value)
    }
}

/// The text of a group's files by name (`cpu.stat`, `memory.events`, …); those that could be read.
public struct ControlGroupFiles: Codable, Hashable, Sendable {
    public var version: ControlGroupVersion
    public var text: [String: String]
    public init(version: ControlGroupVersion, text: [String: String]) {
        (self.version, self.text) = (version, text)
    }
}

/// What a group has used, and what happened to it. Nil where the kernel did not tell.
public struct ControlGroupUsage: Codable, Hashable, Sendable {
    public var cpuMicroseconds: Int?
    /// Periods in which the group had something to run.
    public var periods: Int?
    /// Periods in which its quota ran out before its work did.
    public var throttledPeriods: Int?
    public var throttledMicroseconds: Int?
    /// Bytes in use now.
    public var memoryBytes: Int?
    /// Bytes in use without the file cache that could go at once: what kubectl top shows.
    public var workingSetBytes: Int?
    /// Processes that the kernel killed for want of memory.
    public var oomKills: Int?
    public var processes: Int?
    public init() {}
}

/// A group that is to be made in one hierarchy.
public struct GroupRequest: Codable, Hashable, Sendable {
    /// The directory of the group above: `/sys/fs/cgroup/drydock`. It is there.
    public var parent: String
    /// Its own directory's name below `parent`.
    public var name: String
    public var version: ControlGroupVersion
    /// The controllers whose files `limits` are: `cpu`, `memory`.
    public var controllers: [String]
    /// To be written in this order.
    public var limits: [ControlFile]

    public init(
        parent: String, name: String, version: ControlGroupVersion, controllers: [String],
        limits: [ControlFile]
    ) {
        (self.parent, self.name, self.version) = (parent, name, version)
        (self.controllers, self.limits) = (controllers, limits)
    }
}

/// Where a group is.
public struct GroupPlace: Codable, Hashable, Sendable {
    public var version: ControlGroupVersion
    /// One on version 2; on version 1 one in each hierarchy, that of the freezer first.
    public var directories: [String]

    public init(version: ControlGroupVersion, directories: [String]) {
        (self.version, self.directories) = (version, directories)
    }
}
