import Linux

/// How an ordinary user becomes root, and how root becomes somebody who owns nothing outside: in a namespace of
/// one's own, user_namespaces(7).
enum UserNamespace {
    /// Where root's dock has its ids on the host: beyond those that distributions give out to users and containers.
    static let firstID: uid_t = 1 << 30
    private static let idCount = 1 << 30

    /// A new user namespace with ids 0 to 2^30 - 1, made by a process that ends at once.
    /// - Returns: its descriptor, closed by an exec.
    static func make() throws -> Int32 {
        let made = try Pipe()
        let mapped = try Pipe()
        let pid = try check("fork") { clinux_fork() }
        if pid == 0 {
            guard clinux_unshare(CLINUX_NEWUSER) == 0 else { exit(1) }
            made.intoWrite().hangUp()
            _ = try? mapped.intoRead().readToEnd()
            exit(0)
        }
        _ = try made.intoRead().readToEnd()
        defer { _ = try? Child(pid: pid).wait() }
        for map in ["uid_map", "gid_map"] {
            do {
                try Files.write("0 \(firstID) \(idCount)", to: "/proc/\(pid)/\(map)")
            } catch {
                throw SystemError(
                    "make a user namespace", error.errno,
                    advice: "allow user namespaces (sysctl user.max_user_namespaces)")
            }
        }
        let namespace = try FileDescriptor.open("/proc/\(pid)/ns/user")
        mapped.intoWrite().hangUp()
        return namespace.release()
    }

    /// Becomes root of a namespace that `make` made.
    static func join(_ namespace: Int32) throws {
        try check("setns") { clinux_setns(namespace, CLINUX_NEWUSER) }
        try Credentials.become(uid: 0, gid: 0, groups: [])
        // A process that changed its user is hidden from others, and its /proc files belong to the host's root.
        try check("prctl PR_SET_DUMPABLE") { clinux_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) }
    }

    /// Enters a new user namespace in which this user is root. Other ids are there too where the host has
    /// given this user some (/etc/subuid, through newuidmap(1)); else root is the only one.
    static func enter() throws {
        let (uid, gid) = (getuid(), getgid())
        let unshared = try Pipe()
        let parent = getpid()
        let mapper = try check("fork") { clinux_fork() }
        if mapper == 0 { mapIDs(of: parent, uid, gid, after: unshared.intoRead()) }
        do {
            try check("unshare") { clinux_unshare(CLINUX_NEWUSER) }
        } catch {
            throw SystemError(
                "make a user namespace", error.errno,
                advice: "run as root, or allow user namespaces (sysctl user.max_user_namespaces)")
        }
        unshared.intoWrite().hangUp()
        if try Child(pid: mapper).wait().succeeded { return }
        // Without the helper a process may map only itself, and must first give up setgroups(2).
        try Files.write("deny", to: "/proc/self/setgroups")
        try Files.write("0 \(uid) 1", to: "/proc/self/uid_map")
        try Files.write("0 \(gid) 1", to: "/proc/self/gid_map")
    }

    /// The helper stays in the host's user namespace, where newuidmap's privilege counts.
    private static func mapIDs(
        of process: pid_t, _ uid: uid_t, _ gid: gid_t, after unshared: consuming FileDescriptor
    ) -> Never {
        _ = try? unshared.readToEnd()
        guard let users = subordinateRange("/etc/subuid", uid),
            let groups = subordinateRange("/etc/subgid", uid)
        else { exit(1) }
        for (program, own, range) in [("newuidmap", uid, users), ("newgidmap", gid, groups)] {
            let result = try? capture(
                program,
                [
                    program, "\(process)", "0", "\(own)", "1", "1", "\(range.start)",
                    "\(range.count)",
                ])
            if result?.ending.succeeded != true { exit(1) }
        }
        exit(0)
    }

    /// The first range that a line `name:start:count` grants, by user name or number.
    private static func subordinateRange(_ path: String, _ uid: uid_t) -> (start: Int, count: Int)?
    {
        let name = getpwuid(uid).map { String(cString: $0.pointee.pw_name) }
        for line in ((try? Files.readText(path)) ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":")
            guard fields.count == 3, fields[0] == "\(uid)" || String(fields[0]) == name,
                let start = Int(fields[1]), let count = Int(fields[2])
            else { continue }
            return (start, count)
        }
        return nil
    }
}
