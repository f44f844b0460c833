import Dock
import JSON
import Linux

/// `lab down`: stops the cluster; its objects stay on disk.
public struct Down {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// - Parameters:
    ///   - force: SIGKILL at once; the kernel cleans up.
    ///   - purge: removes the cluster's state too: objects, keys, images, logs.
    public func run(force: Bool, purge: Bool) throws {
        if let dock = try RunningDock.find(layout) {
            stop(dock, force: force)
            terminal.say("The cluster is down.")
        } else {
            terminal.say("No cluster was running.")
        }
        for left in try Leftovers(layout).remove() { terminal.say("could not remove \(left)") }
        if purge {
            let names = [
                "run", "logs", "store", "nodes", "roots", "pki", "images", "layers", "drills",
                "kubeconfig",
            ]
            for name in names {
                try remove("\(layout.state)/\(name)")
            }
            terminal.say("Its objects, keys, images and logs are removed.")
        }
    }

    /// An ordinary user's containers leave files of other users (by the host's numbering) behind; the dock
    /// removes them as root of a user namespace.
    private func remove(_ path: String) throws {
        if geteuid() == 0 { return try Files.removeTree(path) }
        let dock = layout.program("dock")
        let result = try capture(dock, [dock, "remove", path])
        guard result.ending.succeeded else {
            throw LauncherError(String(decoding: result.errors, as: UTF8.self))
        }
    }

    private func stop(_ dock: RunningDock, force: Bool) {
        kill(dock.pid, force ? SIGKILL : SIGTERM)
        let end = Clock.monotonicMilliseconds() + 15_000
        while kill(dock.pid, 0) == 0 {
            if Clock.monotonicMilliseconds() > end { kill(dock.pid, SIGKILL) }
            terminal.progress("stopping")
            usleep(10_000)
        }
    }
}

/// What can be left when a dock has died: empty cgroup directories, nothing else. The kernel takes the
/// processes, mounts, links and rules with the namespaces.
public struct Leftovers {
    package let layout: Layout
    public init(_ layout: Layout) { self.layout = layout }

    /// - Returns: the directories that could not be removed.
    @discardableResult
    public func remove() throws -> [String] {
        let path = "\(layout.state)/run/cgroups.json"
        guard Files.exists(path) else { return [] }
        let tree: CgroupTree = try JSON(parsing: try Files.read(path)).decode()
        // A process that was killed a moment ago still holds its group for an instant.
        for _ in 0..<100 {
            if tree.remove().isEmpty { break }
            usleep(20_000)
        }
        let left = tree.remove()
        if left.isEmpty { unlink(path) }
        return left
    }
}
