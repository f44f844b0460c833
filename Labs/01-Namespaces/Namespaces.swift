import ContractNamespaces

/// Lab 01: the namespaces of a container, and its root (Root.swift).
public struct Namespaces: NamespacesPart, Part {
    public init() {}

    /// Both maps are written whole, each with one write, from outside the new namespace: a second
    /// write is refused. Without privilege, a process must first give up changing its groups.
    public func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws {
        // step 01.1 begin
        throw Unfinished("01.1")
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
        throw Unfinished("01.2")
        // step 01.2 end
    }

    /// Whoever goes on from here is in all the namespaces that `flags` names, a PID namespace among
    /// them or not.
    public func isolate(_ flags: CloneFlags, kernel: any Kernel) throws {
        // step 01.3 begin
        throw Unfinished("01.3")
        // step 01.3 end
    }

    /// No child stays a zombie, whoever's it was. The answer is the code of `main`, and of no other.
    public func reap(until main: Int32, kernel: any Kernel) throws -> Int32 {
        // step 01.3 begin
        throw Unfinished("01.3")
        // step 01.3 end
    }

    /// `lo` is up, and whatever else was set on it still is.
    public func raiseLoopback(kernel: any Kernel) throws {
        // step 01.6 begin
        throw Unfinished("01.6")
        // step 01.6 end
    }

    /// The process is in every one of the cgroups, and calls each of them `/`.
    public func enterControlGroups(_ memberFiles: [String], kernel: any Kernel) throws {
        // step 01.7 begin
        throw Unfinished("01.7")
        // step 01.7 end
    }

    /// Every path is opened while it can still be seen; user goes first, mount last; no descriptor
    /// stays open.
    public func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws {
        // step 01.8 begin
        throw Unfinished("01.8")
        // step 01.8 end
    }
}
