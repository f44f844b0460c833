import Linux

// Who is in the container's cgroups, who may come in, and their removal.

extension ControlGroupManager {
    /// The ids of all processes in the container's cgroup, and in groups that it made in its own.
    func members() -> [Int32] {
        guard
            let directory = directories.first(where: { $0.controllers.contains("pids") })
                ?? directories.first
        else { return [] }
        return members(of: directory.path)
    }

    private func members(of path: String) -> [Int32] {
        let text = (try? Files.readText("\(path)/cgroup.procs")) ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
            + children(of: path).flatMap(members(of:))
    }

    /// Where a second process of the container goes: beside the first.
    ///
    /// That is the container's own group, unless on version 2 the container has handed controllers on to groups
    /// in it, as a systemd does: then the kernel lets no process into the group itself.
    func directories(beside pid: Int32) -> [ControlGroupDirectory] {
        directories.map { directory in
            guard directory.version == 2, let group = unifiedGroup(of: pid),
                (directory.mountPoint + group).hasPrefix(directory.path + "/")
            else { return directory }
            var inner = directory
            inner.path = directory.mountPoint + group
            return inner
        }
    }

    /// `0::/node-1/pod7/c3/init.scope` in /proc/PID/cgroup.
    private func unifiedGroup(of pid: Int32) -> String? {
        let lines = (try? Files.readText("/proc/\(pid)/cgroup"))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("0::/") }.map { String($0.dropFirst(3)) }
    }

    /// Removes the directories. A process that has just been killed keeps its own busy for a
    /// moment.
    /// - Returns: those that could not be removed.
    @discardableResult
    public func remove() -> [String] {
        directories.compactMap { directory in
            for attempt in 0..<100 {
                if rmdir(directory.path) == 0 { return nil }
                let errno = Errno.current
                if errno == .noEntry { return nil }
                guard errno == .busy else { break }
                removeChildren(of: directory.path)
                usleep(attempt < 10 ? 500 : 10_000)
            }
            return directory.path
        }
    }

    private func removeChildren(of path: String) {
        for child in children(of: path) {
            removeChildren(of: child)
            rmdir(child)
        }
    }

    /// Groups that the container made in its own.
    private func children(of path: String) -> [String] {
        let names = (try? Files.list(path)) ?? []
        return names.map { "\(path)/\($0)" }.filter(Files.isDirectory)
    }
}
