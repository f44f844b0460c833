@_exported import Contract
import Linux

/// Lab 01: what one process sees of the machine.
///
/// A container is a process whose namespaces differ from ours: it has its own process ids,
/// hostname, network, users and root directory. The part decides which to make, which to join, and
/// in what order its mounts and its new root come about; it calls the kernel itself, in the process
/// that is to become the container.
public protocol NamespacesPart: Sendable {
    /// 01.1 Writes the id maps of a process in a new user namespace (user_namespaces(7)).
    ///
    /// A line is `ID-inside ID-outside count`. Where the writer has no privilege over the parent
    /// namespace, the kernel takes a gid map only after `deny` was written to /proc/PID/setgroups.
    func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws

    /// 01.2 The flags with which the container's process is cloned: one for each namespace that is
    /// to be new.
    ///
    /// A request with a path is for a namespace that exists: it is joined, not made.
    /// - Throws: `DuplicateNamespace` where a kind is asked for twice.
    func cloneFlags(_ requests: [NamespaceRequest]) throws -> CloneFlags

    /// 01.3 Leaves the namespaces that `flags` names for new ones (unshare(2)).
    ///
    /// When this returns, the process that goes on is in all of them: of a new PID namespace it is
    /// process 1. A PID namespace takes in only children born after the call.
    func isolate(_ flags: CloneFlags, kernel: any Kernel) throws

    /// 01.3 What process 1 does while its namespace lives: lays to rest every child that ends, its
    /// own and those that were left to it, until `main` has ended.
    /// - Returns: the code with which `main` ended: process 1 ends with it too.
    func reap(until main: Int32, kernel: any Kernel) throws -> Int32

    /// 01.4 and 01.5 Gives the process, already in its new mount namespace, its own root
    /// (pivot_root(2)).
    ///
    /// When this returns, `/` and the working directory are the container's root, nothing of the
    /// old root can be reached, and no mount made here was seen outside.
    func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws

    /// 01.6 Makes the one interface of a new network namespace usable (netdevice(7)).
    ///
    /// `lo` is born down: until it is up, not even 127.0.0.1 answers.
    func raiseLoopback(kernel: any Kernel) throws

    /// 01.7 Enters cgroups and makes the place the root of a new cgroup namespace
    /// (cgroup_namespaces(7)).
    ///
    /// - Parameter memberFiles: a `cgroup.procs` in each hierarchy; `0` written there moves the
    ///   writer. A cgroup namespace begins where its maker is at that moment.
    func enterControlGroups(_ memberFiles: [String], kernel: any Kernel) throws

    /// 01.8 Joins namespaces by their files (setns(2)); requests without a path are not for it.
    ///
    /// A user namespace comes first, for its capabilities are what the others ask for; a mount
    /// namespace comes last, for the other paths may not be there any more once it is entered.
    func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws
}

/// The kinds of namespace, as the OCI runtime specification spells them.
public enum NamespaceKind: String, Codable, Hashable, Sendable, CaseIterable {
    case user, pid, network, mount, ipc, uts, cgroup, time
}

/// One namespace of `linux.namespaces`.
public struct NamespaceRequest: Codable, Hashable, Sendable {
    public var type: NamespaceKind
    /// The file of a namespace to join, such as `/proc/4711/ns/net`; nil for a new one.
    public var path: String?

    public init(_ type: NamespaceKind, path: String? = nil) {
        (self.type, self.path) = (type, path)
    }
}

public struct DuplicateNamespace: Error, Hashable, Sendable, CustomStringConvertible {
    public let kind: NamespaceKind
    public init(_ kind: NamespaceKind) { self.kind = kind }
    public var description: String { "linux.namespaces: \(kind.rawValue) is there twice" }
}

/// One line of a uid or gid map.
public struct IDMapping: Codable, Hashable, Sendable {
    public var containerID: Int
    public var hostID: Int
    public var size: Int

    public init(containerID: Int, hostID: Int, size: Int) {
        (self.containerID, self.hostID, self.size) = (containerID, hostID, size)
    }
}

/// Whose maps to write, and what.
public struct IDMapRequest: Codable, Hashable, Sendable {
    /// The process in the new user namespace, as the writer sees it.
    public var pid: Int32
    public var uids: [IDMapping]
    public var gids: [IDMapping]
    /// Whether the writer is privileged over the parent user namespace.
    public var privileged: Bool

    public init(pid: Int32, uids: [IDMapping], gids: [IDMapping], privileged: Bool) {
        (self.pid, self.uids, self.gids, self.privileged) = (pid, uids, gids, privileged)
    }
}

/// A root directory and what is mounted in it.
public struct RootSetup: Codable, Hashable, Sendable {
    /// The absolute path of the directory that becomes `/`.
    public var rootfs: String
    /// What every mount of the new namespace becomes first: `[.recursive, .private]`, or `.slave`
    /// where mounts made outside later are to be seen.
    public var propagation: MountFlags
    /// In the order in which they are mounted.
    public var mounts: [MountRequest]

    public init(
        rootfs: String, propagation: MountFlags = [.recursive, .private],
        mounts: [MountRequest] = []
    ) {
        (self.rootfs, self.propagation, self.mounts) = (rootfs, propagation, mounts)
    }
}

/// One mount, its options already told apart. The kit makes mount points that are missing, and
/// keeps a target inside the new root whatever links the image holds.
public struct MountRequest: Codable, Hashable, Sendable {
    /// `proc`, a directory of the host for a bind mount, …
    public var source: String?
    /// The mount point inside the container: `/proc`.
    public var target: String
    /// The file system's type; nil for a bind mount and for a remount.
    public var type: String?
    /// With `.bind` in them this is a bind mount, to which the kernel applies no other flag but
    /// `.recursive`: the others need a second call with `.remount`.
    public var flags: MountFlags
    /// How the mount shares events with its copies (`.private`, `.slave`, `.shared`, perhaps
    /// `.recursive`); set by a call of its own. Empty for none.
    public var propagation: MountFlags
    /// What only this file system understands: `mode=755,size=65536k`.
    public var data: String?

    public init(
        source: String?, target: String, type: String?, flags: MountFlags = [],
        propagation: MountFlags = [], data: String? = nil
    ) {
        (self.source, self.target, self.type) = (source, target, type)
        (self.flags, self.propagation, self.data) = (flags, propagation, data)
    }
}
