import Contract
import Linux

/// The real kernel for a part that mounts below a root which an image has filled.
///
/// A link in the image (`/proc` that leads to `/../../etc`) must not lead a mount out of the root.
/// So a mount's target below the root is opened with openat2(2), which takes the root for `/`, made
/// where it is missing, and mounted on by its descriptor. A path that was checked and then mounted
/// on by name could be swapped between.
final class RootedKernel: Kernel {
    private let rootfs: String
    private let real = RealKernel()
    /// Open since the root was made a mount point: before that, it would be the wrong mount.
    private var root: Int32 = -1
    /// The old root has gone: paths are the container's own.
    private(set) var hasPivoted = false

    init(rootfs: String) { self.rootfs = rootfs }

    deinit { if root >= 0 { CLinux.close(root) } }

    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        if case .pivotRoot = call {
            defer { hasPivoted = true }
            return try real.perform(call)
        }
        guard case .mount(let source, let target, let type, let flags, let data) = call,
            !hasPivoted, target.hasPrefix(rootfs + "/")
        else { return try real.perform(call) }
        let wantsDirectory = source.map { !flags.contains(.bind) || isDirectory($0) } ?? true
        let mountPoint = try open(String(target.dropFirst(rootfs.utf8.count)), wantsDirectory)
        defer { CLinux.close(mountPoint) }
        try check("mount \(source ?? type ?? "") on \(target)") {
            CLinux.mount(source, "/proc/self/fd/\(mountPoint)", type, flags.rawValue, data)
        }
        return .nothing
    }

    private func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) != 0 || Int32(info.st_mode) & S_IFMT == S_IFDIR
    }

    private func open(_ path: String, _ isDirectory: Bool) throws(SystemError) -> Int32 {
        if root < 0 {
            root = try check("open \(rootfs)") {
                clinux_open(rootfs, CLINUX_PATH | O_DIRECTORY | O_CLOEXEC, 0)
            }
        }
        let opened = clinux_open_in_root(root, path, CLINUX_PATH | O_CLOEXEC, 0)
        if opened >= 0 { return opened }
        let errno = Errno.current
        guard errno == .noEntry else {
            throw SystemError("open mount point \(path) in \(rootfs)", errno)
        }
        return try make(path, isDirectory)
    }

    /// Makes the mount point, and what is missing on the way: each name in the directory that the
    /// names before it led to. Mostly only the last is missing.
    private func make(_ path: String, _ isDirectory: Bool) throws(SystemError) -> Int32 {
        guard let slash = path.lastIndex(of: "/") else {
            throw SystemError("make \(path)", .invalid)
        }
        let (before, name) = (String(path[..<slash]), String(path[path.index(after: slash)...]))
        var parent = clinux_open_in_root(root, before.isEmpty ? "/" : before, CLINUX_PATH | O_CLOEXEC, 0)
        if parent < 0 { parent = try make(before, true) }
        defer { CLinux.close(parent) }
        let made =
            isDirectory
            ? mkdirat(parent, name, 0o755) : mknodat(parent, name, mode_t(S_IFREG) | 0o644, 0)
        if made == -1 {
            let errno = Errno.current
            if errno != .exists {
                throw SystemError("make mount point \(path) in \(rootfs)", errno)
            }
        }
        let opened = clinux_open_in_root(root, path, CLINUX_PATH | O_CLOEXEC, 0)
        if opened >= 0 { return opened }
        throw SystemError("open mount point \(path) in \(rootfs)", .current)
    }
}
