import JSON
import Launcher
import Linux

/// `runtime run` of /bin/true beside crun and runc: the same bundle, turn by turn, so that a machine's drift
/// hits all three alike.
struct RuntimeBench {
    let layout: Layout
    let bundle: String
    static let rounds = 30

    init(_ layout: Layout) {
        self.layout = layout
        bundle = "\(layout.state)/runtime-bundle"
    }

    func figures() throws -> [Figure] {
        try leaveHybridCgroups()
        try makeBundle()
        defer { try? Files.removeTree(bundle) }
        let runtimes = [layout.program("runtime")] + ["crun", "runc"].compactMap(which)
        var costs: [String: [Cost]] = [:]
        for round in 0...Self.rounds {
            for runtime in runtimes {
                let cost = try run(runtime)
                if round > 0 { costs[runtime, default: []].append(cost) }  // the first warms up
            }
        }
        return runtimes.dropFirst().flatMap { peer in
            [("wall", \Cost.wall), ("CPU", \Cost.cpu)].map { name, part in
                compare(
                    name, peer, costs[runtimes[0]]!.map { $0[keyPath: part] }.median,
                    costs[peer]!.map { $0[keyPath: part] }.median)
            }
        }
    }

    private func compare(_ what: String, _ peer: String, _ ours: Int, _ theirs: Int) -> Figure {
        Figure(
            name: "runtime: run of /bin/true, \(what)",
            goal: peer.hasSuffix("crun") ? "0.8 x crun" : "0.35 x runc",
            measured: "\(rounded(Double(ours) / 1000)) ms, median of \(Self.rounds)",
            peer: "\(peer.split(separator: "/").last!) \(rounded(Double(theirs) / 1000)) ms",
            ratio: "\(rounded(Double(ours) / Double(theirs))) x")
    }

    /// crun refuses a machine that has version 2 mounted beside version 1. This process moves into a mount
    /// namespace of its own without it, for the rest of its life; the three runtimes see the same.
    private func leaveHybridCgroups() throws {
        let unified = "/sys/fs/cgroup/unified"
        guard Files.exists(unified) else { return }
        try check("unshare the mounts") { clinux_unshare(CLINUX_NEWNS) }
        try check("make / private") { mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) }
        try check("unmount \(unified)") { umount2(unified, Int32(MNT_DETACH)) }
    }

    /// runc's own default configuration, with /bin/true and no terminal.
    private func makeBundle() throws {
        try Files.removeTree(bundle)
        for directory in ["bin", "proc", "sys", "dev"] {
            try Files.makeDirectories("\(bundle)/rootfs/\(directory)")
        }
        let copied = try capture(
            "cp", ["cp", "/bin/busybox", "\(bundle)/rootfs/bin/true"])
        let written = try capture("runc", ["runc", "spec", "--bundle", bundle])
        guard copied.ending.succeeded, written.ending.succeeded else {
            throw LauncherError("the bench needs busybox-static and runc")
        }
        var config = try JSON(parsing: try Files.read("\(bundle)/config.json"))
        var process = config["process"] ?? [:]
        process["terminal"] = false
        process["args"] = ["/bin/true"]
        config["process"] = process
        try Files.write(config.text, to: "\(bundle)/config.json")
    }

    /// Microseconds: on the clock, and of a processor for the runtime and all that it started.
    private struct Cost {
        let wall: Int
        let cpu: Int
    }

    private func run(_ runtime: String) throws -> Cost {
        let (began, before) = (
            Clock.monotonicMicroseconds(), Clock.childrensProcessorMicroseconds()
        )
        let child = try Child.spawn(
            runtime, [runtime, "run", "--bundle", bundle, "bench-\(getpid())"])
        let ending = try child.wait()
        let wall = Clock.monotonicMicroseconds() - began
        guard ending.succeeded else { throw LauncherError("\(runtime) run \(ending)") }
        return Cost(wall: wall, cpu: Clock.childrensProcessorMicroseconds() - before)
    }
}
