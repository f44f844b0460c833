import ContractOverlay
import Linux

/// Turns a layer's tar into a directory that overlay takes as a lower layer.
///
/// An entry is applied to the tree so far: a hard link may lead to a file that only a layer below
/// has, and a directory that no entry speaks of is as it is below (OCI image specification,
/// layer.md). Deviation from tar(1): an entry never goes through a link that leads out, nor replaces
/// a directory's content by following one; whiteouts become character devices 0:0 and opaque
/// directories an attribute.
public struct Unpacker: ~Copyable {
    private let root: TreeRoot
    private let rules: any OverlayRules
    private let below: LayerStack
    private let inUserNamespace = Privilege.inUserNamespace
    private let opaqueAttribute = "\(Privilege.attributeClass).overlay.opaque"
    /// Directories get their mode and times last: a read-only one could not be filled, and filling
    /// changes times.
    private var directories: [RelativePath: TarEntry] = [:]
    /// What an ordinary user could not do: devices that were left out, owners that were not set.
    public private(set) var devicesSkipped = 0
    public private(set) var ownersSkipped = 0

    /// - Parameters:
    ///   - directory: created if need be.
    ///   - below: the layers under this one, topmost first.
    ///   - rules: say what an entry's name means.
    public init(into directory: String, below: [String] = [], rules: any OverlayRules) throws {
        root = try TreeRoot(directory)
        (self.rules, self.below) = (rules, LayerStack(below, rules: rules))
    }

    /// Unpacks a whole tar.
    /// - Throws: `SnapshotError`, `SystemError`, and what the rules throw.
    public mutating func unpack(_ tar: consuming TarReader) throws {
        var tar = tar
        while let entry = try tar.next() {
            switch try rules.unpack("\(try path(entry.path))") {
            case .create(let name): try create(entry, at: try path(name), &tar)
            case .whiteout(let name): try whiteout(try path(name))
            case .opaque(let name): try makeOpaque(try path(name))
            case .skip: break
            }
        }
        // What is in a directory before the directory.
        for (path, entry) in directories.sorted(by: { $0.key.names.count > $1.key.names.count }) {
            // A later entry may have put a link in its place, and chmod(2) follows links.
            guard let place = root.existing(path), try place.status()?.isDirectory == true else {
                continue
            }
            try finish(place, entry)
        }
    }

    private func path(_ text: String) throws -> RelativePath {
        guard let path = RelativePath(text) else {
            throw SnapshotError.hostileEntry(text, "a NUL in a name")
        }
        return path
    }

    /// Where an entry goes. A directory on the way that the layer leaves out is what it is below; a link there, such
    /// as /lib to usr/lib, is followed.
    private mutating func place(_ path: RelativePath) throws -> Place {
        if !path.goesUp, let place = root.existing(path) { return place }
        let path = try followLinksBelow(path)
        var missing: [RelativePath] = []
        let place = try root.place(path) { directory, overWhiteout in
            if overWhiteout { try setOpaque(directory) } else { missing.append(directory.path) }
        }
        for way in missing {
            if let entry = try below.find(way)?.tarEntry(), entry.kind == .directory {
                directories[way] = entry
            }
        }
        return place
    }

    private func followLinksBelow(_ path: RelativePath) throws -> RelativePath {
        var path = path
        for _ in 0..<40 {
            guard !path.goesUp, let link = try firstLinkBelow(path.parent) else { return path }
            let rest = path.names.dropFirst(link.place.path.names.count)
            let text = try link.place.linkTarget()
            guard let target = RelativePath(text) else { return path }
            let start = text.first == UInt8(ascii: "/") ? [] : link.place.path.parent.names
            path = RelativePath(start + target.names + rest).withoutParents
        }
        throw SnapshotError.hostileEntry("\(path)", "a loop of links")
    }

    /// The first name on the way that this layer doesn't have, and that is a link below.
    private func firstLinkBelow(_ way: RelativePath) throws -> OnDisk? {
        if below.directories.isEmpty { return nil }
        for prefix in way.prefixes where try root.existing(prefix)?.status() == nil {
            guard let found = try below.find(prefix) else { return nil }
            if found.type == S_IFLNK { return found }
        }
        return nil
    }

    private mutating func create(
        _ entry: TarEntry, at path: RelativePath, _ tar: inout TarReader
    ) throws {
        let place = try place(path)
        if entry.kind == .directory {
            try makeDirectory(place)
            directories[place.path] = entry
            return
        }
        guard place.name != nil else {
            throw SnapshotError.hostileEntry(
                entry.path, "the root of a layer can only be a directory")
        }
        if case .hardLink(let target) = entry.kind {
            return try link(place, to: try self.path(target))
        }
        try clear(place)
        guard try make(entry, at: place) else { return }
        if entry.kind == .file {
            let file = try create(place)
            while case let chunk = try tar.read(upTo: 1 << 17), !chunk.isEmpty {
                try file.write(Array(chunk))
            }
        }
        try finish(place, entry)
    }

    /// What is no file, directory or hard link.
    /// - Returns: false where it was left out.
    private mutating func make(_ entry: TarEntry, at place: borrowing Place) throws -> Bool {
        switch entry.kind {
        case .directory, .file, .hardLink: break
        case .symbolicLink(let target):
            try place.check("symlink") { symlinkat(target, $0, $1) }
        case .fifo: try makeNode(place, S_IFIFO, 0)
        case .characterDevice(let major, let minor):
            return try makeDevice(place, S_IFCHR, major, minor)
        case .blockDevice(let major, let minor):
            return try makeDevice(place, S_IFBLK, major, minor)
        }
        return true
    }

