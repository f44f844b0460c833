/// Which namespaces a call is about: the `CLONE_NEW…` flags of clone(2), unshare(2) and setns(2).
/// The numbers are the kernel's own (linux/sched.h), the same on every architecture.
public struct CloneFlags: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let newTime = CloneFlags(rawValue: 0x80)
    public static let newMount = CloneFlags(rawValue: 0x20000)
    public static let newCgroup = CloneFlags(rawValue: 0x200_0000)
    public static let newUTS = CloneFlags(rawValue: 0x400_0000)
    public static let newIPC = CloneFlags(rawValue: 0x800_0000)
    public static let newUser = CloneFlags(rawValue: 0x1000_0000)
    public static let newPID = CloneFlags(rawValue: 0x2000_0000)
    public static let newNetwork = CloneFlags(rawValue: 0x4000_0000)

    static let names: [(CloneFlags, String)] = [
        (.newUser, "CLONE_NEWUSER"), (.newMount, "CLONE_NEWNS"), (.newPID, "CLONE_NEWPID"),
        (.newNetwork, "CLONE_NEWNET"), (.newIPC, "CLONE_NEWIPC"), (.newUTS, "CLONE_NEWUTS"),
        (.newCgroup, "CLONE_NEWCGROUP"), (.newTime, "CLONE_NEWTIME"),
    ]
}

/// The `MS_…` flags of mount(2) (linux/mount.h), the same on every architecture.
public struct MountFlags: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }

    public static let readOnly = MountFlags(rawValue: 1)
    public static let noSUID = MountFlags(rawValue: 2)
    public static let noDevices = MountFlags(rawValue: 4)
    public static let noExecute = MountFlags(rawValue: 8)
    public static let synchronous = MountFlags(rawValue: 16)
    public static let remount = MountFlags(rawValue: 32)
    public static let mandatoryLocks = MountFlags(rawValue: 64)
    public static let directorySync = MountFlags(rawValue: 128)
    public static let noSymlinksFollowed = MountFlags(rawValue: 256)
    public static let noAccessTime = MountFlags(rawValue: 1024)
    public static let noDirectoryAccessTime = MountFlags(rawValue: 2048)
    public static let bind = MountFlags(rawValue: 4096)
    public static let move = MountFlags(rawValue: 8192)
    public static let recursive = MountFlags(rawValue: 16384)
    public static let silent = MountFlags(rawValue: 32768)
    public static let unbindable = MountFlags(rawValue: 1 << 17)
    public static let `private` = MountFlags(rawValue: 1 << 18)
    public static let slave = MountFlags(rawValue: 1 << 19)
    public static let shared = MountFlags(rawValue: 1 << 20)
    public static let relativeAccessTime = MountFlags(rawValue: 1 << 21)
    public static let strictAccessTime = MountFlags(rawValue: 1 << 24)
    public static let lazyTime = MountFlags(rawValue: 1 << 25)

    static let names: [(MountFlags, String)] = [
        (.readOnly, "MS_RDONLY"), (.noSUID, "MS_NOSUID"), (.noDevices, "MS_NODEV"),
        (.noExecute, "MS_NOEXEC"), (.synchronous, "MS_SYNCHRONOUS"), (.remount, "MS_REMOUNT"),
        (.mandatoryLocks, "MS_MANDLOCK"), (.directorySync, "MS_DIRSYNC"),
        (.noSymlinksFollowed, "MS_NOSYMFOLLOW"), (.noAccessTime, "MS_NOATIME"),
        (.noDirectoryAccessTime, "MS_NODIRATIME"), (.bind, "MS_BIND"), (.move, "MS_MOVE"),
        (.recursive, "MS_REC"), (.silent, "MS_SILENT"), (.unbindable, "MS_UNBINDABLE"),
        (.private, "MS_PRIVATE"), (.slave, "MS_SLAVE"), (.shared, "MS_SHARED"),
        (.relativeAccessTime, "MS_RELATIME"), (.strictAccessTime, "MS_STRICTATIME"),
        (.lazyTime, "MS_LAZYTIME"),
    ]
}

/// The flags of umount2(2).
public struct UnmountFlags: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let force = UnmountFlags(rawValue: 1)
    /// Gone from the tree at once, taken down when nothing uses it any more.
    public static let detach = UnmountFlags(rawValue: 2)
    public static let noFollow = UnmountFlags(rawValue: 8)

    static let names: [(UnmountFlags, String)] = [
        (.force, "MNT_FORCE"), (.detach, "MNT_DETACH"), (.noFollow, "UMOUNT_NOFOLLOW"),
    ]
}

/// The `IFF_…` flags of a network interface (netdevice(7)).
public struct InterfaceFlags: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let up = InterfaceFlags(rawValue: 0x1)
    public static let broadcast = InterfaceFlags(rawValue: 0x2)
    public static let loopback = InterfaceFlags(rawValue: 0x8)
    public static let pointToPoint = InterfaceFlags(rawValue: 0x10)
    public static let running = InterfaceFlags(rawValue: 0x40)
    public static let noARP = InterfaceFlags(rawValue: 0x80)
    public static let promiscuous = InterfaceFlags(rawValue: 0x100)
    public static let multicast = InterfaceFlags(rawValue: 0x1000)

    static let names: [(InterfaceFlags, String)] = [
        (.up, "IFF_UP"), (.broadcast, "IFF_BROADCAST"), (.loopback, "IFF_LOOPBACK"),
        (.pointToPoint, "IFF_POINTOPOINT"), (.running, "IFF_RUNNING"), (.noARP, "IFF_NOARP"),
        (.promiscuous, "IFF_PROMISC"), (.multicast, "IFF_MULTICAST"),
    ]
}

// Printed as strace(1) prints them: `MS_BIND|MS_REC`.
extension CloneFlags: CustomStringConvertible {
    public var description: String { spell(self, Self.names) }
}
extension MountFlags: CustomStringConvertible {
    public var description: String { spell(self, Self.names) }
}
extension InterfaceFlags: CustomStringConvertible {
    public var description: String { spell(self, Self.names) }
}
extension UnmountFlags: CustomStringConvertible {
    public var description: String { spell(self, Self.names) }
}

private func spell<Flags: OptionSet>(_ flags: Flags, _ names: [(Flags, String)]) -> String
where Flags.Element == Flags {
    let set = names.filter { flags.contains($0.0) }.map(\.1)
    return set.isEmpty ? "0" : set.joined(separator: "|")
}
