import Linux

/// A cluster's state is its owner's alone: the store holds Secrets, a container's config.json its environment, a log
/// whatever a program says.
enum PrivateState {
    private static let directories = ["run", "logs", "store", "nodes", "roots", "layers", "images", "pki"]

    /// Makes what is missing, and closes what an older kit has left open to others.
    static func prepare(_ layout: Layout) throws {
        try closeTop(layout.state)
        for name in directories { try makePrivate("\(layout.state)/\(name)") }
        for log in try Files.list(layout.logs) { chmod("\(layout.logs)/\(log)", 0o600) }
    }

    /// A directory that somebody named for the state, and that has other things in it, stays as it is: everything of the
    /// cluster's lies in directories of its own.
    private static func closeTop(_ path: String) throws {
        let own = Set(directories + ["kubeconfig", "tools"])
        let names = (try? Files.list(path)) ?? []
        if names.allSatisfy(own.contains) { try makePrivate(path) }
    }

    private static func makePrivate(_ path: String) throws {
        try Files.makeDirectories(path, mode: 0o700)
        try check("chmod \(path)") { chmod(path, 0o700) }
    }
}
