import Linux

/// Reading and tidying control groups, on v2 (one tree) and v1 (a tree a controller).
/// Source: kernel documentation, admin-guide/cgroup-v2.rst and cgroup-v1/.
public enum Cgroups {
    static let mountPoint = "/sys/fs/cgroup"

    static var isUnified: Bool { Files.exists("\(mountPoint)/cgroup.controllers") }

    /// The directories of one group: one on v2, one a hierarchy on v1.
    static func directories(_ path: String) -> [String] {
        if isUnified { return ["\(mountPoint)\(path)"] }
        let hierarchies = (try? Files.list(mountPoint)) ?? []
        return hierarchies.map { "\(mountPoint)/\($0)\(path)" }.filter(Files.exists)
    }

    /// The reading of the group at `path`; nil where it is not there.
    /// - Parameter path: from the mount point: `/node-1/pod…/…`.
    public static func stats(_ path: String) -> ContainerStats? {
        isUnified ? unifiedStats("\(mountPoint)\(path)") : splitStats(path)
    }

    private static func unifiedStats(_ directory: String) -> ContainerStats? {
        guard let microseconds = field("usage_usec", in: "\(directory)/cpu.stat") else {
            return nil
        }
        let memory = number("\(directory)/memory.current") ?? 0
        let inactive = field("inactive_file", in: "\(directory)/memory.stat") ?? 0
        return ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: microseconds * 1000, memoryUsageBytes: memory,
            memoryWorkingSetBytes: max(0, memory - inactive))
    }

    private static func splitStats(_ path: String) -> ContainerStats? {
        guard let nanoseconds = number("\(mountPoint)/cpuacct\(path)/cpuacct.usage") else {
            return nil
        }
        let directory = "\(mountPoint)/memory\(path)"
        let memory = number("\(directory)/memory.usage_in_bytes") ?? 0
        let inactive = field("total_inactive_file", in: "\(directory)/memory.stat") ?? 0
        return ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: nanoseconds, memoryUsageBytes: memory,
            memoryWorkingSetBytes: max(0, memory - inactive))
    }

    /// How many processes of the group the kernel has killed for memory.
    static func oomKills(_ path: String) -> Int {
        isUnified
            ? field("oom_kill", in: "\(mountPoint)\(path)/memory.events") ?? 0
            : field("oom_kill", in: "\(mountPoint)/memory\(path)/memory.oom_control") ?? 0
    }

    /// Whether groups below `path` have a limit for swap of their own: on v2, and there only in kernels with swap.
    static func countsSwap(_ path: String) -> Bool {
        isUnified && Files.exists("\(mountPoint)\(path)/memory.swap.max")
    }

    /// Makes a group, if it isn't there, and bounds what all that is in it may have together. A controller that the machine
    /// doesn't have bounds nothing.
    public static func bound(_ path: String, processes: Int, memoryBytes: Int?) throws(SystemError)
    {
        if isUnified { handOn(to: path) }
        let limits: [(controller: String, file: String, value: Int?)] = [
            ("pids", "pids.max", processes),
            ("memory", isUnified ? "memory.max" : "memory.limit_in_bytes", memoryBytes),
        ]
        for (controller, file, value) in limits {
            guard let value else { continue }
            let hierarchy = isUnified ? mountPoint : "\(mountPoint)/\(controller)"
            guard Files.exists(hierarchy) else { continue }
            try Files.makeDirectories(hierarchy + path)
            if Files.exists("\(hierarchy)\(path)/\(file)") {
                try Files.write("\(value)", to: "\(hierarchy)\(path)/\(file)")
            }
        }
    }

    /// On version 2 a group has the controllers that the groups above it hand on.
    private static func handOn(to path: String) {
        var parent = mountPoint
        for name in path.split(separator: "/") {
            for controller in ["pids", "memory", "cpu"] {
                try? Files.write("+\(controller)", to: "\(parent)/cgroup.subtree_control")
            }
            parent += "/\(name)"
        }
    }

    /// Removes an empty group and the empty groups in it, from every hierarchy.
    public static func remove(_ path: String) {
        for directory in directories(path) {
            for name in (try? Files.list(directory)) ?? []
            where Files.isDirectory("\(directory)/\(name)") {
                rmdir("\(directory)/\(name)")
            }
            rmdir(directory)
        }
    }

    static func number(_ path: String) -> Int? {
        (try? Files.readText(path)).flatMap { Int($0.filter(\.isNumber)) }
    }

    /// The number behind `name` in a file of `name number` lines.
    static func field(_ name: String, in path: String) -> Int? {
        guard let text = try? Files.readText(path) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }
}

/// What processes use by /proc, for nodes without cgroups: a sum over those that run now.
enum ProcessUsage {
    static func stats(sharingPIDNamespaceWith pid: Int32) -> ContainerStats? {
        guard let namespace = link("/proc/\(pid)/ns/pid") else { return nil }
        var (ticks, pages) = (0, 0)
        for name in (try? Files.list("/proc")) ?? [] where Int(name) != nil {
            guard link("/proc/\(name)/ns/pid") == namespace,
                let fields = ProcessStat("/proc/\(name)/stat")
            else { continue }
            ticks += fields[14] + fields[15]  // utime and stime
            pages += fields[24]  // rss
        }
        let bytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        let perTick = 1_000_000_000 / Int(sysconf(Int32(_SC_CLK_TCK)))
        return ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: ticks * perTick, memoryUsageBytes: bytes,
            memoryWorkingSetBytes: bytes)
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = readlink(path, &buffer, 127)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
