import ContractNamespaces
import Linux

/// The real kernel for a part that mounts below a root which an image has filled.
///
/// A link in the image (`/proc` that leads to `/../../etc`) must not lead a mount out of the root.
/// So a mount's target below the root is opened with openat2(2), which takes the root for `/`, made
/// where it is missing, and mounted on by its descriptor. A path that was checked and then mounted
/// on by name could be swapped between.
final class RootedKernel: Kernel {
    private let plan: RootPlan
    private let real = RealKernel()
    /// Open since the root was made a mount point: before that, it would be the wrong mount.
    private var root: Int32 = -1
    /// The old root has gone: paths are the container's own.
    private(set) var hasPivoted = false

    init(_ plan: RootPlan) { self.plan = plan }

    deinit { if root >= 0 { CLinux.close(root) } }

    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        if hasPivoted { return try real.perform(call) }
        switch call {
        case .pivotRoot:
            try setAttributes()
            makeWorkingDirectory()
            let result = try real.perform(call)
            hasPivoted = true
            return result
        case .mount(let source, let target, let type, let flags, let data):
            guard let path = below(target) else { return try real.perform(call) }
            let mount = Mount(source: source, type: type, flags: flags, data: data)
            let point = try open(path, wantsDirectory: mount.wantsDirectory)
            defer { CLinux.close(point) }
            if mount.isNew { try look(at: point, path, mount) }
            try perform(mount, on: point, target)
            return .nothing
        default: return try real.perform(call)
        }
    }

    /// The path below the root; nil where the target is not below it. By bytes: a name may begin with an accent, which
    /// to Swift makes another character of the slash before it.
    private func below(_ target: String) -> RelativePath? {
        let prefix = plan.setup.rootfs + "/"
        guard target.startsWithBytes(of: prefix) else { return nil }
        return RelativePath(target.utf8.dropFirst(prefix.utf8.count))
    }

    private func perform(_ mount: Mount, on point: Int32, _ target: String) throws(SystemError) {
        let place = "/proc/self/fd/\(point)"
        if mount.flags.isSuperset(of: [.bind, .remount]) {
            return try remountBind(place, mount.flags, as: target)
        }
        try check("mount \(mount.source ?? mount.type ?? "") on \(target)") {
            CLinux.mount(mount.source, place, mount.type, mount.flags.rawValue, mount.data)
        }
    }
}

/// The arguments of one mount(2).
private struct Mount {
    let source: String?
    let type: String?
    let flags: MountFlags
    let data: String?

    /// No change of flags or propagation of a mount that is there.
    var isNew: Bool {
        flags.isDisjoint(with: [.remount, .private, .slave, .shared, .unbindable])
    }

    var wantsDirectory: Bool {
        guard let source, flags.contains(.bind) else { return true }
        var info = stat()
        return stat(source, &info) != 0 || info.isDirectory
    }

    /// A new procfs, or the root of one.
    var isProc: Bool {
        guard flags.contains(.bind) else { return type == "proc" }
        guard let source, let file = try? FileDescriptor.open(source, CLINUX_PATH) else {
            return false
        }
        return ProcFiles.isProc(file.raw)
    }
}

// MARK: Where a mount may be

extension RootedKernel {
    /// Whatever lies over /proc, or over a part of it, would be believed by the runtime and by the container's programs
    /// (CVE-2019-16884, CVE-2019-19921). The place is known by what it is, not by what the configuration calls it.
    private func look(at point: Int32, _ path: RelativePath, _ mount: Mount) throws(SystemError) {
        let place = try location(of: point)
        guard !place.isEmpty else {
            throw SystemError(
                "mount on \(path.absolute)", .invalid, advice: "this is the root itself")
        }
        if place.names[0] == PathName("proc"),
            !(place.names.count == 1 && mount.isProc)
                || ProcFiles.isIn(point) && !(ProcFiles.isProc(point) && mount.isProc)
        {
            throw SystemError(
                "mount on \(path.absolute)", .notPermitted,
                advice: "nothing but a procfs may lie on /proc, and nothing below it")
        }
        guard plan.copyUps.contains(path) else { return }
        let old = Directory(owning: try .open("/proc/self/fd/\(point)", O_RDONLY | O_DIRECTORY))
        guard try old.names().isEmpty else {
            throw SystemError(
                "mount on \(path.absolute)", Errno(rawValue: ENOTEMPTY),
                advice: "tmpcopyup: this runtime copies nothing into a new tmpfs")
        }
    }

