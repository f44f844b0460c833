import JSON
import Linux

/// `dock boot`: from a process on the host to the dock's process 1.
///
///     dock boot          joins the dock's cgroups, leaves the host's users and files, unshares all other
///      │                 namespaces, forks, waits, exits
///      └─ process 1      its root file system, the bridge, then supervises: control plane and nodes
///          └─ dock node  one a node: unshares again, forks, plugs the cable in, waits
///              └─ process 1 of the node: its root, address, then supervises kubelet and proxy
public enum Boot {
    /// Returns once the dock runs; its process 1 stays behind.
    public static func dock(spec: DockSpec) throws {
        let leash = spec.leash.map(Leash.init)
        leash?.closeOnExec()
        let tree = CgroupTree.plan(
            name: "drydock-\(spec.tag)", ownGroups: try Files.readText("/proc/self/cgroup"),
            mounts: try Files.readText("/proc/self/mountinfo")
        ).create()
        try Files.writeAtomically(
            JSON(encoding: tree).bytes, to: "\(spec.state)/run/cgroups.json")
        // The cgroup namespace's root is the group one is in when it is made: the dock's own directory.
        try tree.join("system")
        let forward = try spec.forward?.start(state: spec.state)
        try tree.join(nil)
        if geteuid() != 0 {
            try UserNamespace.enter()
        } else if !spec.isHostRoot {
            try leaveHost(spec, tree)
        }
        try check("unshare") {
            clinux_unshare(
                CLINUX_NEWNS | CLINUX_NEWUTS | CLINUX_NEWIPC | CLINUX_NEWNET | CLINUX_NEWPID
                    | CLINUX_NEWCGROUP)
        }
        // Out of that directory again, into a leaf: v2 gives no controllers to the children of a group that
        // has processes of its own.
        try tree.join("system")
        let ready = try Pipe()
        let pid = try check("fork") { clinux_fork() }
        if pid == 0 {
            processOne(spec, tree, ready: ready.intoWrite(), forward: forward, leash: leash)
        }
        let said = try ready.intoRead().readToEnd()
        guard said.isEmpty else { throw DockError(String(decoding: said, as: UTF8.self)) }
    }

    /// Root of the host becomes root of a user namespace whose ids own nothing outside. What it may see is mounted
    /// before, since a user without rights can't walk through root's private folders to get at it; and the
    /// state's ids are mapped, so that on disk nothing changes hands.
    private static func leaveHost(_ spec: DockSpec, _ tree: CgroupTree) throws {
        let ids = try UserNamespace.make()
        try check("unshare") { clinux_unshare(CLINUX_NEWNS) }
        try Sandbox.makeMountsPrivate()
        do {
            try RootFileSystem(base: .memory(mountedOn: spec.rootPath), places: places(spec))
                .enter(ids: ids) {
                    try Sandbox.carry("/proc", into: $0)
                    try Sandbox.carry("/sys", into: $0)
                }
        } catch let error as RootFileSystem.Unmappable {
            return printError("\(error)")
        }
        tree.give(to: UserNamespace.firstID)
        try UserNamespace.join(ids)
    }

    /// What the dock sees of the host beside the system's programs.
    private static func places(_ spec: DockSpec) -> [RootFileSystem.Place] {
        spec.programs.map { .init(path: $0, isMapped: true) }
            + [.init(path: spec.state, isWritable: true, isMapped: true)]
    }

    private static func processOne(
        _ spec: DockSpec, _ tree: CgroupTree, ready: consuming FileDescriptor, forward: Int32?,
        leash: Leash?
    ) -> Never {
        let channel = ready.release()
        do {
            setsid()
            // Who waits for the end of the launcher's output does not wait for the dock's end.
            let null = try FileDescriptor.open("/dev/null", O_RDWR)
            for standard in [Int32(0), 1] { dup2(null.raw, standard) }
            try Sandbox.makeMountsPrivate()
            try RootFileSystem(base: .memory(mountedOn: spec.rootPath), places: places(spec)).enter
            {
                try Sandbox.mountProc($0)
                try Sandbox.mountSys($0, tree)
            }
            try Sandbox.setHostName("dock")
            for directory in insideDirectories(tree) { CgroupTree.delegate(directory) }
            try Sandbox.ip([
                "link set lo up", "link add dock0 type bridge forward_delay 0",
                "addr add \(DockSpec.gateway)/\(DockSpec.prefixLength) dev dock0",
                "link set dock0 up",
            ])
            Sandbox.sysctl("net.ipv4.ip_forward", "1")
            if let forward { try spec.forward?.listen(through: forward) }
            var supervisor = Supervisor(
                name: "dock", state: spec.state,
                components: spec.components + spec.nodes.map { nodeComponent($0, spec) },
                leash: leash)
            supervisor.run {
                // The launcher waits for the end of these.
                close(channel)
                dup2(1, 2)
            }
            exit(0)
        } catch {
            let text = Array("\(error)".utf8)
            write(channel, text, text.count)
            exit(1)
        }
    }

    /// Removes directories as root of a user namespace: what an ordinary user's containers wrote belongs to
    /// users that only such a namespace has.
    public static func remove(_ paths: [String]) throws {
        if geteuid() != 0 { try UserNamespace.enter() }
        for path in paths { try Files.removeTree(path) }
    }

    /// Where the hierarchies are once the dock's /sys is mounted.
    static func insideDirectories(_ tree: CgroupTree) -> [String] {
        if tree.hierarchies.allSatisfy(\.isV2) {
            return tree.hierarchies.isEmpty ? [] : ["/sys/fs/cgroup"]
        }
        return tree.hierarchies.map {
            "/sys/fs/cgroup/\($0.isV2 ? "unified" : $0.mountPoint.split(separator: "/").last!)"
        }
    }

    private static func nodeComponent(_ node: DockSpec.Node, _ spec: DockSpec)
        -> DockSpec.Component
    {
        DockSpec.Component(
            name: node.name, command: ["/proc/self/exe", "node", spec.path, node.name])
    }
}
