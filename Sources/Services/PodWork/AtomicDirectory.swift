import Linux

/// A volume's directory whose files change all at once:
///
///     ..3f2a91c04d7be650/k        the files
///     ..data -> ..3f2a91c04d7be650
///     k -> ..data/k               what a container opens
///
/// New files are written beside the old ones, and one rename of `..data` swaps them, so nobody ever
/// sees half a change. Everything is done relative to the open directory, in directories made for
/// it a moment ago, and follows no link. Source: k8s.io/kubernetes
/// pkg/volume/util/atomic_writer.go.
public struct AtomicDirectory: ~Copyable {
    private let root: FileDescriptor
    private let path: String
    /// The group that gets all files; nil for root's.
    private let group: gid_t?

    public init(_ path: String, group: gid_t? = nil) throws {
        root = try .open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        (self.path, self.group) = (path, group)
    }

    public func write(_ files: [VolumeFile]) throws {
        let fresh = "..\(hexadecimal(.random(in: 0...UInt64.max)))"
        try makeDirectory(fresh, in: root.raw)
        for file in files { try write(file, below: fresh) }
        let old = link("..data")
        unlinkat(root.raw, "..data_tmp", 0)
        try check("symlink \(path)/..data_tmp") { symlinkat(fresh, root.raw, "..data_tmp") }
        let names = Set(files.compactMap(\.path.first))
        // A key that goes loses its name before its file, one that comes gets it after.
        for name in try Files.list(path)
        where !name.utf8.starts(with: "..".utf8) && !names.contains(name) {
            unlinkat(root.raw, name, 0)
        }
        try check("rename to \(path)/..data") {
            renameat(root.raw, "..data_tmp", root.raw, "..data")
        }
        for name in names.sorted() where link(name) != "..data/\(name)" {
            try Files.removeTree("\(path)/\(name)")
            try check("symlink \(path)/\(name)") { symlinkat("..data/\(name)", root.raw, name) }
        }
        if let old, old != fresh, old.utf8.starts(with: "..".utf8),
            !old.utf8.contains(UInt8(ascii: "/"))
        {
            try Files.removeTree("\(path)/\(old)")
        }
    }

    private func write(_ file: VolumeFile, below fresh: String) throws {
        var names = [fresh]
        for name in file.path.dropLast() {
            names.append(name)
            try makeDirectory(names.joined(separator: "/"), in: root.raw)
        }
        let name = (names + file.path.suffix(1)).joined(separator: "/")
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let made = FileDescriptor(
            owning: try check("create \(path)/\(name)") {
                clinux_open_resolving(root.raw, name, flags, 0o600, CLINUX_RESOLVE_BENEATH)
            })
        try made.write(file.bytes)
        if let group { try check("chown \(name)") { fchown(made.raw, uid_t.max, group) } }
        try check("chmod \(name)") { fchmod(made.raw, mode_t(clamping: file.mode) & 0o777) }
    }

    private func makeDirectory(_ name: String, in directory: Int32) throws {
        if mkdirat(directory, name, 0o755) == -1 {
            let errno = Errno.current
            if errno == .exists { return }
            throw SystemError("mkdir \(path)/\(name)", errno)
        }
        if let group { fchownat(directory, name, uid_t.max, group, AT_SYMLINK_NOFOLLOW) }
    }

    /// Where a link points; nil for what is none.
    private func link(_ name: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlinkat(root.raw, name, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
