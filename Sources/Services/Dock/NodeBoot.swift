import JSON
import Linux

extension Boot {
    /// `dock node`: makes one node's sandbox and stays until it ends, so that the dock can restart it.
    public static func node(_ name: String, spec: DockSpec) throws -> Never {
        guard let node = spec.nodes.first(where: { $0.name == name }) else {
            throw DockError("no node \(name) in \(spec.path)")
        }
        let tree: CgroupTree = try JSON(
            parsing: try Files.read("\(spec.state)/run/cgroups.json")
        ).decode()
        for directory in insideDirectories(tree) {
            try Files.makeDirectories("\(directory)/\(name)/system")
            try Files.write("\(getpid())", to: "\(directory)/\(name)/system/cgroup.procs")
            CgroupTree.delegate("\(directory)/\(name)")
        }
        try check("unshare") {
            clinux_unshare(CLINUX_NEWNS | CLINUX_NEWUTS | CLINUX_NEWIPC | CLINUX_NEWPID)
        }
        let unshared = try Pipe()
        let plugged = try Pipe()
        let pid = try check("fork") { clinux_fork() }
        if pid == 0 {
            processOne(node, spec, unshared: unshared.intoWrite(), plugged: plugged.intoRead())
        }
        _ = try unshared.intoRead().readToEnd()
        try plugCable(node)
        plugged.intoWrite().hangUp()
        exit(waitForwardingSignals(pid).code)
    }

    /// A node sees the programs and its own share of the state, not what other nodes and the control plane have.
    private static func places(_ node: DockSpec.Node, _ spec: DockSpec) -> [RootFileSystem.Place] {
        (spec.programs + node.readable).map { .init(path: $0) }
            + node.writable.map { .init(path: $0, isWritable: true) }
    }

    /// A veth pair: one end on the dock's bridge, the other is the node's eth0. `ip` runs as a child of this
    /// process, so it is in the node's PID namespace already, where the node's process 1 is number 1.
    private static func plugCable(_ node: DockSpec.Node) throws {
        // A node that was killed a moment ago may not have lost its old cable yet.
        _ = try capture("ip", ["ip", "link", "delete", node.name])
        try Sandbox.ip([
            "link add \(node.name) type veth peer name eth0 netns 1",
            "link set \(node.name) master dock0 up",
        ])
        // Pods call the API server by their own addresses, and its answers have to find them.
        if let block = node.podCIDR {
            try Sandbox.ip(["route replace \(block) via \(node.address)"])
        }
    }

    private static func waitForwardingSignals(_ pid: pid_t) -> Child.Ending {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGCHLD, SIGTERM] { sigaddset(&signals, signal) }
        sigprocmask(SIG_BLOCK, &signals, nil)
        let child = Child(pid: pid)
        while true {
            if let ending = try? child.poll() { return ending }
            var timeout = timespec(tv_sec: 5, tv_nsec: 0)
            if sigtimedwait(&signals, nil, &timeout) == SIGTERM { child.signal(SIGTERM) }
        }
    }

    private static func processOne(
        _ node: DockSpec.Node, _ spec: DockSpec,
        unshared: consuming FileDescriptor, plugged: consuming FileDescriptor
    ) -> Never {
        do {
            // Whoever kills `dock node` kills the node with it.
            clinux_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
            try check("unshare the network") { clinux_unshare(CLINUX_NEWNET) }
            unshared.hangUp()
            try Sandbox.makeMountsPrivate()
            try RootFileSystem(
                base: .directory("\(spec.state)/roots/\(node.name)"), places: places(node, spec)
            )
            .enter {
                try Sandbox.mountProc($0)
                try Sandbox.carry("/sys", into: $0)
            }
            try Sandbox.setHostName(node.name)
            _ = try plugged.readToEnd()
            try Sandbox.ip([
                "link set lo up",
                "addr add \(node.address)/\(DockSpec.prefixLength) dev eth0",
                "link set eth0 up", "route add default via \(DockSpec.gateway)",
            ])
            Sandbox.sysctl("net.ipv4.ip_forward", "1")
            var supervisor = Supervisor(
                name: node.name, state: spec.state, components: node.components)
            supervisor.run {}
            exit(0)
        } catch {
            printError("\(node.name): \(error)")
            exit(1)
        }
    }
}
