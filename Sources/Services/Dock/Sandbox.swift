import Linux

/// The steps by which process 1 of the dock, or of a node, makes the file systems of its new namespaces its own.
enum Sandbox {
    /// Mounts made from here on are seen by nobody outside, and the other way round.
    static func makeMountsPrivate() throws(SystemError) {
        try check("make / private") {
            mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil)
        }
    }

    /// A /proc that shows this PID namespace.
    static func mountProc(_ root: String) throws(SystemError) {
        try check("mount proc on /proc") {
            mount("proc", "\(root)/proc", "proc", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), nil)
        }
    }

    /// What is seen here at a path, with all below it, seen in the new root too.
    static func carry(_ path: String, into root: String) throws(SystemError) {
        try check("carry \(path) over") {
            mount(path, root + path, nil, UInt(MS_BIND | MS_REC), nil)
        }
    }

    /// A /sys that shows this network namespace and, below it, the cgroup hierarchies from the dock's own
    /// directory downwards. Where the kernel refuses (a user namespace on a masked host), the host's stays.
    static func mountSys(_ root: String, _ tree: CgroupTree) throws {
        guard mount("sysfs", "\(root)/sys", "sysfs", UInt(MS_NOSUID), nil) == 0 else {
            return try carry("/sys", into: root)
        }
        let groups = "\(root)/sys/fs/cgroup"
        if tree.hierarchies.allSatisfy(\.isV2) {
            _ = mount("cgroup2", groups, "cgroup2", 0, nil)
            return
        }
        guard mount("tmpfs", groups, "tmpfs", 0, "mode=755") == 0 else { return }
        for hierarchy in tree.hierarchies {
            let name = hierarchy.isV2 ? "unified" : hierarchy.mountPoint.split(separator: "/").last!
            let target = "\(groups)/\(name)"
            mkdir(target, 0o755)
            if hierarchy.isV2 {
                _ = mount("cgroup2", target, "cgroup2", 0, nil)
            } else {
                _ = mount("cgroup", target, "cgroup", 0, hierarchy.controllers)
            }
        }
    }

    static func setHostName(_ name: String) throws(SystemError) {
        try check("sethostname \(name)") { sethostname(name, name.utf8.count) }
    }

    /// Runs `ip -batch`: many links, addresses and routes in one process.
    static func ip(_ commands: [String]) throws {
        let input = Array((commands.joined(separator: "\n") + "\n").utf8)
        let result = try capture("ip", ["ip", "-batch", "-"], input: input)
        guard result.ending.succeeded else {
            throw DockError(
                "ip \(result.ending): \(String(decoding: result.errors, as: UTF8.self)) — from:\n"
                    + commands.joined(separator: "\n"))
        }
    }

    static func sysctl(_ name: String, _ value: String) {
        try? Files.write(
            value, to: "/proc/sys/" + name.split(separator: ".").joined(separator: "/"))
    }
}

/// A failure of the dock, in words for its user.
public struct DockError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
