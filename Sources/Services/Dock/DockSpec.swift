import JSON
import Linux

/// What the launcher asks the dock to be: written by `lab up`, read by `dock boot`.
public struct DockSpec: Codable, Sendable {
    /// Where the cluster keeps everything, an absolute path.
    public var state: String
    /// Tells this dock's cgroups from another's on the same host.
    public var tag: String
    public var nodes: [Node]
    /// The control plane, in the order in which it is started; stopped the other way round.
    public var components: [Component]
    /// A port of the host's loopback that the dock can reach on its own loopback.
    public var forward: HostForward?
    /// The descriptor of a pipe by which the launcher holds the dock until the cluster is Ready; see `Leash`.
    public var leash: Int32?
    /// Folders that programs and their libraries lie in beside the system's own; the dock and its nodes see them
    /// read-only.
    public var programs: [String] = []
    /// Root inside is root of the host: needed for loop devices, mknod and BPF, and a pod can then do the host harm.
    public var isHostRoot = false

    public init(
        state: String, tag: String, nodes: [Node], components: [Component],
        forward: HostForward? = nil
    ) {
        (self.state, self.tag, self.nodes, self.components) = (state, tag, nodes, components)
        self.forward = forward
    }

    /// A machine of the cluster: a sandbox in the dock.
    public struct Node: Codable, Sendable {
        public var name: String
        /// On the dock's bridge, such as `10.88.0.11`.
        public var address: String
        /// The block that its pods have addresses from, such as `10.244.1.0/24`: the dock answers them by way of the node.
        public var podCIDR: String?
        public var components: [Component]
        /// What it has of the state: its own folders, to write in.
        public var writable: [String]
        /// What it has of the state to read: its own keys, the images.
        public var readable: [String]

        public init(
            name: String, address: String, podCIDR: String? = nil, components: [Component],
            writable: [String] = [], readable: [String] = []
        ) {
            (self.name, self.address, self.podCIDR) = (name, address, podCIDR)
            self.components = components
            (self.writable, self.readable) = (writable, readable)
        }
    }

    /// A program that is kept running.
    public struct Component: Codable, Sendable {
        public var name: String
        /// argv; the first is the program's absolute path.
        public var command: [String]
        /// `NAME=value`, beside what every component gets.
        public var environment: [String]
        /// Descriptors of the launcher that the program inherits under the same number.
        public var descriptors: [Int32]

        public init(
            name: String, command: [String], environment: [String] = [], descriptors: [Int32] = []
        ) {
            self.name = name
            self.command = command
            self.environment = environment
            self.descriptors = descriptors
        }
    }

    /// The dock's own side of its bridge; the control plane listens here.
    public static let gateway = "10.88.0.1"
    public static let prefixLength = 24

    public var path: String { "\(state)/run/dock.json" }
    /// Where the dock's root file system is mounted while it is made.
    var rootPath: String { "\(state)/run/root" }

    public static func read(_ path: String) throws -> DockSpec {
        try JSON(parsing: try Files.read(path)).decode()
    }
}
