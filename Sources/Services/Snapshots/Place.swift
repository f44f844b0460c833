import ContractOverlay
import Linux

/// A name in an open directory: what lies there is looked at and worked on without following it.
struct Place: ~Copyable {
    let directory: Directory
    /// Nil where the place is the directory itself.
    let name: PathName?
    /// From the tree's root, for errors.
    let path: RelativePath

    /// Nil where nothing is there.
    func status() throws(SystemError) -> stat? {
        if let name { return try directory.status(name) }
        var info = stat()
        let raw = directory.file.raw
        try Linux.check("stat \(path)") { fstat(raw, &info) }
        return info
    }

    /// A call that takes a directory's descriptor and a name in it.
    func check(
        _ call: String, _ body: (Int32, UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        let raw = directory.file.raw
        let name = RelativePath([name].compactMap { $0 })
        try Linux.check("\(call) \(path)") { name.withCString { body(raw, $0) } }
    }

    /// For calls that take no descriptor: the path of the open directory, and the name in it.
    func viaProc<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        let names = ["proc", "self", "fd", "\(directory.file.raw)"].compactMap { PathName($0) }
        // `.` keeps the last step from being a link of /proc.
        return try RelativePath(names + [name ?? PathName(".")!]).withRootedCString(body)
    }

    /// All extended attributes, by name; none where the file system has none.
    func attributes() throws(SystemError) -> [String: [UInt8]] {
        var list = [UInt8](repeating: 0, count: 64 << 10)
        let length = viaProc { llistxattr($0, &list, list.count) }
        if length < 0 {
            let errno = Errno.current
            if errno.rawValue == ENOTSUP { return [:] }
            throw SystemError("list the attributes of \(path)", errno)
        }
        var attributes: [String: [UInt8]] = [:]
        for name in list[..<length].split(separator: 0) {
            guard let name = String(validating: name, as: UTF8.self) else { continue }
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let size = viaProc { lgetxattr($0, name, &value, value.count) }
            if size >= 0 { attributes[name] = Array(value[..<size]) }
        }
        return attributes
    }

    func linkTarget() throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = viaProc { path in
            buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        }
        guard length >= 0 else { throw SystemError("read link \(path)", .current) }
        return Array(buffer[..<length])
    }

    /// Opens a regular file that lies here.
    func open(_ flags: Int32, mode: mode_t = 0) throws(SystemError) -> FileDescriptor {
        var opened: Int32 = -1
        try check("open") {
            opened = clinux_open_resolving(
                $0, $1, flags | O_NOFOLLOW | O_CLOEXEC, mode, CLINUX_RESOLVE_BENEATH)
            return opened
        }
        return FileDescriptor(owning: opened)
    }
}

extension stat {
    /// A character device 0:0: overlay's whiteout.
    var isWhiteout: Bool { type == S_IFCHR && st_rdev == 0 }
}

/// A directory whose content may be anybody's, looked at without following a link.
struct Tree: ~Copyable {
    private let root: Directory

    init(_ path: String) throws(SystemError) { root = try Directory(path) }

    /// What lies at a path; nil for nothing, and for what lies below something that is no directory.
    func find(_ path: RelativePath) throws(SystemError) -> OnDisk? {
        let raw = root.file.raw
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let opened = path.parent.withCString {
            clinux_open_resolving(
                raw, $0, flags, 0, CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_SYMLINKS)
        }
        if opened < 0 {
            let errno = Errno.current
            if errno == .noEntry || [ENOTDIR, ELOOP].contains(errno.rawValue) { return nil }
            throw SystemError("open \(path.parent)", errno)
        }
        let parent = Directory(owning: FileDescriptor(owning: opened))
        return try OnDisk(Place(directory: parent, name: path.last, path: path))
    }

    /// Every path below the root, in an order that never differs: by the names' bytes, a directory before what is in it.
    func paths() throws(SystemError) -> [RelativePath] {
        try Self.walk(root, RelativePath())
    }

    private static func walk(
        _ directory: borrowing Directory, _ path: RelativePath
    ) throws(SystemError) -> [RelativePath] {
        var paths: [RelativePath] = []
        for name in try directory.names() {
            paths.append(path + name)
            guard try directory.status(name)?.isDirectory == true else { continue }
            paths += try walk(try directory.subdirectory(name), path + name)
        }
        return paths
    }
}
