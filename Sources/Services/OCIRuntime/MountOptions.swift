import Contract
import Linux

/// A mount's `options`, told apart: what is a flag of mount(2), what is a call of its own, and what
/// only the file system understands.
struct MountOptions: Equatable {
    var flags: MountFlags = []
    var propagation: MountFlags = []
    /// What is left over, joined by commas.
    var data: String?

    /// Later options override earlier ones, as in mount(8).
    init(_ options: [String]) {
        var rest: [String] = []
        for option in options {
            if let (flag, isSet) = Self.flags[option] {
                if isSet { flags.formUnion(flag) } else { flags.subtract(flag) }
            } else if let kind = Self.propagations[option] {
                propagation = kind
            } else if !Self.ignored.contains(option) {
                rest.append(option)
            }
        }
        data = rest.isEmpty ? nil : rest.joined(separator: ",")
    }

    private static let ignored: Set<String> = ["defaults", "newinstance", "tmpcopyup"]

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
