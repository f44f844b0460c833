import ContractOverlay
import Linux

/// Turns a layer's tar into a directory that overlay takes as a lower layer.
///
/// Deviation from tar(1): an entry never goes through a link that leads out, nor replaces a
/// directory's content by following one; whiteouts become character devices 0:0 and opaque
/// directories an attribute.
public struct Unpacker: ~Copyable {
    private let root: TreeRoot
    private let rules: any OverlayRules
    private let inUserNamespace = Privilege.inUserNamespace
    private let opaqueAttribute = "\(Privilege.attributeClass).overlay.opaque"
    /// Directories get their mode and times last: a read-only one could not be filled, and filling
    /// changes times.
    private var directories: [TarEntry] = []
    /// What an ordinary user could not do: devices that were left out, owners that were not set.
    public private(set) var devicesSkipped = 0
    public private(set) var ownersSkipped = 0

    /// - Parameters:
    ///   - directory: created if need be.
    ///   - rules: say what an entry's name means.
    public init(into directory: String, rules: any OverlayRules) throws {
        root = try TreeRoot(directory)
        self.rules = rules
    }

    /// Unpacks a whole tar.
    /// - Throws: `SnapshotError`, `SystemError`, and what the rules throw.
    public mutating func unpack(_ tar: consuming TarReader) throws {
        var tar = tar
        while let entry = try tar.next() {
            switch try rules.unpack(entry.path.relative) {
            case .create(let path): try create(entry, at: path, &tar)
            case .whiteout(let path): try whiteout(path)
            case .opaque(let path): try makeOpaque(path)
            case .skip: break
            }
        }
        for entry in directories.reversed() {
            let place = try root.place(entry.path)
            // A later entry may have put a link in its place, and chmod(2) follows links.
            if place.type == S_IFDIR { try finish(place, entry) }
        }
    }

    private mutating func create(_ entry: TarEntry, at path: String, _ tar: inout TarReader) throws
    {
        let place = try root.place(path)
        if entry.kind == .directory {
            try makeDirectory(place)
            var entry = entry
            entry.path = path
            directories.append(entry)
            return
        }
        guard place.name != "." else {
            throw SnapshotError.hostileEntry(
                entry.path, "the root of a layer can only be a directory")
        }
        try clear(place)
        switch entry.kind {
        case .directory: return
        case .file: return try writeFile(place, entry, &tar)
        case .hardLink(let target):
            let source = try root.place(target.relative)
            return try place.check("link \(target) to") {
                linkat(source.directory.raw, source.name, place.directory.raw, place.name, 0)
            }
        case .symbolicLink(let target):
            try place.check("symlink") { symlinkat(target, place.directory.raw, place.name) }
        case .fifo: try makeNode(place, S_IFIFO, 0)
        case .characterDevice(let major, let minor):
            guard try makeDevice(place, S_IFCHR, major, minor) else { return }
        case .blockDevice(let major, let minor):
            guard try makeDevice(place, S_IFBLK, major, minor) else { return }
        }
        try finish(place, entry)
    }

    /// A directory over a whiteout of the same layer hides what is below: it is opaque.
    private func makeDirectory(_ place: borrowing TreeRoot.Place) throws {
        if place.type == S_IFDIR { return }
        let hides = place.isWhiteout
        try clear(place)
        try place.check("mkdir") { mkdirat(place.directory.raw, place.name, 0o755) }
        if hides { try setOpaque(place) }
    }

    private mutating func writeFile(
        _ place: borrowing TreeRoot.Place, _ entry: TarEntry, _ tar: inout TarReader
    ) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let opened = clinux_open_in_root(place.directory.raw, place.name, flags, 0o600)
        let errno = Errno.current
        guard opened >= 0 else { throw SystemError("create \(place.path)", errno) }
        let file = FileDescriptor(owning: opened)
        while true {
            let chunk = try tar.read(upTo: 1 << 17)
            if chunk.isEmpty { break }
            try file.write(Array(chunk))
        }
        try finish(place, entry)
    }

    private mutating func makeDevice(
        _ place: borrowing TreeRoot.Place, _ type: Int32, _ major: UInt32, _ minor: UInt32
    ) throws -> Bool {
        // A device 0:0 in a tar would be a whiteout that the tar's own form of whiteouts does not
        // know.
        if type == S_IFCHR && major == 0 && minor == 0 {
            throw SnapshotError.hostileEntry(place.path, "a device 0:0 is overlay's whiteout")
        }
        if inUserNamespace {
            devicesSkipped += 1
            return false
        }
        try makeNode(place, type, clinux_makedev(major, minor))
        return true
    }

    private func makeNode(_ place: borrowing TreeRoot.Place, _ type: Int32, _ device: dev_t) throws
    {
        try place.check("mknod") {
            mknodat(place.directory.raw, place.name, mode_t(type) | 0o600, device)
        }
    }

    private func whiteout(_ path: String) throws {
        let place = try root.place(path)
        guard place.name != "." else {
            throw SnapshotError.hostileEntry(path, "a whiteout needs the name of what it hides")
        }
        // What the layer itself has under the name stays: a whiteout speaks of the layers below.
        switch place.type {
        case nil: try makeNode(place, S_IFCHR, 0)
        case S_IFDIR: try setOpaque(place)
        default: break
        }
    }

    private func makeOpaque(_ path: String) throws {
        let place = try root.place(path)
        try makeDirectory(place)
        try setOpaque(place)
    }

    private func setOpaque(_ place: borrowing TreeRoot.Place) throws {
        let attribute = opaqueAttribute
        try place.check("setxattr \(attribute) on") {
            lsetxattr(place.viaProc, attribute, "y", 1, 0)
        }
    }

    /// Takes away what an earlier entry of the tar left at the place. Never through a link.
    private func clear(_ place: borrowing TreeRoot.Place) throws {
        switch place.type {
        case nil: return
        case S_IFDIR: try Files.removeTree(place.viaProc)
        default: try place.check("unlink") { unlinkat(place.directory.raw, place.name, 0) }
        }
    }

    /// Owner, mode, attributes, times. In this order: chown(2) takes set-user-id bits and
    /// capabilities away.
    private mutating func finish(_ place: borrowing TreeRoot.Place, _ entry: TarEntry) throws {
        let directory = place.directory.raw
        if fchownat(directory, place.name, entry.user, entry.group, AT_SYMLINK_NOFOLLOW) == -1 {
            let errno = Errno.current
            // In a user namespace only the mapped users can own anything; as an ordinary user, only
            // oneself.
            guard inUserNamespace || geteuid() != 0 else {
                throw SystemError("chown \(place.path)", errno)
            }
            ownersSkipped += 1
        }
        if case .symbolicLink = entry.kind {
        } else {
            try place.check("chmod") { fchmodat(directory, place.name, mode_t(entry.mode), 0) }
        }
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key }) where mayCarry(name) {
            try place.check("setxattr \(name) on") {
                lsetxattr(place.viaProc, name, value, value.count, 0)
            }
        }
        var times = [
            timespec(tv_sec: entry.modified, tv_nsec: 0),
            timespec(tv_sec: entry.modified, tv_nsec: 0),
        ]
        try place.check("set the times of") {
            utimensat(directory, place.name, &times, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// Overlay's own attributes are never taken from a tar: they would let a layer redirect a path.
    private func mayCarry(_ name: String) -> Bool {
        name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
            || name == "security.capability" && !inUserNamespace
    }
}

extension String {
    /// The path without what leads or trails it: `./a/b/`, `/a/b` and `a/b` are one.
    var relative: String {
        split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
