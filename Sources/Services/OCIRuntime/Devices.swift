import ContractRuntime
import Linux

/// What every container finds in /dev (OCI runtime specification, config-linux, default devices).
let defaultDevices: [DeviceSpec] = [
    .init(path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o666),
    .init(path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 0o666),
    .init(path: "/dev/full", type: "c", major: 1, minor: 7, fileMode: 0o666),
    .init(path: "/dev/random", type: "c", major: 1, minor: 8, fileMode: 0o666),
    .init(path: "/dev/urandom", type: "c", major: 1, minor: 9, fileMode: 0o666),
    .init(path: "/dev/tty", type: "c", major: 5, minor: 0, fileMode: 0o666),
]

private let deviceLinks = [
    ("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"), ("pts/ptmx", "/dev/ptmx"),
]

/// Makes the devices and links in a root that has been entered.
/// - Parameter bound: the defaults are there already, bound from the host.
func makeDevices(_ extra: [DeviceSpec], bound: Bool) throws {
    umask(0)
    defer { umask(0o022) }
    let own = Set(extra.map(\.path))
    for device in (bound ? [] : defaultDevices.filter { !own.contains($0.path) }) + extra {
        try make(device)
    }
    // As runc does: the kernel's memory as a core file, where the kernel has it at all.
    let core = Files.exists("/proc/kcore") ? [("/proc/kcore", "/dev/core")] : []
    for (target, path) in deviceLinks + core where symlink(target, path) == -1 {
        let errno = Errno.current
        // An image without /dev, or one that brought its own links, is as it is.
        if errno != .exists && errno != .noEntry && errno != Errno(rawValue: EROFS) {
            throw SystemError("symlink \(path)", errno)
        }
    }
}

/// What is there already has to be that device: an image may have anything under its name.
private func make(_ device: DeviceSpec) throws {
    let (type, number) = try numbers(of: device)
    let mode = mode_t(type) | (device.fileMode ?? 0o666)
    if mknod(device.path, mode, number) == -1 {
        let errno = Errno.current
        if errno == .noEntry, let parent = RelativePath(device.path)?.parent, !parent.isEmpty {
            try Files.makeDirectories(parent.absolute)
            try check("mknod \(device.path)") { mknod(device.path, mode, number) }
        } else if errno == .exists {
            var info = stat()
            guard lstat(device.path, &info) == 0, info.type == type,
                type == S_IFIFO || info.st_rdev == number
            else {
                throw RuntimeFailure("\(device.path) is there already, and is another thing")
            }
        } else {
            throw SystemError("mknod \(device.path)", errno)
        }
    }
    if (device.uid ?? 0) != 0 || (device.gid ?? 0) != 0 {
        try check("chown \(device.path)") { lchown(device.path, device.uid ?? 0, device.gid ?? 0) }
    }
}

/// The type's bits and the device's number.
/// - Throws: for numbers beyond the kernel's 12 and 20 bits, which makedev(3) would cut.
func numbers(of device: DeviceSpec) throws -> (type: Int32, number: dev_t) {
    let types = ["c": S_IFCHR, "u": S_IFCHR, "b": S_IFBLK, "p": S_IFIFO]
    guard let type = types[device.type] else {
        throw RuntimeFailure(
            "linux.devices: \(device.path): \"\(device.type)\" is none of c, u, b and p")
    }
    let (major, minor) = (device.major ?? 0, device.minor ?? 0)
    guard (0...0xfff).contains(major), (0...0xfffff).contains(minor) else {
        throw RuntimeFailure("linux.devices: \(device.path): there is no device \(major):\(minor)")
    }
    return (type, clinux_makedev(UInt32(major), UInt32(minor)))
}

// MARK: Paths of /proc and /sys

/// Binds each path on itself, read-only. A kernel that lacks one is fine.
func protect(_ paths: [String], _ kernel: RealKernel) throws {
    for path in paths {
        do { try kernel.mount(path, path, nil, [.bind, .recursive]) } catch {
            if error.errno == .noEntry { continue }
            throw error
        }
        try remountBind(path, [.readOnly, .recursive])
    }
}

/// Hides each path behind the null device, or, a directory, behind an empty read-only one.
func mask(_ paths: [String], _ kernel: RealKernel) throws {
    let null = try NullDevice.open()
    // By descriptor, since a name may be given to another thing meanwhile. Without /proc there is but the name.
    let source = Files.exists("/proc/self/fd") ? "/proc/self/fd/\(null.raw)" : "/dev/null"
    for path in paths {
        do { try kernel.mount(source, path, nil, .bind) } catch {
            if error.errno == .noEntry { continue }
            guard error.errno == Errno(rawValue: ENOTDIR) else { throw error }
            try kernel.mount("tmpfs", path, "tmpfs", .readOnly)
        }
    }
}
