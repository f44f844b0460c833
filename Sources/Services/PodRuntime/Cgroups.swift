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
                let fields = try? statFields("/proc/\(name)/stat"), fields.count > 21
            else { continue }
            // proc(5): utime is field 14, stime 15, rss 24; the list begins with field 3.
            ticks += (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
            pages += Int(fields[21]) ?? 0
        }
        let bytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        let perTick = 1_000_000_000 / Int(sysconf(Int32(_SC_CLK_TCK)))
        return ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: ticks * perTick, memoryUsageBytes: bytes,
            memoryWorkingSetBytes: bytes)
    }

    /// The fields after the command's name, which may itself contain spaces and parentheses.
    private static func statFields(_ path: String) throws -> [Substring] {
        let text = try Files.readText(path)
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = readlink(path, &buffer, 127)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
