import ContractNamespaces

/// Lab 01: the namespaces of a container, and its root (Root.swift).
public struct Namespaces: NamespacesPart, Part {
    public init() {}

    /// Both maps are written whole, each with one write, from outside the new namespace: a second
    /// write is refused. Without privilege, a process must first give up changing its groups.
    public func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws {
        // step 01.1 begin
        func lines(_ mappings: [IDMapping]) -> String {
            mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
        }
        let process = "/proc/\(request.pid)"
        if !request.privileged { try kernel.writeFile("\(process)/setgroups", "deny") }
        try kernel.writeFile("\(process)/uid_map", lines(request.uids))
        try kernel.writeFile("\(process)/gid_map", lines(request.gids))
        // step 01.1 end
    }

    /// Each kind of namespace has one flag, the same for clone(2), unshare(2) and setns(2).
    func flag(of kind: NamespaceKind) -> CloneFlags {
        switch kind {
        case .user: .newUser
        case .pid: .newPID
        case .network: .newNetwork
        case .mount: .newMount
        case .ipc: .newIPC
        case .uts: .newUTS
        case .cgroup: .newCgroup
        case .time: .newTime
        }
    }

    /// A flag for every kind that is to be new; a kind with a path exists already. No kind may come
    /// twice, with a path or without.
    public func cloneFlags(_ requests: [NamespaceRequest]) throws -> CloneFlags {
        // step 01.2 begin
        var flags: CloneFlags = []
        var seen: CloneFlags = []
        for request in requests {
            let flag = flag(of: request.type)
            guard seen.insert(flag).inserted else { throw DuplicateNamespace(request.type) }
            if request.path == nil { flags.insert(flag) }
        }
        return flags
        // step 01.2 end
    }

    /// Whoever goes on from here is in all the namespaces that `flags` names, a PID namespace among
    /// them or not.
    public func isolate(_ flags: CloneFlags, kernel: any Kernel) throws {
        // step 01.3 begin
        try kernel.unshare(flags)
        if flags.contains(.newPID) { try kernel.fork() }
        // step 01.3 end
    }

    /// No child stays a zombie, whoever's it was. The answer is the code of `main`, and of no other.
    public func reap(until main: Int32, kernel: any Kernel) throws -> Int32 {
        // step 01.3 begin
        while true {
            let child = try kernel.waitpid(-1)
            if child.pid == main { return child.code }
        }
        // step 01.3 end
    }

    /// `lo` is up, and whatever else was set on it still is.
    public func raiseLoopback(kernel: any Kernel) throws {
        // step 01.6 begin
        let flags = try kernel.getInterfaceFlags("lo")
        try kernel.setInterfaceFlags("lo", flags.union(.up))
        // step 01.6 end
    }

    /// The process is in every one of the cgroups, and calls each of them `/`.
    public func enterControlGroups(_ memberFiles: [String], kernel: any Kernel) throws {
        // step 01.7 begin
        for file in memberFiles { try kernel.writeFile(file, "0") }
        try kernel.unshare(.newCgroup)
        // step 01.7 end
    }

    /// Every path is opened while it can still be seen; user goes first, mount last; no descriptor
    /// stays open.
    public func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws {
        // step 01.8 begin
        func rank(_ kind: NamespaceKind) -> Int {
            kind == .user ? 0 : kind == .mount ? 2 : 1
        }
        var files: [(request: NamespaceRequest, descriptor: Int32)] = []
        // On every way out of here, that of an error too.
        defer { for file in files { try? kernel.close(file.descriptor) } }
        for request in requests {
            if let path = request.path { files.append((request, try kernel.open(path))) }
        }
        for wanted in 0...2 {
            for file in files where rank(file.request.type) == wanted {
                try kernel.setns(file.descriptor, flag(of: file.request.type))
            }
        }
        // step 01.8 end
    }
}
