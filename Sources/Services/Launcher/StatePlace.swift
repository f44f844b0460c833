import Linux

/// Where the cluster's state can lie. Containers' root directories are overlay mounts, the store writes SQLite's WAL:
/// neither works on a network's file system, nor on the overlay that is any container's own root.
struct StatePlace {
    /// File systems that can't carry it, by the magic numbers of statfs(2).
    private static let unfit: [Int: String] = [
        0x6969: "NFS", 0x0102_1997: "9p", 0x794C_7630: "overlay", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB",
        0x6573_5546: "FUSE",
    ]
    /// Local places, the best first: the last forgets at a reboot.
    private static let others = ["/var/tmp", "/tmp", "/dev/shm"]

    /// The name of the file system under `path`, or under the nearest directory above that is there, where it can't
    /// carry the state; nil where it can.
    static func whyUnfit(_ path: String) -> String? {
        var info = statfs()
        var place = Substring(path)
        while statfs(String(place), &info) != 0 {
            guard let slash = place.lastIndex(of: "/"), slash > place.startIndex else { return nil }
            place = place[..<slash]
        }
        return unfit[Int(UInt32(truncatingIfNeeded: info.f_type))]
    }

    /// The layout, its state in a place that can carry it: where that is not so, a link leads to a directory on a local
    /// file system, and the user is told.
    static func settled(_ layout: Layout, _ terminal: Terminal) throws -> Layout {
        guard let kind = whyUnfit(layout.state) else { return layout }
        let there = (try? Files.list(layout.state)) ?? []
        guard there.isEmpty else {
            throw LauncherError(
                "\(layout.state) is on \(kind), which carries neither overlay nor SQLite's WAL, and has files in it: "
                    + "move them away, or set DRYDOCK_STATE to a local directory")
        }
        let name = "drydock-\(geteuid())-" + String(fingerprint(layout.state), radix: 36)
        guard let place = others.first(where: { whyUnfit($0) == nil && access($0, W_OK) == 0 }) else {
            throw LauncherError(
                "\(layout.state) is on \(kind), which carries neither overlay nor SQLite's WAL, and so are "
                    + others.joined(separator: ", ") + ": set DRYDOCK_STATE to a local directory")
        }
        let local = "\(place)/\(name)"
        try Files.makeDirectories(local, mode: 0o700)
        try refuseOthers(local)
        rmdir(layout.state)
        try check("symlink \(local) \(layout.state)") { symlink(local, layout.state) }
        terminal.say(
            "\(layout.state) is on \(kind), which carries neither overlay nor SQLite's WAL: the cluster's state lies in \(local)")
        return Layout(root: layout.root, state: local)
    }

    /// Everybody may write in these places, so somebody else may have made the directory before us.
    private static func refuseOthers(_ path: String) throws {
        var info = stat()
        guard lstat(path, &info) == 0, info.st_uid == geteuid(), info.st_mode & UInt32(S_IFMT) == UInt32(S_IFDIR) else {
            throw LauncherError("\(path) belongs to somebody else: set DRYDOCK_STATE to a local directory")
        }
    }

    /// FNV-1a: the same path gets the same directory, whoever asks.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension Layout {
    /// With its state where `lab up` can work with it.
    public func settled(_ terminal: Terminal) throws -> Layout { try StatePlace.settled(self, terminal) }
}
