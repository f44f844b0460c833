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
        return text.fields(at: "\n").compactMap { Int32($0) }
            + children(of: path).flatMap(members(of:))
    }

    /// Where a second process of the container goes: beside the first.
    ///
    /// That is the container's own group, unless on version 2 the container has handed controllers on to groups
    /// in it, as a systemd does: then the kernel lets no process into the group itself.
    func directories(beside pid: Int32) -> [ControlGroupDirectory] {
        directories.map { directory in
            guard directory.version == 2, let group = unifiedGroup(of: pid), !group.goesUp,
                let mountPoint = RelativePath(directory.mountPoint),
                let own = RelativePath(directory.path)
            else { return directory }
            let path = RelativePath(mountPoint.names + group.names)
            guard path.isBelow(own) else { return directory }
            var inner = directory
            inner.path = path.absolute
            return inner
        }
    }

    /// `0::/node-1/pod7/c3/init.scope` in /proc/PID/cgroup.
    private func unifiedGroup(of pid: Int32) -> RelativePath? {
        let lines = (try? Files.readText("/proc/\(pid)/cgroup"))?.fields(at: "\n") ?? []
        return lines.first { $0.startsWithBytes(of: "0::/") }.flatMap {
            RelativePath($0.utf8.dropFirst(3))
        }
    }

    /// Lets go on what somebody has frozen: on version 1 a frozen process doesn't even die. There it may be in any
    /// group of the freezer's, and leaves that for the root's.
    func thaw() {
        for directory in directories where directory.version == 2 {
            try? RealKernel().writeFile("\(directory.path)/cgroup.freeze", "0")
        }
        let freezer = (try? Hierarchy.mounted())?.first { $0.has("freezer") }
        guard let freezer, freezer.version == .v1 else { return }
        for pid in members() {
            try? RealKernel().writeFile("\(freezer.mountPoint)/cgroup.procs", "\(pid)")
        }
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
