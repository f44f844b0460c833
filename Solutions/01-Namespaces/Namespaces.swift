import Contracts

/// Lab 01: the namespaces of a container, and its root.
public struct Namespaces: NamespacesPart, Part {
    public init() {}

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

    /// New namespaces are made by clone; those with a path exist already. No kind may come twice.
    public func cloneFlags(_ requests: [NamespaceRequest]) throws -> CloneFlags {
        // step 01.1 begin
        var flags: CloneFlags = []
        var seen: CloneFlags = []
        for request in requests {
            let flag = flag(of: request.type)
            guard seen.insert(flag).inserted else { throw DuplicateNamespace(request.type) }
            if request.path == nil { flags.insert(flag) }
        }
        return flags
        // step 01.1 end
    }

    /// Both maps are written once, whole, from outside. Without privilege, groups can't be dropped
    /// any more.
    public func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws {
        // step 01.2 begin
        func lines(_ mappings: [IDMapping]) -> String {
            mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
        }
        let process = "/proc/\(request.pid)"
        if !request.privileged { try kernel.writeFile("\(process)/setgroups", "deny") }
        try kernel.writeFile("\(process)/uid_map", lines(request.uids))
        try kernel.writeFile("\(process)/gid_map", lines(request.gids))
        // step 01.2 end
    }

    /// All files are opened while their paths can still be seen; user goes first, mount last.
    public func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws {
        // step 01.3 begin
        func rank(_ kind: NamespaceKind) -> Int {
            kind == .user ? 0 : kind == .mount ? 2 : 1
        }
        var files: [(request: NamespaceRequest, descriptor: Int32)] = []
        for request in requests {
            if let path = request.path { files.append((request, try kernel.open(path))) }
        }
        for wanted in 0...2 {
            for file in files where rank(file.request.type) == wanted {
                try kernel.setns(file.descriptor, flag(of: file.request.type))
                try kernel.close(file.descriptor)
            }
        }
        // step 01.3 end
    }

    /// Nothing mounted from here on may be seen outside; pivot_root wants a mount point as the new
    /// root; the mounts need the host's paths, so they come before the old root goes; the old root
    /// goes for good.
    public func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws {
        // step 01.4 begin
        try kernel.mount(nil, "/", nil, setup.propagation)
        try kernel.mount(setup.rootfs, setup.rootfs, nil, [.bind, .recursive])
        for mount in setup.mounts { try attach(mount, below: setup.rootfs, kernel) }
        try kernel.chdir(setup.rootfs)
        try kernel.pivotRoot(".", ".")
        // The old root now lies on top of the new one, and is what "." means to umount2.
        try kernel.umount2(".", .detach)
        try kernel.chdir("/")
        // step 01.4 end
    }

    /// One mount takes up to three calls: the mount, the flags that a bind mount did not take, the
    /// propagation.
    func attach(_ mount: MountRequest, below rootfs: String, _ kernel: any Kernel) throws {
        // step 01.5 begin
        let target = rootfs + mount.target
        if mount.flags.contains(.bind) {
            try kernel.mount(
                mount.source, target, nil, mount.flags.intersection([.bind, .recursive]))
            let rest = mount.flags.subtracting([.bind, .recursive])
            if !rest.isEmpty {
                try kernel.mount(nil, target, nil, rest.union([.remount, .bind]))
            }
        } else {
            try kernel.mount(mount.source, target, mount.type, mount.flags, mount.data)
        }
        if !mount.propagation.isEmpty { try kernel.mount(nil, target, nil, mount.propagation) }
        // step 01.5 end
    }
}