    /// What an open descriptor is called now, from the root.
    private func location(of descriptor: Int32) throws(SystemError) -> RelativePath {
        func name(_ descriptor: Int32) throws(SystemError) -> RelativePath {
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let length = try check("read link /proc/self/fd/\(descriptor)") {
                buffer.withUnsafeMutableBytes {
                    readlink("/proc/self/fd/\(descriptor)", $0.baseAddress!, $0.count)
                }
            }
            return RelativePath(buffer[..<length]) ?? RelativePath()
        }
        let (whole, base) = (try name(descriptor), try name(root))
        guard whole == base || whole.isBelow(base) else {
            throw SystemError(
                "mount on \(whole.absolute)", .notPermitted, advice: "it is outside the root")
        }
        return RelativePath(whole.names.dropFirst(base.names.count))
    }

    /// The mount point, made where it is missing, with what is missing on the way.
    private func open(_ path: RelativePath, wantsDirectory: Bool, links: Int = 40)
        throws(SystemError)
        -> Int32
    {
        if root < 0 {
            let rootfs = plan.setup.rootfs
            root = try check("open \(rootfs)") {
                clinux_open(rootfs, CLINUX_PATH | O_DIRECTORY | O_CLOEXEC, 0)
            }
        }
        let opened = path.withCString { clinux_open_in_root(root, $0, CLINUX_PATH | O_CLOEXEC, 0) }
        if opened >= 0 { return opened }
        let errno = Errno.current
        guard errno == .noEntry, links > 0, let name = path.last else {
            throw SystemError("open mount point \(path.absolute) in \(plan.setup.rootfs)", errno)
        }
        let parent = try open(path.parent, wantsDirectory: true, links: links - 1)
        defer { CLinux.close(parent) }
        let made = name.withCString {
            wantsDirectory
                ? mkdirat(parent, $0, 0o755) : mknodat(parent, $0, mode_t(S_IFREG) | 0o644, 0)
        }
        if made == -1 {
            let errno = Errno.current
            guard errno == .exists else {
                throw SystemError(
                    "make mount point \(path.absolute) in \(plan.setup.rootfs)", errno)
            }
        }
        // What is there, and leads nowhere, is a link: the mount point is where it leads to.
        let next = made == -1 ? target(of: name, in: parent, path.parent) ?? path : path
        return try open(next, wantsDirectory: wantsDirectory, links: links - 1)
    }

    /// Where a link leads, from the root; nil for what is none.
    private func target(of name: PathName, in parent: Int32, _ path: RelativePath) -> RelativePath?
    {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = name.withCString { name in
            buffer.withUnsafeMutableBytes { readlinkat(parent, name, $0.baseAddress!, $0.count) }
        }
        guard length > 0, let target = RelativePath(buffer[..<length]) else { return nil }
        return buffer[0] == UInt8(ascii: "/") ? target : RelativePath(path.names + target.names)
    }
}

// MARK: Before the old root goes

extension RootedKernel {
    /// Flags of a mount and of all that is mounted below it, which mount(2) can't set (mount_setattr(2)).
    private func setAttributes() throws(SystemError) {
        for (path, attributes) in plan.recursive {
            let point = try open(path, wantsDirectory: true)
            defer { CLinux.close(point) }
            try check("mount_setattr \(path.absolute)") {
                clinux_mount_attributes(point, 1, attributes.set, attributes.clear)
            }
        }
    }

    /// A working directory that the image lacks is made, while this can be done without leaving the root. What goes
    /// wrong is seen when it is entered.
    private func makeWorkingDirectory() {
        if let point = try? open(plan.workingDirectory, wantsDirectory: true) {
            CLinux.close(point)
        }
    }
}

/// Changes the flags of a bind mount. In a user namespace the flags that a mount came with are locked, and who leaves
/// one out is refused (mount_namespaces(7)): then they are kept.
func remountBind(_ path: String, _ flags: MountFlags, as name: String? = nil) throws(SystemError) {
    let flags = flags.union([.bind, .remount])
    if CLinux.mount(nil, path, nil, flags.rawValue, nil) == 0 { return }
    let errno = Errno.current
    var system = statfs()
    guard errno == .notPermitted, statfs(path, &system) == 0 else {
        throw SystemError("remount \(name ?? path)", errno)
    }
    let kept = MountFlags(statfs: UInt(system.f_flags))
    try check("remount \(name ?? path)") {
        CLinux.mount(nil, path, nil, flags.union(kept).rawValue, nil)
    }
}

extension MountFlags {
    /// The flags of a mount as statfs(2) tells them.
    fileprivate init(statfs flags: UInt) {
        let pairs: [(UInt, MountFlags)] = [
            (1, .readOnly), (2, .noSUID), (4, .noDevices), (8, .noExecute), (1024, .noAccessTime),
            (2048, .noDirectoryAccessTime), (4096, .relativeAccessTime),
            (8192, .noSymlinksFollowed),
        ]
        self = pairs.reduce(into: []) { if flags & $1.0 != 0 { $0.insert($1.1) } }
    }
}
