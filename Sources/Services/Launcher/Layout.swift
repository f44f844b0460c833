import Linux

/// Where things are: the kit's tree, its programs, and the cluster's state.
public struct Layout: Sendable {
    /// The tree this launcher belongs to, absolute.
    public let root: String
    /// `.drydock` in the tree, or `$DRYDOCK_STATE`.
    public let state: String

    public init(root: String, state: String? = nil) {
        self.root = root
        self.state = Self.canonical(state ?? "\(root)/.drydock")
    }

    /// From the environment that the script `Labs/lab` sets.
    public static func fromEnvironment() throws -> Layout {
        guard let root = environmentVariable("DRYDOCK_ROOT") else {
            throw LauncherError("start me through the script Labs/lab: it says where the tree is")
        }
        return Layout(root: root, state: environmentVariable("DRYDOCK_STATE"))
    }

    /// The one name of a directory, which may yet have to be made: a cluster is found again by it, so
    /// `./x`, `x/` and a link to `x` must not be three clusters on one store.
    static func canonical(_ path: String) -> String {
        if let found = real(path) { return found }
        let parts = path.split(separator: "/").map(String.init)
        let parent = (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
        guard let above = real(parent.isEmpty ? "." : parent), let name = parts.last else {
            return path
        }
        return above == "/" ? "/\(name)" : "\(above)/\(name)"
    }

    /// realpath(3); nil where the path leads nowhere.
    static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    public var clusterPackage: String { "\(root)/Sources/Cluster" }
    public var kubeconfig: String { "\(state)/kubeconfig" }
    public var pki: String { "\(state)/pki" }
    public var logs: String { "\(state)/logs" }
    public var spec: String { "\(state)/run/dock.json" }
    public var socketFile: String { "\(state)/run/port" }

    /// A program of the light package.
    public func program(_ name: String) -> String { "\(root)/.build/release/\(name)" }
    /// A program of the Cluster package.
    public func clusterProgram(_ name: String) -> String {
        "\(clusterPackage)/.build/release/\(name)"
    }
}

/// What went wrong, in words for the person at the keyboard.
public struct LauncherError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
