import ContractOverlay
import Linux

/// One overlay mount.
public struct OverlayMount: Hashable, Sendable {
    /// Topmost first. At least one.
    public var lower: [String]
    /// Takes all changes. On one file system with `work`.
    public var upper: String
    /// The kernel's own scratch directory: empty, and used by one mount only.
    public var work: String
    public var target: String

    public init(lower: [String], upper: String, work: String, target: String) {
        (self.lower, self.upper, self.work, self.target) = (lower, upper, work, target)
    }

    /// One page, minus the zero at its end: mount(2).
    static let optionBytesMax = 4095

    /// The lower layers, each once, where it is topmost: below that it shows nothing more, and the
    /// kernel refuses a directory that is named twice. Known by device and inode, whatever it is called.
    func distinctLower() throws -> [String] {
        var seen: Set<[UInt]> = []
        return try lower.filter { layer in
            var info = stat()
            try check("stat \(layer)") { stat(layer, &info) }
            return seen.insert([UInt(info.st_dev), UInt(info.st_ino)]).inserted
        }
    }

    /// The data argument of mount(2).
    /// - Parameter inUserNamespace: adds `userxattr`, without which nothing can be made opaque
    ///   there.
    /// - Throws: what the rules throw; `SnapshotError.badMount` where the kernel would cut the
    ///   text.
    public func options(rules: any OverlayRules, inUserNamespace: Bool) throws -> String {
        guard !lower.isEmpty else {
            throw SnapshotError.badMount("an overlay needs at least one lower layer")
        }
        let options =
            "lowerdir=\(try rules.lowerdir(lower.reversed()))"
            + ",upperdir=\(escape(upper)),workdir=\(escape(work))"
            + (inUserNamespace ? ",userxattr" : "")
        guard options.utf8.count <= Self.optionBytesMax else {
            throw SnapshotError.badMount(
                "the mount options of \(lower.count) layers take \(options.utf8.count) bytes, "
                    + "the kernel \(Self.optionBytesMax): use shorter paths or fewer layers")
        }
        return options
    }

    /// `,` ends an option, `\` escapes.
    private func escape(_ path: String) -> String {
        path.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar == "," || scalar == "\\" { text.append("\\") }
            text.unicodeScalars.append(scalar)
        }
    }

    /// Makes `upper`, `work` and `target` where they are missing, and mounts.
    /// - Throws: `SystemError`, `SnapshotError.badMount`, and what the rules throw.
    public func mount(rules: any OverlayRules) throws {
        for layer in lower where !Files.isDirectory(layer) {
            throw SnapshotError.badMount("the lower layer \(layer) is no directory")
        }
        for directory in [upper, work, target] { try Files.makeDirectories(directory) }
        if try Self.isMountPoint(target) {
            throw SnapshotError.badMount("\(target) is a mount point already: unmount it first")
        }
        var mount = self
        mount.lower = try distinctLower()
        // Many layers don't fit into a page by their names. By open descriptors they do.
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        if try !mount.fits(rules) {
            open = try mount.lower.map { layer in
                try check("open \(layer)") {
                    clinux_open(layer, CLINUX_PATH | O_DIRECTORY | O_CLOEXEC, 0)
                }
            }
            mount.lower = open.map { "/proc/self/fd/\($0)" }
        }
        let options = try mount.options(rules: rules, inUserNamespace: Privilege.inUserNamespace)
        if CLinux.mount("overlay", target, "overlay", 0, options) == -1 {
            let errno = Errno.current
            throw SystemError("mount overlay on \(target)", errno, advice: Self.advice(errno))
        }
    }

    private func fits(_ rules: any OverlayRules) throws -> Bool {
        do {
            _ = try options(rules: rules, inUserNamespace: true)
            return true
        } catch let error as SnapshotError {
            guard case .badMount = error, lower.count > 1 else { throw error }
            return false
        }
    }

    private static func advice(_ errno: Errno) -> String? {
        switch errno {
        case .notPermitted: "run as root, or enter a user namespace first (unshare -rm)"
        case .invalid:
            "upper and work must lie on one local file system, not overlay, NFS or 9p; see dmesg"
        case .busy: "the upper or work directory is in use by another overlay"
        default: nil
        }
    }

    /// Unmounts; nothing mounted there is fine. What is busy still after a fifth of a second is
    /// detached: it goes when its last user does.
    public static func unmount(_ target: String) throws(SystemError) {
        for attempt in 0...10 {
            let flags = Int32(UMOUNT_NOFOLLOW | (attempt == 10 ? MNT_DETACH : 0))
            if umount2(target, flags) == 0 { return }
            let errno = Errno.current
            if errno == .invalid || errno == .noEntry { return }
            guard errno == .busy else { throw SystemError("unmount \(target)", errno) }
            usleep(20_000)
        }
    }

    /// A mount's root has another device than its parent directory.
    static func isMountPoint(_ path: String) throws -> Bool {
        var here = stat()
        var above = stat()
        try check("stat \(path)") { stat(path, &here) }
        try check("stat \(path)/..") { stat("\(path)/..", &above) }
        return here.st_dev != above.st_dev
    }
}
