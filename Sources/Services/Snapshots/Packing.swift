import ContractOverlay
import Linux

/// Turns directories into a layer's tar.
public struct LayerPacker: ~Copyable {
    private var tar: TarWriter
    private let rules: any OverlayRules
    /// The first path of a file with several names, by device and inode.
    private var firstNames: [Inode: String] = [:]
    private struct Inode: Hashable {
        let device: dev_t
        let number: ino_t
    }

    /// - Parameter file: created, or emptied.
    public init(to file: String, rules: any OverlayRules) throws {
        tar = TarWriter(try FileDescriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC))
        self.rules = rules
    }

    /// An overlay's upper directory, whose marks become `.wh.` files.
    public consuming func pack(upper: String) throws {
        for path in try Tree.paths(below: upper) {
            let found = try Tree.entry(path, in: upper)
            for entry in try rules.pack(try found.upperEntry(path)) {
                switch entry {
                case .same(let path): try add(found, as: path)
                case .marker(let name): try tar.add(TarEntry(name, .file, mode: 0))
                }
            }
        }
        try tar.finish()
    }

    /// What turns the tree `before` into the tree `after`.
    public consuming func pack(before: String, after: String) throws {
        let pair = TreePair(
            before: try Tree.entries(below: before), after: try Tree.entries(below: after))
        for change in try rules.layerDiff(pair) {
            switch change.kind {
            case .entry:
                try add(try Tree.entry(change.path, in: after), as: change.path)
            case .whiteout:
                // The mark's form is known to one rule only: how a whiteout of an upper directory
                // is packed.
                for case .marker(let name) in try rules.pack(
                    UpperEntry(change.path, .characterDevice))
                {
                    try tar.add(TarEntry(name, .file, mode: 0))
                }
            }
        }
        try tar.finish()
    }

    private mutating func add(_ found: OnDisk, as path: String) throws {
        guard let kind = try kind(found) else { return }
        var entry = TarEntry(
            path, kind, mode: found.info.st_mode & 0o7777, user: found.info.st_uid,
            group: found.info.st_gid, modified: found.info.st_mtim.tv_sec)
        entry.attributes = try found.attributes().filter {
            ($0.key.hasPrefix("user.") || $0.key == "security.capability")
                && !OnDisk.isOverlays($0.key)
        }
        guard kind == .file else { return try tar.add(entry) }
        let inode = Inode(device: found.info.st_dev, number: found.info.st_ino)
        if found.info.st_nlink > 1, let first = firstNames[inode] {
            entry.kind = .hardLink(target: first)
            return try tar.add(entry)
        }
        firstNames[inode] = path
        entry.size = Int(found.info.st_size)
        let file = try FileDescriptor.open(found.path, O_RDONLY | O_NOFOLLOW)
        try tar.add(entry, from: file)
    }

    /// Nil for a socket, which a tar can't hold.
    private func kind(_ found: OnDisk) throws -> TarEntry.Kind? {
        let device = (
            major: clinux_major(found.info.st_rdev), minor: clinux_minor(found.info.st_rdev)
        )
        return switch found.type {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink(target: try Tree.linkTarget(found.path))
        case S_IFCHR: .characterDevice(major: device.major, minor: device.minor)
        case S_IFBLK: .blockDevice(major: device.major, minor: device.minor)
        case S_IFIFO: .fifo
        default: nil
        }
    }
}

/// Whole trees, read in an order that never differs: by name, a directory before what is in it.
enum Tree {
    static func paths(below root: String) throws -> [String] {
        func walk(_ directory: String) throws -> [String] {
            try Files.list("\(root)/\(directory)").flatMap { name in
                let path = directory.isEmpty ? name : "\(directory)/\(name)"
                return [path] + (Files.isDirectory("\(root)/\(path)") ? try walk(path) : [])
            }
        }
        return try walk("")
    }

    static func entries(below root: String) throws -> [TreeEntry] {
        try paths(below: root).map { path in
            let found = try entry(path, in: root)
            return TreeEntry(path, isDirectory: found.type == S_IFDIR, try fingerprint(found))
        }
    }

    /// What a walk has found: if it is not there, somebody is at work in the tree, or the name is not
    /// UTF-8 and was read as another.
    static func entry(_ path: String, in root: String) throws -> OnDisk {
        guard let found = try OnDisk("\(root)/\(path)") else {
            throw SnapshotError.hostileEntry(path, "it vanished, or its name is not UTF-8")
        }
        return found
    }

    static func linkTarget(_ path: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = try check("read link \(path)") {
            buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        }
        return String(decoding: buffer[..<length], as: UTF8.self)
    }

    /// A directory's size and time are left out: they change with what is in it.
    private static func fingerprint(_ found: OnDisk) throws -> String {
        var parts = ["\(found.info.st_mode)", "\(found.info.st_uid)", "\(found.info.st_gid)"]
        switch found.type {
        case S_IFREG:
            parts += [
                "\(found.info.st_size)", "\(found.info.st_mtim.tv_sec)", try checksum(found.path),
            ]
        case S_IFLNK: parts.append(try linkTarget(found.path))
        case S_IFCHR, S_IFBLK: parts.append("\(found.info.st_rdev)")
        default: break
        }
        return parts.joined(separator: " ")
    }

    /// FNV-1a, 64 bits: tells an edit that kept size and second, and is no proof against an
    /// attacker.
    private static func checksum(_ path: String) throws -> String {
        let file = try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        while true {
            let chunk = try file.read(upTo: 1 << 17)
            if chunk.isEmpty { return String(hash, radix: 16) }
            for byte in chunk { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
    }
}
