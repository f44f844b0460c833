import Linux

/// A part of a volume, found in a way that nothing inside the volume can lead out of it.
///
/// A container may put links into a volume, and the kubelet would follow them on the node
/// (CVE-2017-1002101). So the kernel resolves the path with the volume as its bound (openat2(2),
/// RESOLVE_BENEATH), and what was found is mounted by its descriptor: between the look and the
/// mount nothing can be exchanged.
public struct SubPath: ~Copyable {
    private let found: FileDescriptor
    private let isDirectory: Bool

    /// Directories that are missing on the way are made, with the volume's own mode.
    /// - Parameters:
    ///   - names: from `pathNames`.
    ///   - volume: the volume's directory on the node.
    public init(_ names: [String], in volume: String) throws {
        let root = try FileDescriptor.open(volume, CLINUX_PATH)
        var info = stat()
        fstat(root.raw, &info)
        found = try Self.open(names[...], in: root, mode: info.st_mode & 0o7777)
        fstat(found.raw, &info)
        isDirectory = Int32(info.st_mode) & S_IFMT == S_IFDIR
    }

    private static let resolve = CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_MAGICLINKS

    private static func open(
        _ names: ArraySlice<String>, in root: borrowing FileDescriptor, mode: mode_t
    ) throws -> FileDescriptor {
        let path = names.isEmpty ? "." : names.joined(separator: "/")
        let flags = CLINUX_PATH | O_CLOEXEC
        let opened = clinux_open_resolving(root.raw, path, flags, 0, resolve)
        if opened >= 0 { return FileDescriptor(owning: opened) }
        let errno = Errno.current
        switch errno.rawValue {
        case ENOENT where !names.isEmpty:
            let parent = try open(names.dropLast(), in: root, mode: mode)
            let name = names.last!
            if mkdirat(parent.raw, name, mode) == -1 {
                throw ConfigError("subPath \(path): \(Errno.current)")
            }
            let made = FileDescriptor(
                owning: try check("open \(path)") {
                    clinux_open_resolving(
                        parent.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
                        resolve)
                })
            fchmod(made.raw, mode)
            return made
        case EXDEV: throw ConfigError("subPath \(path) leads out of its volume")
        default: throw ConfigError("subPath \(path): \(errno)")
        }
    }

    /// Bind-mounts it in `directory`, which is made; `unmountAll` takes it away again.
    /// - Returns: where.
    public func mount(in directory: String, as name: String) throws -> String {
        let target = "\(directory)/\(name)"
        try Files.makeDirectories(isDirectory ? target : directory)
        if !isDirectory { try Files.write("", to: target) }
        let source = "/proc/self/fd/\(found.raw)"
        try check("bind \(target)") {
            CLinux.mount(source, target, nil, UInt(MS_BIND | MS_REC), nil)
        }
        return target
    }
}
