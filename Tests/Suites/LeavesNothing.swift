import Dock
import Launcher
import Linux
import Tour

/// However a cluster ends, nothing of it is left but empty cgroups, and the next command removes those. The host is
/// read before, during, and after the end, before any other command of the kit runs.
struct LeavesNothing {
    let rig: ClusterTest
    private let lab: String

    init(_ rig: ClusterTest) {
        (self.rig, lab) = (rig, rig.layout.program("lab"))
    }

    func outcome() throws -> Outcome {
        var outcome = Outcome()
        outcome.attempt("after lab down") {
            try check(next: ["up", "--nodes", "1"], allowsCgroups: false) {
                try run(["down"])
            }
        }
        outcome.attempt("after SIGKILL of the dock's process 1") {
            try check(next: ["doctor"], allowsCgroups: true) {
                guard let dock = try RunningDock.find(rig.layout) else {
                    throw LauncherError("the dock is gone")
                }
                kill(dock.pid, SIGKILL)
            }
        }
        outcome.attempt("after SIGKILL of the launcher amid up") { try checkKilledLauncher() }
        return outcome
    }

    /// - Parameters:
    ///   - next: the command that removes what may be left.
    ///   - allowsCgroups: whether the cluster's end may leave empty groups.
    private func check(
        next: [String], allowsCgroups: Bool, end: () throws -> Void
    ) throws {
        try purge()
        defer { try? purge() }
        let before = try HostState.read()
        try run(["up"])
        let stage = try Stage(rig.layout, rig.terminal)
        _ = try deploy(stage)
        let belongings = try Belongings(of: rig.layout)
        try expectNone(before.differences(to: try HostState.read()), "while the cluster runs")
        try end()
        try expectGone(belongings, before, allowsCgroups: allowsCgroups)
        try run(next)
        try expectNone(belongings.cgroups(), "after lab \(next.joined(separator: " "))")
    }

    /// The dock is there, the nodes are not Ready: stopped first, so that they don't get it meanwhile.
    private func checkKilledLauncher() throws {
        try purge()
        defer { try? purge() }
        let before = try HostState.read()
        let launcher = try Child.spawn(
            "env", ["env", "DRYDOCK_STATE=\(rig.layout.state)", lab, "up"])
        let booted = try eventually(within: 60_000, every: 2) {
            try Processes(state: rig.layout.state).nodeInit("node-3") != nil
        }
        launcher.signal(SIGSTOP)
        defer { launcher.signal(SIGKILL) }
        guard booted else { throw LauncherError("no dock within 60 s of lab up") }
        let belongings = try Belongings(of: rig.layout)
        launcher.signal(SIGKILL)
        let ending = try launcher.wait()
        guard ending == .signaled(SIGKILL) else {
            throw LauncherError("lab up \(ending) before it could be killed")
        }
        try expectGone(belongings, before, allowsCgroups: true)
        try run(["up"])
        try expectNone(belongings.cgroups(), "after the next lab up")
    }

    /// The kernel takes a moment for what a killed process 1 leaves behind.
    private func expectGone(
        _ belongings: Belongings, _ before: HostState, allowsCgroups: Bool
    ) throws {
        func left() throws -> [String] {
            try belongings.left() + before.differences(to: try HostState.read())
                + (allowsCgroups ? belongings.busyCgroups() : belongings.cgroups())
        }
        if try eventually(within: 15_000, every: 100, { try left().isEmpty }) { return }
        try expectNone(try left(), "after the cluster's end")
    }

    private func expectNone(_ left: [String], _ moment: String) throws {
        guard left.isEmpty else {
            throw LauncherError("\(moment): \(left.joined(separator: "\n"))")
        }
    }

    private func purge() throws { try run(["down", "--force", "--purge"]) }

    private func run(_ words: [String]) throws {
        let command = ["env", "DRYDOCK_STATE=\(rig.layout.state)", lab] + words
        let result = try capture("env", command)
        guard result.ending.succeeded else {
            throw LauncherError(
                "lab \(words.joined(separator: " ")) \(result.ending): "
                    + String(decoding: result.output + result.errors, as: UTF8.self))
        }
    }
}

extension ClusterTest {
    func leavesNothing() throws -> Outcome { try LeavesNothing(self).outcome() }
}
