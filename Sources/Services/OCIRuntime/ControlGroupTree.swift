import ContractControlGroups
import Linux

/// One cgroup hierarchy that is mounted here.
struct Hierarchy {
    let mountPoint: String
    let version: ControlGroupVersion
    /// `cpu`, `memory`, `name=systemd`; empty on version 2, whose controllers are listed in a file.
    let controllers: [String]

    func has(_ controller: String) -> Bool { controllers.contains(controller) }

    /// The mounted hierarchies, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
    static func mounted() throws -> [Hierarchy] {
        var found: [Hierarchy] = []
        for line in try Files.read("/proc/self/mountinfo").split(separator: UInt8(ascii: "\n")) {
            guard let hierarchy = parse(line) else { continue }
            if !found.contains(where: { $0.isSame(as: hierarchy) }) { found.append(hierarchy) }
        }
        return found
    }

    private func isSame(as other: Hierarchy) -> Bool {
        mountPoint == other.mountPoint
            || (version == other.version && controllers == other.controllers)
    }

    /// `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu`
    private static func parse(_ line: ArraySlice<UInt8>) -> Hierarchy? {
        // Most lines are of other file systems: looked at as bytes, which is cheap.
        let mark = Array(" - cgroup".utf8)
        guard let dash = line.indices.first(where: { line[$0...].starts(with: mark) }) else {
            return nil
        }
        let head = line[..<dash].split(separator: UInt8(ascii: " "))
        let tail = line[dash...].split(separator: UInt8(ascii: " "))
        guard head.count >= 6, tail.count >= 3 else { return nil }
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        let type = text(tail[1])
        if type == "cgroup2" {
            let path = text(head[4])
            let controllers = (try? Files.readText("\(path)/cgroup.controllers")) ?? ""
            let names = controllers.fields(at: "\n").flatMap { $0.fields(at: " ") }
            return Hierarchy(mountPoint: path, version: .v2, controllers: names)
        }
        let options = text(tail[tail.count - 1]).fields(at: ",")
        let controllers = options.filter { !["rw", "ro", "xattr", "clone_children"].contains($0) }
        return Hierarchy(mountPoint: text(head[4]), version: .v1, controllers: controllers)
    }
}

// MARK: This process's own place

extension Hierarchy {
    /// Where the group of a container goes whose configuration names none, as a path from the mount
    /// point: below this process's own group, or on version 2 beside it, as with runc.
    ///
    /// There a group that has processes, as this process's has, hands no controllers on.
    func birthplace() throws -> RelativePath {
        let own = try ownPath()
        return version == .v2 ? own.parent : own
    }

    /// This process's own cgroup: `4:memory:/some/where` in /proc/self/cgroup.
    private func ownPath() throws -> RelativePath {
        for line in try Files.readText("/proc/self/cgroup").fields(at: "\n") {
            let fields = line.utf8.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let names = String(decoding: fields[1], as: UTF8.self).fields(at: ",")
            let isIt = version == .v2 ? fields[0].elementsEqual("0".utf8) : names == controllers
            if isIt, let path = RelativePath(fields[2]) { return path }
        }
        return RelativePath()
    }

    /// Whether a group of version 2 may be told to hand controllers on.
    ///
    /// One with processes of its own would not refuse to hand on `cpu` or `pids`. It would become a
    /// group of threads, and no process could enter its children any more. The root of all may.
    static func mayHandOn(_ directory: String) -> Bool {
        if !Files.exists("\(directory)/cgroup.type") { return true }
        return (try? Files.readText("\(directory)/cgroup.procs"))?.isEmpty ?? false
    }
}

/// The container's directory in one hierarchy.
public struct ControlGroupDirectory: Codable, Hashable, Sendable {
    public var mountPoint: String
    public var path: String
    /// 1 or 2.
    public var version: Int
    public var controllers: [String]

    /// Writing `0` here moves the writer. On version 1 the file for one thread: for a process of
    /// one thread it means the same, and spares the kernel a lock that waits for every processor.
    var membersFile: String { version == 1 ? "\(path)/tasks" : "\(path)/cgroup.procs" }
}
