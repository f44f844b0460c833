import ContractControlGroups
import Dock
import Grading
import Linux

/// A place for groups in every hierarchy that this process can write: below its own group, on version 2 beside
/// it, where controllers can be handed on. Empty for a user who has been given none. All of it goes with the
/// value, members and all.
final class RealGroups {
    struct Place {
        let directory: String
        let version: ControlGroupVersion
    }
    private let tree: CgroupTree
    private var made: [String] = []

    init() throws {
        tree = CgroupTree.plan(
            name: "drydock-check-\(getpid())", ownGroups: try Files.readText("/proc/self/cgroup"),
            mounts: try Files.readText("/proc/self/mountinfo")
        ).create()
    }

    /// Our group in the hierarchy of a controller; nil where there is none.
    func place(of controller: String) -> Place? {
        for hierarchy in tree.hierarchies where !hierarchy.isV2 {
            if hierarchy.controllers.split(separator: ",").contains(Substring(controller)) {
                return Place(directory: hierarchy.directory, version: .v1)
            }
        }
        return unified.flatMap { place in
            words("\(place.directory)/cgroup.controllers").contains(controller) ? place : nil
        }
    }

    /// Our group on version 2, whatever controllers it has.
    var unified: Place? {
        tree.hierarchies.first(where: \.isV2).map { Place(directory: $0.directory, version: .v2) }
    }

    /// A group of that name in ours, made where it is not there.
    func make(_ name: String, in place: Place) throws -> String {
        let path = "\(place.directory)/\(name)"
        if place.version == .v2 {
            for controller in words("\(place.directory)/cgroup.controllers") {
                // Not every one can be: cpu can't while a real-time process runs somewhere.
                _ = try? RealKernel().writeFile(
                    "\(place.directory)/cgroup.subtree_control", "+\(controller)")
            }
        }
        if mkdir(path, 0o755) == -1, Errno.current != .exists {
            throw SystemError("mkdir \(path)", .current)
        }
        return path
    }

    private func words(_ path: String) -> [String] {
        ((try? Files.readText(path)) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    /// Lets all go on that is frozen: only then can it die.
    func thaw() {
        for hierarchy in tree.hierarchies { thaw(hierarchy.directory) }
    }

    private func thaw(_ directory: String) {
        for name in (try? Files.list(directory)) ?? []
        where Files.isDirectory("\(directory)/\(name)") { thaw("\(directory)/\(name)") }
        _ = try? RealKernel().writeFile("\(directory)/freezer.state", "THAWED")
        _ = try? RealKernel().writeFile("\(directory)/cgroup.freeze", "0")
    }

    deinit {
        thaw()
        for _ in 0..<400 {
            for hierarchy in tree.hierarchies { killAll(hierarchy.directory) }
            if tree.remove().isEmpty { return }
            usleep(5000)
        }
    }

    private func killAll(_ directory: String) {
        for name in (try? Files.list(directory)) ?? []
        where Files.isDirectory("\(directory)/\(name)") {
            killAll("\(directory)/\(name)")
        }
        for line in ((try? Files.readText("\(directory)/cgroup.procs")) ?? "").split(
            separator: "\n")
        {
            if let pid = pid_t(line), pid > 0, pid != getpid() { kill(pid, SIGKILL) }
        }
    }
}

/// The real kernel, for calls on files and directories below `directories` and nowhere else.
struct FencedKernel: Kernel {
    let directories: [String]

    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        switch call {
        case .mkdir(let path, _), .rmdir(let path), .writeFile(let path, _), .readFile(let path):
            let isInside = directories.contains { path.hasPrefix("\($0)/") || path == $0 }
            guard isInside, !path.contains("/../") else {
                throw SystemError("\(call)", .accessDenied, advice: "that is not this group's")
            }
            return try RealKernel().perform(call)
        // In a PID namespace of its own: it ends nobody outside.
        case .kill, .nanosleep: return try RealKernel().perform(call)
        default: throw SystemError("\(call)", .notPermitted, advice: "no such call is needed here")
        }
    }
}

/// Waits for something that the kernel does in its own time, within three seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    Linux.eventually(within: 3000, every: 2, condition)
}

/// Has the part do something that has to succeed: an error that it throws is a failure with a reason.
func succeeds<Value>(
    _ claim: String, idea: (String) -> String, _ body: () throws -> Value
) throws -> Value {
    do { return try body() } catch PartFailure.threw(let text) {
        throw Failed(claim, expected: "no error", seen: text, idea: idea(text))
    }
}
