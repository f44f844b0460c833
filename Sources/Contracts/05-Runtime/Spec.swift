// config.json of the OCI runtime specification (version 1.0), as far as the kit goes. Members it
// does not know are ignored, as the specification asks. Names are the specification's own.

/// A container, as its bundle's `config.json` describes it.
public struct ContainerSpec: Codable, Hashable, Sendable {
    public var ociVersion: String
    public var process: ProcessSpec?
    public var root: RootSpec?
    public var hostname: String?
    public var domainname: String?
    public var mounts: [MountSpec]?
    public var linux: LinuxSpec?
    public var annotations: [String: String]?
    /// Programs to run at points of the container's life. The kit refuses them rather than leave
    /// them out.
    public var hooks: [String: [Hook]]?

    public struct Hook: Codable, Hashable, Sendable {
        public var path: String
    }

    public init(ociVersion: String) { self.ociVersion = ociVersion }
}

public struct RootSpec: Codable, Hashable, Sendable {
    /// Absolute, or relative to the bundle.
    public var path: String
    public var readonly: Bool?

    public init(path: String, readonly: Bool? = nil) {
        (self.path, self.readonly) = (path, readonly)
    }
}

public struct MountSpec: Codable, Hashable, Sendable {
    public var destination: String
    public var type: String?
    public var source: String?
    public var options: [String]?

    public init(destination: String, type: String?, source: String?, options: [String]? = nil) {
        (self.destination, self.type, self.source) = (destination, type, source)
        self.options = options
    }
}

/// What runs in the container. `exec --process` reads one of these by itself.
public struct ProcessSpec: Codable, Hashable, Sendable {
    public var terminal: Bool?
    public var consoleSize: ConsoleSize?
    public var user: User?
    public var args: [String]?
    public var env: [String]?
    public var cwd: String
    public var capabilities: Capabilities?
    public var rlimits: [RLimit]?
    public var noNewPrivileges: Bool?
    public var oomScoreAdj: Int?
    /// The AppArmor profile that holds from the exec on.
    public var apparmorProfile: String?
    /// Refused: the kit has no SELinux.
    public var selinuxLabel: String?

    public struct ConsoleSize: Codable, Hashable, Sendable {
        public var height: UInt16
        public var width: UInt16
    }

    public struct User: Codable, Hashable, Sendable {
        public var uid: UInt32
        public var gid: UInt32
        public var umask: UInt32?
        public var additionalGids: [UInt32]?
        public init(uid: UInt32, gid: UInt32, additionalGids: [UInt32]? = nil) {
            (self.uid, self.gid, self.additionalGids) = (uid, gid, additionalGids)
        }
    }

    /// Names such as `CAP_KILL`, set by set (capabilities(7)).
    public struct Capabilities: Codable, Hashable, Sendable {
        public var bounding: [String]?
        public var effective: [String]?
        public var inheritable: [String]?
        public var permitted: [String]?
        public var ambient: [String]?
        public init() {}
    }

    public struct RLimit: Codable, Hashable, Sendable {
        public var type: String
        public var soft: UInt64
        public var hard: UInt64
    }

    public init(args: [String], cwd: String = "/") { (self.args, self.cwd) = (args, cwd) }
}

public struct LinuxSpec: Codable, Hashable, Sendable {
    public var namespaces: [NamespaceRequest]?
    public var uidMappings: [IDMapping]?
    public var gidMappings: [IDMapping]?
    public var devices: [DeviceSpec]?
    public var cgroupsPath: String?
    public var resources: LinuxResources?
    public var rootfsPropagation: String?
    public var seccomp: SeccompProfile?
    public var sysctl: [String: String]?
    public var maskedPaths: [String]?
    public var readonlyPaths: [String]?

    public init() {}
}

public struct DeviceSpec: Codable, Hashable, Sendable {
    public var path: String
    /// `c`, `u` (both character), `b` block or `p` FIFO.
    public var type: String
    public var major: Int?
    public var minor: Int?
    public var fileMode: UInt32?
    public var uid: UInt32?
    public var gid: UInt32?

    public init(path: String, type: String, major: Int, minor: Int, fileMode: UInt32) {
        (self.path, self.type, self.major, self.minor) = (path, type, major, minor)
        self.fileMode = fileMode
    }
}

/// Which system calls the container may make (seccomp(2)).
public struct SeccompProfile: Codable, Hashable, Sendable {
    public var defaultAction: String
    public var defaultErrnoRet: UInt32?
    public var architectures: [String]?
    public var flags: [String]?
    public var syscalls: [Rule]?

    public init(defaultAction: String) { self.defaultAction = defaultAction }

    public struct Rule: Codable, Hashable, Sendable {
        public var names: [String]
        public var action: String
        public var errnoRet: UInt32?
        public var args: [Argument]?
    }

    public struct Argument: Codable, Hashable, Sendable {
        public var index: UInt32
        public var value: UInt64
        public var valueTwo: UInt64?
        /// `SCMP_CMP_EQ`, …
        public var op: String
    }
}
