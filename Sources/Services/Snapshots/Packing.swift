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
        let tree = try Tree(upper)
        for path in try tree.paths() {
            let found = try tree.present(path)
            for entry in try rules.pack(try found.upperEntry()) {
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
        let old = try Tree(before)
        let new = try Tree(after)
        for change in try rules.layerDiff(
            TreePair(before: try old.entries(), after: try new.entries()))
        {
            switch change.kind {
            case .entry:
                guard let path = RelativePath(change.path), !path.goesUp else {
                    throw SnapshotError.hostileEntry(change.path, "no path of the tree")
                }
                try add(try new.present(path), as: change.path)
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

    private mutating func add(_ found: borrowing OnDisk, as path: String) throws {
        guard var entry = try found.tarEntry() else { return }
        entry.path = path
        guard entry.kind == .file else { return try tar.add(entry) }
        let inode = Inode(device: found.info.st_dev, number: found.info.st_ino)
        if found.info.st_nlink > 1, let first = firstNames[inode] {
            (entry.kind, entry.size) = (.hardLink(target: first), 0)
            return try tar.add(entry)
        }
        firstNames[inode] = path
        try tar.add(entry, from: try found.place.open(O_RDONLY))
    }
}

extension Tree {
    /// What a walk has found: if it is not there, somebody is at work in the tree.
    fileprivate func present(_ path: RelativePath) throws -> OnDisk {
        guard let found = try find(path) else {
            throw SnapshotError.hostileEntry("\(path)", "it vanished")
        }
        return found
    }

    fileprivate func entries() throws -> [TreeEntry] {
        try paths().map { path in
            let found = try present(path)
            return TreeEntry(
                try found.text(), isDirectory: found.type == S_IFDIR, try found.fingerprint())
        }
    }
}

extension OnDisk {
    /// A directory's size and time are left out: they change with what is in it.
    fileprivate func fingerprint() throws -> String {
        var parts = ["\(info.st_mode)", "\(info.st_uid)", "\(info.st_gid)"]
        switch type {
        case S_IFREG:
            let time = info.st_mtim
            parts += ["\(info.st_size)", "\(time.tv_sec).\(time.tv_nsec)", try checksum()]
        case S_IFLNK: parts.append("\(try place.linkTarget())")
        case S_IFCHR, S_IFBLK: parts.append("\(info.st_rdev)")
        default: break
        }
        return parts.joined(separator: " ")
    }

    /// FNV-1a, 64 bits: tells an edit that kept size and second, and is no proof against an
    /// attacker.
    private func checksum() throws -> String {
        let file = try place.open(O_RDONLY)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        while true {
            let chunk = try file.read(upTo: 1 << 17)
            if chunk.isEmpty { return String(hash, radix: 16) }
            for byte in chunk { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
    }
}
