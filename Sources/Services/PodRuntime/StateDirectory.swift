import Linux

/// Where the runtime service keeps what must outlive it. All of a node's truth is in these files,
/// so that a kubelet that was killed finds everything again.
///
///     sandboxes/ID/sandbox.json  ns/{net,ipc,uts,pid}  hosts  hostname  resolv.conf
///     containers/ID/container.json  started  config.json  pid  shim.lock  rootfs/ upper/ work/
///     exits/ID                   written by the shim when the container has ended
///     addresses/10.244.1.7       the id of the sandbox that has it
///     runtime/                   the OCI runtime's own --root
public struct StateDirectory: Sendable {
    public let root: String

    public init(_ root: String) throws(SystemError) {
        self.root = root
        for name in ["sandboxes", "containers", "exits", "runtime"] {
            try Files.makeDirectories("\(root)/\(name)")
        }
    }

    public func sandbox(_ id: String) -> String { "\(root)/sandboxes/\(id)" }
    public func container(_ id: String) -> String { "\(root)/containers/\(id)" }
    public func exitFile(_ id: String) -> String { "\(root)/exits/\(id)" }
    public var exits: String { "\(root)/exits" }
    public var addresses: String { "\(root)/addresses" }
    public var runtimeRoot: String { "\(root)/runtime" }
    public var sandboxes: [String] { (try? Files.list("\(root)/sandboxes")) ?? [] }
    public var containers: [String] { (try? Files.list("\(root)/containers")) ?? [] }
}

/// Nanoseconds since 1970: CRI's unit of time.
public func unixNanoseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// 64 hex digits, as containerd and Docker name what they make.
func freshID() -> String {
    (0..<4).map { _ in
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
}

/// Replaces a file by rename, without waiting for the disk: after a power cut the node starts over
/// anyway.
func replaceFile(_ path: String, _ text: String) throws(SystemError) {
    try Files.write(text, to: "\(path).new")
    try check("rename to \(path)") { rename("\(path).new", path) }
}

/// Whether a namespace is mounted on this file. After a reboot of the node the file is there and
/// empty.
func isPinned(_ path: String) -> Bool {
    var info = statfs()
    return statfs(path, &info) == 0 && info.f_type == 0x6E73_6673  // NSFS_MAGIC
}

/// Takes mounts away until the path is a plain file or directory again.
public func unmountAll(_ path: String) {
    while umount2(path, Int32(MNT_DETACH)) == 0 {}
}
