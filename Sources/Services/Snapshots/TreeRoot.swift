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

    /// The place that `path` names. Directories that lead to it are made where they are missing.
    /// - Parameter made: called with each of them; true says that a whiteout was there before.
    /// - Throws: `SnapshotError.hostileEntry` where the path has `..` or goes through a file.
    borrowing func place(
        _ path: RelativePath, made: (borrowing Place, _ overWhiteout: Bool) throws -> Void
    ) throws -> Place {
        guard !path.goesUp else {
            throw SnapshotError.hostileEntry(
                "\(path)", "a path with .. could lead out of the layer")
        }
        return Place(directory: try open(path.parent, path, made), name: path.last, path: path)
    }

    /// The same, where all that leads there is there; nil where it isn't.
    borrowing func existing(_ path: RelativePath) -> Place? {
        let raw = root.raw
        let opened = path.parent.withCString { clinux_open_in_root(raw, $0, Self.flags, 0) }
        if opened < 0 { return nil }
        let parent = Directory(owning: FileDescriptor(owning: opened))
        return Place(directory: parent, name: path.last, path: path)
    }

    private borrowing func open(
        _ way: RelativePath, _ path: RelativePath, _ made: (borrowing Place, Bool) throws -> Void
    ) throws -> Directory {
        let raw = root.raw
        let opened = way.withCString { clinux_open_in_root(raw, $0, Self.flags, 0) }
        if opened >= 0 { return Directory(owning: FileDescriptor(owning: opened)) }
        let errno = Errno.current
        switch errno.rawValue {
        case ENOENT where !way.isEmpty, ENOTDIR where !way.isEmpty:
            let place = Place(
                directory: try open(way.parent, path, made), name: way.last, path: way)
            return try make(place, path, made)
        case ELOOP:
            throw SnapshotError.hostileEntry("\(path)", "\(way) is a loop of links")
        default:
            throw SystemError("open \(way) in the layer", errno)
        }
    }

    /// A directory for what comes below it. A whiteout speaks of other layers, so it makes room.
    private func make(
        _ place: consuming Place, _ path: RelativePath,
        _ made: (borrowing Place, Bool) throws -> Void
    ) throws -> Directory {
        let found = try place.status()
        switch found?.type {
        case nil: break
        case S_IFCHR? where found!.isWhiteout: try place.check("unlink") { unlinkat($0, $1, 0) }
        case S_IFLNK?:
            throw SnapshotError.hostileEntry("\(path)", "\(place.path) is a link to nowhere")
        default:
            throw SnapshotError.hostileEntry(
                "\(path)", "it lies below \(place.path), which is no directory")
        }
        try place.check("mkdir") { mkdirat($0, $1, 0o755) }
        try made(place, found != nil)
        var opened: Int32 = -1
        try place.check("open") {
            opened = clinux_open_in_root($0, $1, Self.flags | O_NOFOLLOW, 0)
            return opened
        }
        return Directory(owning: FileDescriptor(owning: opened))
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
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
