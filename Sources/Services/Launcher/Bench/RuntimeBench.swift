import JSON
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
        var wall: [String: [Int]] = [:]
        for round in 0...Self.rounds {
            for runtime in runtimes {
                let taken = try run(runtime)
                if round > 0 { wall[runtime, default: []].append(taken) }  // the first warms up
            }
        }
        let medians = runtimes.map { ($0, wall[$0]!.sorted()[Self.rounds / 2]) }
        let ours = Double(medians[0].1)
        let figures = medians.dropFirst().map { peer, median in
            Figure(
                name: "runtime: run of /bin/true, wall",
                goal: peer.hasSuffix("crun") ? "0.8 x crun" : "0.35 x runc",
                measured: "\(rounded(ours / 1000)) ms, median of \(Self.rounds)",
                peer: "\(peer.split(separator: "/").last!) \(rounded(Double(median) / 1000)) ms",
                ratio: "\(rounded(ours / Double(median))) x")
        }
        return Array(figures)
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

    /// - Returns: microseconds.
    private func run(_ runtime: String) throws -> Int {
        let began = Clock.monotonicMicroseconds()
        let child = try Child.spawn(
            runtime, [runtime, "run", "--bundle", bundle, "bench-\(getpid())"])
        let ending = try child.wait()
        let taken = Clock.monotonicMicroseconds() - began
        guard ending.succeeded else { throw LauncherError("\(runtime) run \(ending)") }
        return taken
    }
}
