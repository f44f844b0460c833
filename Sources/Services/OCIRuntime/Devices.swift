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

private func make(_ device: DeviceSpec) throws {
    let types = ["c": S_IFCHR, "u": S_IFCHR, "b": S_IFBLK, "p": S_IFIFO]
    guard let type = types[device.type] else {
        throw RuntimeFailure(
            "linux.devices: \(device.path): \"\(device.type)\" is none of c, u, b and p")
    }
    let mode = mode_t(type) | (device.fileMode ?? 0o666)
    let number = clinux_makedev(UInt32(device.major ?? 0), UInt32(device.minor ?? 0))
    if mknod(device.path, mode, number) == -1 {
        let errno = Errno.current
        if errno == .noEntry, device.path.dropFirst().contains("/") {
            let parent = device.path[..<device.path.lastIndex(of: "/")!]
            try Files.makeDirectories(String(parent))
            try check("mknod \(device.path)") {
                mknod(device.path, mode, number)
            }
        } else if errno != .exists {
            throw SystemError("mknod \(device.path)", errno)
        }
    }
    if (device.uid ?? 0) != 0 || (device.gid ?? 0) != 0 {
        try check("chown \(device.path)") { chown(device.path, device.uid ?? 0, device.gid ?? 0) }
    }
}

// MARK: Paths of /proc and /sys

/// Binds each path on itself, read-only. A kernel that lacks one is fine.
func protect(_ paths: [String], _ kernel: RealKernel) throws {
    for path in paths {
        do { try kernel.mount(path, path, nil, [.bind, .recursive]) } catch {
            if error.errno == .noEntry { continue }
            throw error
        }
        try kernel.mount(nil, path, nil, [.bind, .remount, .readOnly, .recursive])
    }
}

/// Hides each path behind /dev/null, or, a directory, behind an empty read-only one.
func mask(_ paths: [String], _ kernel: RealKernel) throws {
    for path in paths {
        do { try kernel.mount("/dev/null", path, nil, .bind) } catch {
            if error.errno == .noEntry { continue }
            guard error.errno == Errno(rawValue: ENOTDIR) else { throw error }
            try kernel.mount("tmpfs", path, "tmpfs", .readOnly)
        }
    }
}
