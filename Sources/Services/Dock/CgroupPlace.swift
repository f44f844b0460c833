import Linux

/// Where in a version 2 hierarchy a group can lie that is to have controllers for its children.
///
/// A group with processes of its own hands no controllers on: cgroups(7), "no internal processes". The launcher
/// always is in such a group (a login's is `user.slice/user-0.slice/session-2.scope`), so the dock lies beside it:
/// below the nearest group above that has none. Only the root of all may have both.
struct CgroupPlace {
    /// What the dock's nodes and pods are limited and measured by. Others stay as the host has them.
    static let wanted = ["cpu", "memory", "pids"]

    let mountPoint: String

    /// - Parameter own: the launcher's group, as a path from the mount point: `""`, `/user.slice/…`.
    /// - Returns: the group to lie in, by its full path; nil where none will do.
    func parent(forLauncherIn own: String) -> String? {
        let controllers = Self.words("\(mountPoint)/cgroup.controllers")
        let wanted = Self.wanted.filter { controllers.contains($0) }
        // A hybrid machine's version 2 has nothing to hand on, and no rule about it.
        if wanted.isEmpty { return mountPoint + own }
        var names = own.split(separator: "/").map(String.init)
        while true {
            let path = ([mountPoint] + names).joined(separator: "/")
            if mayHandOn(path) { return handOn(wanted, to: names) ? path : nil }
            if names.popLast() == nil { return nil }
        }
    }

    private func mayHandOn(_ path: String) -> Bool {
        // The root of all has no type.
        guard let type = try? Files.readText("\(path)/cgroup.type") else {
            return Files.exists("\(path)/cgroup.controllers")
        }
        return type == "domain\n" && Self.words("\(path)/cgroup.procs").isEmpty
    }

    /// From the top down: a group can hand on only what it was given.
    private func handOn(_ controllers: [String], to names: [String]) -> Bool {
        var path = mountPoint
        for name in names.map(Optional.some) + [nil] {
            let missing = Set(controllers).subtracting(
                Self.words("\(path)/cgroup.subtree_control"))
            for controller in missing.sorted() {
                try? Files.write("+\(controller)", to: "\(path)/cgroup.subtree_control")
            }
            if let name { path += "/\(name)" }
        }
        return Self.words("\(path)/cgroup.subtree_control").contains("memory")
    }

    static func words(_ path: String) -> [String] {
        let text = (try? Files.readText(path)) ?? ""
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
