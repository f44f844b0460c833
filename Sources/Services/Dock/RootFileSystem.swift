import Linux

/// The file system that the dock, and each node again, takes for its whole machine.
///
/// What programs need is mounted in it under the paths that it has outside, read-only, and the state that is the
/// machine's own, writable; /dev, /proc, /run, /tmp and /etc are its own. What is not named is not there, whoever
/// looks: a pod with a hostPath of `/` sees this.
///
///     1  clone what is to be seen, detached, so that the new root is in none of it
///     2  the new root: a tmpfs, or a directory that keeps what is written in it
///     3  attach the clones, make the rest
///     4  pivot_root(2), and let the old root go with all that was mounted in it
struct RootFileSystem {
    /// Seen inside by the path it has outside.
    struct Place {
        let path: String
        var isWritable = false
        /// Its ids on disk are the machine's, whatever they are outside.
        var isMapped = false
    }

    enum Base {
        /// Forgotten with the machine; the directory is only where it is mounted while it is made.
        case memory(mountedOn: String)
        /// Kept from one start to the next.
        case directory(String)

        var path: String {
            switch self {
            case .memory(let path), .directory(let path): path
            }
        }
    }

    let base: Base
    /// In the order in which they are mounted: what lies below another comes after it.
    let places: [Place]

    /// Files of the host's /etc that programs look things up in; none of them holds a secret.
    private static let lookedUp = [
        "passwd", "group", "nsswitch.conf", "protocols", "services", "localtime", "resolv.conf",
        "ld.so.cache", "ethertypes",
    ]
    private static let devices = ["null", "zero", "full", "random", "urandom", "tty"]

    /// - Parameters:
    ///   - ids: a user namespace, by its descriptor, as which mapped places are seen.
    ///   - mountKernel: mounts /proc and /sys, given the new root's path.
    func enter(ids: Int32? = nil, mountKernel: (String) throws -> Void) throws {
        let system = Self.system()
        let all = system.places + places
        let trees = try all.map { try clone($0, ids) }
        let root = try mountBase()
        for (link, target) in system.links { symlink(target, root + link) }
        // Before the places: the state may lie in /tmp, say, and is not to be covered.
        try makeScratch(root)
        try makeDevices(root)
        for (place, tree) in zip(all, trees) {
            try attach(tree, root + place.path)
        }
        try makeEtc(root)
        for directory in ["/proc", "/sys"] { try Files.makeDirectories(root + directory) }
        try mountKernel(root)
        try pivot(into: root)
    }

