import Contract
import Linux

/// A mount's `options`, told apart: what is a flag of mount(2), what is a call of its own, and what
/// only the file system understands.
struct MountOptions: Equatable {
    var flags: MountFlags = []
    var propagation: MountFlags = []
    /// What is set and cleared on the mount and all below it: `MOUNT_ATTR_` flags of mount_setattr(2).
    var recursive: RecursiveAttributes?
    /// A new tmpfs is to begin with what was there before.
    var copiesUp = false
    /// What is left over.
    var rest: [String] = []
    /// The rest, joined by commas.
    var data: String? { rest.isEmpty ? nil : rest.joined(separator: ",") }

    struct RecursiveAttributes: Equatable {
        var set: UInt64 = 0
        var clear: UInt64 = 0
    }

    /// Later options override earlier ones, as in mount(8).
    init(_ options: [String]) {
        for option in options {
            if let (flag, isSet) = Self.flags[option] {
                if isSet { flags.formUnion(flag) } else { flags.subtract(flag) }
            } else if let kind = Self.propagations[option] {
                propagation = kind
            } else if let (mask, value) = Self.recursive[option] {
                var all = recursive ?? RecursiveAttributes()
                (all.set, all.clear) = (all.set & ~mask | value, all.clear | mask)
                recursive = all
            } else if option == "tmpcopyup" {
                copiesUp = true
            } else if !Self.ignored.contains(option) {
                rest.append(option)
            }
        }
    }

    /// What is so anyway.
    private static let ignored: Set<String> = ["defaults", "newinstance"]

    /// An option's bits, and what they become (linux/mount.h).
    private static let recursive: [String: (mask: UInt64, value: UInt64)] = [
        "rro": (0x1, 0x1), "rrw": (0x1, 0), "rnosuid": (0x2, 0x2), "rsuid": (0x2, 0),
        "rnodev": (0x4, 0x4), "rdev": (0x4, 0), "rnoexec": (0x8, 0x8), "rexec": (0x8, 0),
        "rnoatime": (0x70, 0x10), "ratime": (0x70, 0), "rrelatime": (0x70, 0),
        "rnorelatime": (0x70, 0), "rstrictatime": (0x70, 0x20), "rnostrictatime": (0x70, 0),
        "rnodiratime": (0x80, 0x80), "rdiratime": (0x80, 0),
        "rnosymfollow": (0x200000, 0x200000), "rsymfollow": (0x200000, 0),
    ]

    private static let flags: [String: (MountFlags, Bool)] = [
        "ro": (.readOnly, true), "rw": (.readOnly, false),
        "nosuid": (.noSUID, true), "suid": (.noSUID, false),
        "nodev": (.noDevices, true), "dev": (.noDevices, false),
        "noexec": (.noExecute, true), "exec": (.noExecute, false),
        "sync": (.synchronous, true), "async": (.synchronous, false),
        "dirsync": (.directorySync, true), "remount": (.remount, true),
        "mand": (.mandatoryLocks, true), "nomand": (.mandatoryLocks, false),
        "noatime": (.noAccessTime, true), "atime": (.noAccessTime, false),
        "nodiratime": (.noDirectoryAccessTime, true), "diratime": (.noDirectoryAccessTime, false),
        "relatime": (.relativeAccessTime, true), "norelatime": (.relativeAccessTime, false),
        "strictatime": (.strictAccessTime, true), "nostrictatime": (.strictAccessTime, false),
        "nosymfollow": (.noSymlinksFollowed, true), "symfollow": (.noSymlinksFollowed, false),
        "bind": (.bind, true), "rbind": ([.bind, .recursive], true),
        "silent": (.silent, true), "loud": (.silent, false),
    ]

    private static let propagations: [String: MountFlags] = [
        "private": .private, "rprivate": [.private, .recursive],
        "slave": .slave, "rslave": [.slave, .recursive],
        "shared": .shared, "rshared": [.shared, .recursive],
        "unbindable": .unbindable, "runbindable": [.unbindable, .recursive],
    ]

    /// `rootfsPropagation`, or nil for a word that is none.
    static func propagation(named name: String) -> MountFlags? { propagations[name] }
}
