import JSON
import Linux

/// The dock's place in the kernel's cgroup hierarchies: one directory in each, below where the launcher is, or,
/// on v2, beside it (`CgroupPlace`).
///
/// cgroups(7). With v1 there is a hierarchy for every controller, with v2 there is one for all; a hybrid
/// machine has both, and the controllers are where they are.
public struct CgroupTree: Codable, Sendable {
    /// One mounted hierarchy and the directory that is the dock's in it.
    public struct Hierarchy: Codable, Sendable {
        /// `cpu`, `memory`, `name=systemd` …; empty for v2.
        public var controllers: String
        /// Where the host has it mounted: `/sys/fs/cgroup/cpu`.
        public var mountPoint: String
        /// The dock's directory as the host sees it.
        public var directory: String
        public var isV2: Bool { controllers.isEmpty }
    }

    public var hierarchies: [Hierarchy]

    /// Finds the hierarchies of this machine and where this process is in each.
    public static func plan(
        name: String, ownGroups: String, mounts: String
    ) -> CgroupTree {
        var paths: [String: String] = [:]
        for line in ownGroups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3 { paths[String(fields[1])] = String(fields[2]) }
        }
        var hierarchies: [Hierarchy] = []
        for line in mounts.split(separator: "\n") {
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = line.split(separator: " ")
            guard halves.count == 2 else { continue }
            let tail = halves[1].split(separator: " ")
            guard tail.count >= 3, tail[0] == "cgroup" || tail[0] == "cgroup2" else { continue }
            let mountPoint = String(fields[4])
            let root = fields[3] == "/" ? "" : String(fields[3])
            let options = tail[2].split(separator: ",").map(String.init)
            let key =
                tail[0] == "cgroup2"
                ? "" : paths.keys.first { $0 != "" && options.containsAll(of: $0) }
            guard let key, let path = paths[key], path.hasPrefix(root) else { continue }
            let own = path.dropFirst(root.count)
            hierarchies.append(
                Hierarchy(
                    controllers: key, mountPoint: mountPoint,
                    directory: "\(mountPoint)\(own == "/" ? "" : own)/\(name)"))
        }
        return CgroupTree(hierarchies: hierarchies)
    }

    /// Creates the dock's directories. A hierarchy that can't be written is left out.
    /// - Returns: the hierarchies that the dock has a place in.
    public func create() -> CgroupTree {
        var made: [Hierarchy] = []
        for var hierarchy in hierarchies {
            if hierarchy.isV2 {
                guard let directory = hierarchy.placeOnV2 else { continue }
                hierarchy.directory = directory
            }
            guard mkdir(hierarchy.directory, 0o755) == 0 || Errno.current == .exists else {
                continue
            }
            if hierarchy.controllers.split(separator: ",").contains("cpuset") {
                Self.inheritCpuset(hierarchy.directory)
            }
            made.append(hierarchy)
        }
        return CgroupTree(hierarchies: made)
    }

    /// The controllers that groups made here would have, by the kernel's names.
    public var controllers: [String] {
        hierarchies.flatMap { hierarchy in
            hierarchy.isV2
                ? CgroupPlace.words("\(hierarchy.directory)/cgroup.controllers")
                : hierarchy.controllers.split(separator: ",").map(String.init)
        }
    }

    /// What this process could have, found out by making it.
    public static func controllersAvailable() throws -> [String] {
        let tree = plan(
            name: "drydock-probe-\(getpid())", ownGroups: try Files.readText("/proc/self/cgroup"),
            mounts: try Files.readText("/proc/self/mountinfo")
        ).create()
        defer { _ = tree.remove() }
        return tree.controllers
    }

    /// A new v1 cpuset has no CPUs and no memory, and takes no process before it has both.
    static func inheritCpuset(_ directory: String) {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            guard let value = try? Files.readText("\(directory)/../\(file)") else { continue }
            try? Files.write(value, to: "\(directory)/\(file)")
        }
        // Its own children are born with its values.
        try? Files.write("1", to: "\(directory)/cgroup.clone_children")
    }

    /// v2: a group's controllers are there for its children only once they are switched on in it.
    static func delegate(_ directory: String) {
        guard let controllers = try? Files.readText("\(directory)/cgroup.controllers") else {
            return
        }
        for controller in controllers.split(whereSeparator: \.isWhitespace) {
            try? Files.write("+\(controller)", to: "\(directory)/cgroup.subtree_control")
        }
    }

    /// Moves this process into the dock's directory, or a child of it, in every hierarchy.
    public func join(_ child: String?) throws(SystemError) {
        for hierarchy in hierarchies {
            let directory = hierarchy.directory + (child.map { "/\($0)" } ?? "")
            try Files.makeDirectories(directory)
            try Files.write("\(getpid())", to: "\(directory)/cgroup.procs")
        }
    }

    /// Hands the directories on to another user: the right to make groups in them and to move processes there, not
    /// their own limits. cgroups(7), "Delegation".
    func give(to user: uid_t) {
        let files = [
            "", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks",
            "cgroup.clone_children", "notify_on_release",
        ]
        for hierarchy in hierarchies {
            for directory in [hierarchy.directory, "\(hierarchy.directory)/system"] {
                for file in files { _ = chown("\(directory)/\(file)", user, user) }
            }
        }
    }

    /// Removes the directories, the innermost first. What still has processes stays.
    /// - Returns: the directories that are left.
    public func remove() -> [String] {
        for hierarchy in hierarchies { Self.removeTree(hierarchy.directory) }
        return hierarchies.map(\.directory).filter(Files.exists)
    }

    private static func removeTree(_ directory: String) {
        guard let names = try? Files.list(directory) else { return }
        for name in names where Files.isDirectory("\(directory)/\(name)") {
            removeTree("\(directory)/\(name)")
        }
        rmdir(directory)
    }
}

extension CgroupTree.Hierarchy {
    /// The planned directory's name, in the group where it can have controllers.
    fileprivate var placeOnV2: String? {
        guard let slash = directory.lastIndex(of: "/") else { return nil }
        let own = directory[..<slash].dropFirst(mountPoint.count)
        return CgroupPlace(mountPoint: mountPoint).parent(forLauncherIn: String(own)).map {
            $0 + directory[slash...]
        }
    }
}

extension [String] {
    /// Whether every one of the comma-separated names is among these.
    fileprivate func containsAll(of names: String) -> Bool {
        names.split(separator: ",").allSatisfy { contains(String($0)) }
    }
}