    /// Where the system's programs and libraries are: `/usr`, and what is a directory of its own beside it.
    private static func system() -> (places: [Place], links: [(String, String)]) {
        var places = [Place(path: "/usr")]
        var links: [(String, String)] = []
        for path in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives"] {
            if let target = Files.linkTarget(path) {
                links.append((path, target))
            } else if Files.isDirectory(path) {
                places.append(Place(path: path))
            }
        }
        return (places, links)
    }

    private func clone(_ place: Place, _ ids: Int32?) throws -> Int32 {
        let tree = try check("clone the mounts of \(place.path)") { clinux_clone_tree(place.path) }
        if let ids, place.isMapped, clinux_map_tree(tree, ids) != 0, place.isWritable {
            throw Unmappable(path: place.path, errno: .current)
        }
        if !place.isWritable {
            try check("make \(place.path) read-only") { clinux_lock_tree(tree) }
        }
        return tree
    }

    private func mountBase() throws -> String {
        let root = base.path
        try Files.makeDirectories(root)
        switch base {
        case .memory:
            try check("mount tmpfs on \(root)") {
                mount("tmpfs", root, "tmpfs", UInt(MS_NOSUID), "mode=755")
            }
        case .directory:
            // pivot_root(2) wants a mount; its own ids, devices and set-user-id programs are as the state's.
            let tree = try check("clone \(root)") { clinux_clone_tree(root) }
            try attach(tree, root)
        }
        return root
    }

    private func attach(_ tree: Int32, _ target: String) throws {
        var status = stat()
        try check("look at what is mounted on \(target)") { fstat(tree, &status) }
        if status.st_mode & UInt32(S_IFMT) == UInt32(S_IFDIR) {
            try Files.makeDirectories(target)
        } else if !Files.exists(target) {
            try Files.makeDirectories(parent(of: target))
            _ = try FileDescriptor.open(target, O_WRONLY | O_CREAT)
        }
        try check("attach a mount to \(target)") { clinux_attach_tree(tree, target) }
        close(tree)
    }

    private func makeEtc(_ root: String) throws {
        try Files.makeDirectories("\(root)/etc")
        for name in Self.lookedUp {
            guard let bytes = try? Files.read("/etc/\(name)") else { continue }
            let copy = try FileDescriptor.open("\(root)/etc/\(name)", O_WRONLY | O_CREAT | O_TRUNC)
            try copy.write(bytes)
        }
        try Files.write("127.0.0.1 localhost\n::1 localhost\n", to: "\(root)/etc/hosts")
    }

    /// A /dev of its own, with the host's harmless devices in it: a user namespace may make none.
    private func makeDevices(_ root: String) throws {
        let trees = try Self.devices.map { name in
            try check("clone /dev/\(name)") { clinux_clone_tree("/dev/\(name)") }
        }
        let dev = "\(root)/dev"
        try Files.makeDirectories(dev)
        try check("mount tmpfs on \(dev)") {
            mount("tmpfs", dev, "tmpfs", UInt(MS_NOSUID), "mode=755,size=64k")
        }
        for (name, tree) in zip(Self.devices, trees) {
            try attach(tree, "\(dev)/\(name)")
        }
        for directory in ["pts", "shm", "mqueue"] {
            try Files.makeDirectories("\(dev)/\(directory)")
        }
        let flags = UInt(MS_NOSUID | MS_NOEXEC)
        try check("mount devpts") {
            mount("devpts", "\(dev)/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=0620")
        }
        try check("mount tmpfs on \(dev)/shm") {
            mount("tmpfs", "\(dev)/shm", "tmpfs", flags | UInt(MS_NODEV), "mode=1777")
        }
        _ = mount("mqueue", "\(dev)/mqueue", "mqueue", flags, nil)
        for (link, target) in [
            ("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"),
            ("stderr", "fd/2"),
        ] { symlink(target, "\(dev)/\(link)") }
    }

    /// iptables locks /run/xtables.lock, ip keeps names in /run/netns: both are this machine's own.
    private func makeScratch(_ root: String) throws {
        for (path, mode) in [("/run", "755"), ("/tmp", "1777")] {
            try Files.makeDirectories(root + path)
            try check("mount tmpfs on \(path)") {
                mount("tmpfs", root + path, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "mode=\(mode)")
            }
        }
        for path in ["/var/tmp", "/var/lib", "/var/log", "/root", "/home", "/mnt", "/opt", "/srv"] {
            try Files.makeDirectories(root + path)
        }
    }

    private func pivot(into root: String) throws(SystemError) {
        try check("chdir \(root)") { chdir(root) }
        // The old root lands over the new one, and from there it goes: pivot_root(2), "pivot_root(".", ".")".
        try check("pivot_root") { clinux_pivot_root(".", ".") }
        try check("umount the old root") { umount2(".", Int32(MNT_DETACH)) }
        try check("chdir /") { chdir("/") }
    }

    /// The state's file system can't show ids as another user namespace has them.
    struct Unmappable: Error, CustomStringConvertible {
        let path: String
        let errno: Errno
        var description: String {
            "the file system of \(path) has no ID-mapped mounts (\(errno)): the dock runs as this host's root. "
                + "Put the state on ext4, xfs or btrfs (DRYDOCK_STATE), with Linux 5.19 or newer"
        }
    }
}

private func parent(of path: String) -> String {
    let bytes = Array(path.utf8)
    let end = bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    return String(decoding: bytes[..<end], as: UTF8.self)
}
