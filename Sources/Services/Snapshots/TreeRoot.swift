import Linux

/// A directory that nothing done through it can leave, whatever names and links say.
///
/// Every path is resolved by the kernel with this directory as the root (openat2(2),
/// RESOLVE_IN_ROOT), and what is done to the last name is done relative to its open parent, without
/// following it.
struct TreeRoot: ~Copyable {
    private let root: FileDescriptor

    /// - Parameter directory: created with its parents if it is not there.
    init(_ directory: String) throws {
        try Files.makeDirectories(directory)
        root = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
    }

    /// A name in an open directory.
    struct Place: ~Copyable {
        let directory: FileDescriptor
        /// `.` where the place is the root itself.
        let name: String
        /// The whole path, for errors.
        let path: String

        /// The type bits of what is there (S_IFREG, …), nil for nothing.
        var type: Int32? {
            var info = stat()
            guard fstatat(directory.raw, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
            return Int32(info.st_mode) & S_IFMT
        }
        /// True for a character device 0:0.
        var isWhiteout: Bool {
            var info = stat()
            return fstatat(directory.raw, name, &info, AT_SYMLINK_NOFOLLOW) == 0
                && Int32(info.st_mode) & S_IFMT == S_IFCHR && info.st_rdev == 0
        }
        /// A path to the open directory, for calls that take no descriptor.
        var viaProc: String { "/proc/self/fd/\(directory.raw)/\(name)" }

        func check(_ call: String, _ body: () -> Int32) throws {
            let path = path
            try Linux.check("\(call) \(path)") { body() }
        }
    }

    /// The place that `path` names. Directories that lead to it are made where they are missing,
    /// mode 0755.
    /// - Throws: `SnapshotError.hostileEntry` where the path has `..` or goes through a file.
    borrowing func place(_ path: String) throws -> Place {
        let names = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !names.contains("..") else {
            throw SnapshotError.hostileEntry(path, "a path with .. could lead out of the layer")
        }
        guard let last = names.last else {
            return Place(directory: try open([], path), name: ".", path: path)
        }
        return Place(directory: try open(names.dropLast(), path), name: last, path: path)
    }

    private borrowing func open(_ names: ArraySlice<String>, _ path: String) throws
        -> FileDescriptor
    {
        let relative = names.isEmpty ? "." : names.joined(separator: "/")
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let opened = clinux_open_in_root(root.raw, relative, flags, 0)
        if opened >= 0 { return FileDescriptor(owning: opened) }
        let errno = Errno.current
        switch errno.rawValue {
        case ENOENT where !names.isEmpty:
            let parent = try open(names.dropLast(), path)
            let name = names.last!
            if mkdirat(parent.raw, name, 0o755) == -1, Errno.current == .exists {
                throw SnapshotError.hostileEntry(path, "\(relative) is a link to nowhere")
            }
            let made = clinux_open_in_root(parent.raw, name, flags | O_NOFOLLOW, 0)
            let failure = Errno.current
            guard made >= 0 else { throw SystemError("mkdir \(relative)", failure) }
            return FileDescriptor(owning: made)
        case ENOTDIR:
            throw SnapshotError.hostileEntry(
                path, "it lies below \(relative), which is no directory")
        case ELOOP:
            throw SnapshotError.hostileEntry(path, "\(relative) is a loop of links")
        default:
            throw SystemError("open \(relative) in the layer", errno)
        }
    }
}

/// What a process may do here decides in which form overlay's own marks are written.
public enum Privilege {
    /// True where user 0 is not the machine's: only `user.*` attributes can be written then, and an
    /// overlay is mounted with `userxattr`.
    public static var inUserNamespace: Bool {
        guard let map = try? Files.readText("/proc/self/uid_map") else { return false }
        return map.split(whereSeparator: { $0 == " " || $0 == "\n" }) != ["0", "0", "4294967295"]
    }

    /// `trusted` or `user`: what overlay's extended attributes begin with.
    static var attributeClass: String { inUserNamespace ? "user" : "trusted" }
}
