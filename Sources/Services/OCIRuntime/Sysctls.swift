import ContractNamespaces
import Linux

/// Which kernel parameters belong to a namespace (namespaces(7), ipc_namespaces(7)): what belongs to the machine is not a
/// container's to set.
enum Sysctls {
    private static let ofIPC: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// The kind of namespace that a parameter belongs to; nil for the machine's.
    static func owner(of name: String) -> NamespaceKind? {
        let name = dotted(name)
        if name.startsWithBytes(of: "net.") { return .network }
        if ofIPC.contains(name) || name.startsWithBytes(of: "fs.mqueue.") { return .ipc }
        return name == "kernel.domainname" ? .uts : nil
    }

    /// The file below /proc: `sys/net/ipv4/ip_forward`.
    static func path(_ name: String) throws -> RelativePath {
        let slashes = name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "/") : $0 }
        guard let path = RelativePath(slashes), !path.isEmpty else {
            throw RuntimeFailure("linux.sysctl: \"\(name)\" is no name")
        }
        return RelativePath([PathName("sys")!] + path.names)
    }

    private static func dotted(_ name: String) -> String {
        let bytes = name.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter namespaces: those of the container, new or joined.
    /// - Throws: for what is the machine's, and for what is of a namespace that the container shares with it.
    static func check(_ names: some Sequence<String>, _ namespaces: [NamespaceRequest]) throws {
        for name in names.sorted() {
            guard let owner = owner(of: name) else {
                throw RuntimeFailure(
                    "linux.sysctl: \(name) is the whole machine's, not a namespace's")
            }
            let own = namespaces.contains { $0.type == owner && !isOurs($0) }
            guard own else {
                throw RuntimeFailure(
                    "linux.sysctl: \(name) needs a \(owner.rawValue) namespace that is not the host's"
                )
            }
        }
    }

    /// Whether a request is for the namespace that this process is in.
    private static func isOurs(_ request: NamespaceRequest) -> Bool {
        guard let path = request.path else { return false }
        var (theirs, ours) = (stat(), stat())
        guard stat(path, &theirs) == 0,
            stat("/proc/self/ns/\(request.type.fileName)", &ours) == 0
        else { return false }
        return theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev
    }
}
