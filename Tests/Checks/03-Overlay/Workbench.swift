import ContractOverlay
import Grading
import Linux
import Snapshots

/// A directory of memory in a mount namespace of this process's own: every mount made here is gone with the
/// process, however it ends, and was never seen outside.
struct Workbench {
    let root: String

    /// What the steps need of the machine: root, or a user namespace of one's own.
    static let requirement = Requirement {
        canUnshare
            ? nil
            : "mounting needs root, or user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    }

    private static let canUnshare: Bool = {
        if geteuid() == 0 { return true }
        return (try? capture("unshare", ["unshare", "-rm", "true"]))?.ending.succeeded ?? false
    }()

    nonisolated(unsafe) private static var isInside = false

    init() throws {
        if !Self.isInside { try Self.enter() }
        Self.isInside = true
        root = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-03-")
        try RealKernel().mount("none", root, "tmpfs", [], "mode=755")
    }

    private static func enter() throws {
        let kernel = RealKernel()
        let (user, group) = (geteuid(), getegid())
        if user != 0 {
            try kernel.unshare([.newUser, .newMount])
            try kernel.writeFile("/proc/self/setgroups", "deny")
            try kernel.writeFile("/proc/self/uid_map", "0 \(user) 1")
            try kernel.writeFile("/proc/self/gid_map", "0 \(group) 1")
        } else {
            try kernel.unshare(.newMount)
        }
        try kernel.mount(nil, "/", nil, [.recursive, .private])
    }

    /// The memory goes at once; the directory that it was mounted on with it.
    func remove() {
        _ = umount2(root, Int32(MNT_DETACH))
        rmdir(root)
    }

    func callAsFunction(_ name: String) -> String { "\(root)/\(name)" }

    /// Mounts an overlay; the options are the caller's, word for word.
    func mount(_ options: String, on target: String) throws {
        try Files.makeDirectories(target)
        let all = options + (Privilege.inUserNamespace ? ",userxattr" : "")
        try RealKernel().mount("overlay", target, "overlay", [], all)
    }
}

/// Runs a body in a workbench that is gone afterwards. In a failure's words paths are short: the workbench's
/// own name is another each time.
func onWorkbench(_ body: (Workbench) throws -> Void) throws {
    let bench = try Workbench()
    defer { bench.remove() }
    do { try body(bench) } catch var failed as Failed {
        failed.claim = failed.claim.replacing(bench.root, with: "")
        failed.expected = failed.expected?.replacing(bench.root, with: "")
        failed.seen = failed.seen?.replacing(bench.root, with: "")
        throw failed
    }
}
