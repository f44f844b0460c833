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
        throw Unfinished("01.1")
        // step 01.1 end
    }

    /// Both maps are written once, whole, from outside. Without privilege, groups can't be dropped
    /// any more.
    public func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws {
        // step 01.2 begin
        throw Unfinished("01.2")
        // step 01.2 end
    }

    /// All files are opened while their paths can still be seen; user goes first, mount last.
    public func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws {
        // step 01.3 begin
        throw Unfinished("01.3")
        // step 01.3 end
    }

    /// Nothing mounted from here on may be seen outside; pivot_root wants a mount point as the new
    /// root; the mounts need the host's paths, so they come before the old root goes; the old root
    /// goes for good.
    public func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws {
        // step 01.4 begin
        throw Unfinished("01.4")
        // step 01.4 end
    }

    /// One mount takes up to three calls: the mount, the flags that a bind mount did not take, the
    /// propagation.
    func attach(_ mount: MountRequest, below rootfs: String, _ kernel: any Kernel) throws {
        // step 01.5 begin
        throw Unfinished("01.5")
        // step 01.5 end
    }
}