    private func create(_ place: borrowing Place) throws -> FileDescriptor {
        try place.open(O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    }

    /// A directory over a whiteout of the same layer hides what is below: it is opaque.
    private func makeDirectory(_ place: borrowing Place) throws {
        let found = try place.status()
        if found?.isDirectory == true { return }
        try clear(place)
        try place.check("mkdir") { mkdirat($0, $1, 0o755) }
        if found?.isWhiteout == true { try setOpaque(place) }
    }

    // MARK: Hard links

    /// Another name of what an earlier entry has made. What only a layer below has is copied up
    /// first, as link(2) on an overlay does.
    private mutating func link(_ place: borrowing Place, to target: RelativePath) throws {
        let source = try self.place(target)
        let found = try source.status()
        if found?.isDirectory == true {
            throw SnapshotError.hostileEntry("\(place.path)", "a hard link to a directory")
        }
        if found == nil { try copyUp(source) }
        if found?.isWhiteout == true {
            throw SnapshotError.hostileEntry("\(place.path)", "a hard link to what is gone")
        }
        guard target != place.path, let new = place.name, let old = source.name else { return }
        try clear(place)
        let (from, to) = (source.directory.file.raw, place.directory.file.raw)
        try check("link \(target) to \(place.path)") {
            old.withCString { old in new.withCString { linkat(from, old, to, $0, 0) } }
        }
    }

    private mutating func copyUp(_ place: borrowing Place) throws {
        guard let old = try below.find(place.path), let entry = try old.tarEntry(),
            entry.kind != .directory
        else {
            throw SnapshotError.hostileEntry(
                "\(place.path)", "a hard link leads here, and no layer has it")
        }
        guard try make(entry, at: place) else { return }
        if entry.kind == .file {
            let from = try old.place.open(O_RDONLY)
            let to = try create(place)
            while case let chunk = try from.read(upTo: 1 << 17), !chunk.isEmpty {
                try to.write(chunk)
            }
        }
        try finish(place, entry)
    }

    // MARK: Marks

    private mutating func makeDevice(
        _ place: borrowing Place, _ type: Int32, _ major: UInt32, _ minor: UInt32
    ) throws -> Bool {
        // A device 0:0 in a tar would be a whiteout that the tar's own form of whiteouts does not
        // know.
        if type == S_IFCHR && major == 0 && minor == 0 {
            throw SnapshotError.hostileEntry("\(place.path)", "a device 0:0 is overlay's whiteout")
        }
        if inUserNamespace {
            devicesSkipped += 1
            return false
        }
        try makeNode(place, type, clinux_makedev(major, minor))
        return true
    }

    private func makeNode(_ place: borrowing Place, _ type: Int32, _ device: dev_t) throws {
        try place.check("mknod") { mknodat($0, $1, mode_t(type) | 0o600, device) }
    }

    private mutating func whiteout(_ path: RelativePath) throws {
        let place = try place(path)
        guard place.name != nil else {
            throw SnapshotError.hostileEntry(
                "\(path)", "a whiteout needs the name of what it hides")
        }
        // What the layer itself has under the name stays: a whiteout speaks of the layers below.
        switch try place.status()?.type {
        case nil: try makeNode(place, S_IFCHR, 0)
        case S_IFDIR: try setOpaque(place)
        default: break
        }
    }

    private mutating func makeOpaque(_ path: RelativePath) throws {
        let place = try place(path)
        try makeDirectory(place)
        try setOpaque(place)
    }

    private func setOpaque(_ place: borrowing Place) throws {
        let attribute = opaqueAttribute
        let answer = place.viaProc { lsetxattr($0, attribute, "y", 1, 0) }
        let errno = Errno.current
        if answer == -1 { throw SystemError("setxattr \(attribute) on \(place.path)", errno) }
    }

    /// Takes away what an earlier entry of the tar left at the place. Never through a link.
    private func clear(_ place: borrowing Place) throws {
        if let name = place.name { try place.directory.removeTree(name) }
    }

    // MARK: Owner, mode, attributes, times

    /// In this order: chown(2) takes set-user-id bits and capabilities away.
    private mutating func finish(_ place: borrowing Place, _ entry: TarEntry) throws {
        do {
            try place.check("chown") {
                fchownat($0, $1, entry.user, entry.group, AT_SYMLINK_NOFOLLOW)
            }
        } catch {
            // In a user namespace only the mapped users can own anything; as an ordinary user, only
            // oneself.
            guard inUserNamespace || geteuid() != 0 else { throw error }
            ownersSkipped += 1
        }
        if case .symbolicLink = entry.kind {
        } else {
            try place.check("chmod") { fchmodat($0, $1, mode_t(entry.mode), 0) }
        }
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key })
        where TarEntry.mayCarry(name) && !(inUserNamespace && name == "security.capability") {
            let answer = place.viaProc { lsetxattr($0, name, value, value.count, 0) }
            let errno = Errno.current
            if answer == -1 { throw SystemError("setxattr \(name) on \(place.path)", errno) }
        }
        let time = timespec(tv_sec: entry.modified, tv_nsec: entry.nanoseconds)
        var times = [time, time]
        try place.check("set the times of") { utimensat($0, $1, &times, AT_SYMLINK_NOFOLLOW) }
    }
}
