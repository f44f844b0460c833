import CLinux

/// An open directory. What is done in it is done by one name, relative to the descriptor, so that nobody can put
/// another directory in its place meanwhile; and no link is followed.
public struct Directory: ~Copyable, Sendable {
    public let file: FileDescriptor

    public init(owning file: consuming FileDescriptor) { self.file = file }

    /// Opens a directory by a path that is trusted: its links are followed.
    public init(_ path: String) throws(SystemError) {
        file = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    }

    /// The names in it, sorted by their bytes, without `.` and `..`.
    public borrowing func names() throws(SystemError) -> [PathName] {
        let raw = file.raw
        // A descriptor of its own: closedir(3) closes it, and two readers would share one position.
        let again = try check("open directory") {
            clinux_open_resolving(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0)
        }
        guard let stream = fdopendir(again) else {
            let errno = Errno.current
            close(again)
            throw SystemError("open directory", errno)
        }
        defer { closedir(stream) }
        var names: [PathName] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) {
                $0.prefix { $0 != 0 }.map { $0 }
            }
            if let name = PathName(bytes), !name.isSelf, !name.isParent { names.append(name) }
        }
        return names.sorted()
    }

    /// What lies under a name; nil for nothing.
    public borrowing func status(_ name: PathName) throws(SystemError) -> stat? {
        var info = stat()
        let raw = file.raw
        if name.withCString({ fstatat(raw, $0, &info, AT_SYMLINK_NOFOLLOW) }) == 0 { return info }
        let errno = Errno.current
        if errno == .noEntry { return nil }
        throw SystemError("stat \(name)", errno)
    }

    /// Opens a directory in this one.
    /// - Throws: EXDEV where something is mounted there, ENOTDIR or ELOOP for what is no directory.
    public borrowing func subdirectory(_ name: PathName) throws(SystemError) -> Directory {
        let raw = file.raw
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = try check("open directory \(name)") {
            name.withCString { clinux_open_resolving(raw, $0, flags, 0, CLINUX_RESOLVE_NO_XDEV) }
        }
        return Directory(owning: FileDescriptor(owning: opened))
    }

    /// rm -r of one name; nothing there is fine. Follows no link, and does not go into a mount: that is an error.
    public borrowing func removeTree(_ name: PathName) throws(SystemError) {
        guard let info = try status(name) else { return }
        let raw = file.raw
        var flags: Int32 = 0
        if info.isDirectory {
            let inner = try subdirectory(name)
            for child in try inner.names() { try inner.removeTree(child) }
            flags = AT_REMOVEDIR
        }
        if name.withCString({ unlinkat(raw, $0, flags) }) == -1 {
            let errno = Errno.current
            if errno != .noEntry { throw SystemError("remove \(name)", errno) }
        }
    }
}

extension stat {
    /// S_IFREG, S_IFDIR, …
    public var type: Int32 { Int32(st_mode) & S_IFMT }
    public var isDirectory: Bool { type == S_IFDIR }
}
