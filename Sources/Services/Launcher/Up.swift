import Dock
import JSON
import Linux

/// `lab up`: from a clone to a cluster whose nodes are Ready.
public struct Up {
    /// What the user may wish for; kept beside the cluster, so that it can be brought up the same again.
    public struct Wishes: Codable, Sendable {
        public var nodes = 3
        public var store = ClusterPlan.Store.raft
        public var runtime: String?
        /// Labs whose part is the student's.
        public var mine: [String] = []
        /// Labs whose part is the reference's, but as a program of its own behind the pipe.
        public var piped: [String] = []
        /// How often the autoscaler looks, in seconds.
        public var autoscalerPeriodSeconds = 15
        /// The dock's root is the host's.
        public var isHostRoot = false
        public init() {}
    }

    let wishes: Wishes
    /// Which of the wishes were asked for in so many words; the others are what is usual.
    let named: Set<Wishes.Option>
    package let layout: Layout
    let terminal: Terminal

    public init(
        _ wishes: Wishes, naming named: Set<Wishes.Option> = [], _ layout: Layout,
        _ terminal: Terminal
    ) {
        (self.wishes, self.named, self.layout, self.terminal) = (wishes, named, layout, terminal)
    }

    static func wishesPath(_ layout: Layout) -> String { "\(layout.state)/run/up.json" }

    /// What the cluster was last brought up with.
    package static func remembered(_ layout: Layout) throws -> Wishes {
        try JSON(parsing: try Files.read(wishesPath(layout))).decode()
    }

    public func run() throws {
        if try isRunning() { return }
        for lab in wishes.mine { try checkLab(lab, option: "--mine") }
        for lab in wishes.piped { try checkLab(lab, option: "--piped") }
        if case .external(let url) = wishes.store { try StoreProbe(url: url).check() }
        let setup = Setup(layout, terminal)
        try setup.installPackages(for: wishes)
        if let runtime = wishes.runtime, access(runtime, X_OK) != 0 {
            throw LauncherError("--runtime \(runtime): there is no such program")
        }
        let kubectl = try setup.kubectl(aloud: true)
        let build = Build(layout, terminal)
        try build.all()
        for lab in wishes.mine { try buildPart(lab, build) }
        let turn = try Turn.take(layout, terminal)
        if try isRunning() { return }
        try Leftovers(layout).remove()
        if !BridgeFilter.load() {
            terminal.say(
                "a pod can't reach a Service's pod on its own node before root runs: "
                    + BridgeFilter.advice)
        }
        try prepareState()
        let began = Clock.monotonicMilliseconds()
        let leash = try Pipe()
        let port = try boot(leash: leash.read.raw)
        try waitUntilReady(Kubectl(kubectl, layout), since: began, holding: leash)
        terminal.say(readySentence(after: Clock.monotonicMilliseconds() - began))
        try sayWhatNext(port)
        turn.end()
    }

    /// A cluster that another launcher is just booting may not be Ready yet: that is waited for here too. Where that
    /// launcher dies, so does its cluster, and there is none.
    private func isRunning() throws -> Bool {
        if try RunningDock.find(layout) == nil { return false }
        let running = try Self.remembered(layout)
        let differences = wishes.differences(from: running, in: named)
        guard differences.isEmpty else {
            throw LauncherError(
                "the cluster is running already, without \(differences.joined(separator: ", ")). "
                    + "Labs/lab down first; what is in the cluster stays")
        }
        let kubectl = Kubectl(try Setup(layout, terminal).kubectl(aloud: true), layout)
        do {
            try Readiness(wishes: running, layout: layout, terminal: terminal, kubectl: kubectl)
                .wait(since: Clock.monotonicMilliseconds())
        } catch is Readiness.DockEnded {
            return false
        }
        terminal.say("The cluster is running already; nothing was changed.")
        terminal.say("Its parts: \(WhoseParts(try DockSpec.read(layout.spec)).sentence).")
        terminal.say("  Labs/lab status    what runs     Labs/lab down    stop it")
        return true
    }

    /// The dock is held until its nodes are Ready: a launcher that dies before takes the cluster with it.
    private func waitUntilReady(
        _ kubectl: Kubectl, since began: Int, holding leash: borrowing Pipe
    ) throws {
        do {
            try Readiness(wishes: wishes, layout: layout, terminal: terminal, kubectl: kubectl)
                .wait(since: began)
        } catch let complaint as PartComplaint {
            try Down(layout, Terminal(isQuiet: true)).run(force: true, purge: false)
            throw LauncherError(
                "the cluster can't run on your part of lab \(complaint.lab), and is down again. "
                    + "\(complaint)\nLook at: Labs/lab check \(complaint.lab); "
                    + "Labs/lab logs \(complaint.component)")
        } catch {
            // What came up stays, to be looked at.
            try? leash.write.write([1])
            throw error
        }
        try leash.write.write([1])
    }

    private func checkLab(_ lab: String, option: String) throws {
        let parts = "\(layout.root)/Sources/Programs/Parts"
        if Files.exists("\(parts)/\(lab)") { return }
        let known = try Files.list(parts).joined(separator: ", ")
        throw LauncherError(
            "\(option) \(lab): there is no lab \(lab) with a part of its own. There are: \(known)")
    }

    private func buildPart(_ lab: String, _ build: Build) throws {
        do {
            try build.product("part-\(lab)")
        } catch {
            throw LauncherError(
                "lab \(lab) does not compile, so the cluster can't use it:\n\(error)")
        }
    }

    /// Directories, keys and images. All of it stays over a `lab down`.
    private func prepareState() throws {
        try PrivateState.prepare(layout)
        // A node's own folder and root are there before the node is: they are mounted into it.
        for node in 1...wishes.nodes {
            for folder in ["nodes", "roots"] {
                try Files.makeDirectories("\(layout.state)/\(folder)/node-\(node)")
            }
        }
        // The dock writes only when something dies, and `lab logs dock` is to work before that.
        _ = try FileDescriptor.open(
            "\(layout.logs)/dock.log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        let hosts = (1...wishes.nodes).flatMap { ["--node", "node-\($0)=10.88.0.\(10 + $0)"] }
        try tool(layout.clusterProgram("pki"), ["init", "--dir", layout.pki] + hosts)
        try tool(
            layout.clusterProgram("images"),
            [
                "build-set", "--out", "\(layout.state)/images", "--busybox", "/bin/busybox",
                "--web", layout.program("web"),
            ])
    }

    private func tool(_ path: String, _ words: [String]) throws {
        let result = try capture(path, [path] + words)
        guard result.ending.succeeded else {
            throw LauncherError(
                "\(path) \(words.joined(separator: " ")) \(result.ending):\n"
                    + String(decoding: result.errors, as: UTF8.self))
        }
    }

    /// - Returns: the host's port of the API server.
    private func boot(leash: Int32) throws -> Int {
        let socket = try HostSocket.bind(preferring: 6443)
        if socket.port != 6443 {
            terminal.say("port 6443 is taken; the API server listens on \(socket.port)")
        }
        try writeKubeconfig(port: socket.port)
        let plan = ClusterPlan(
            wishes: wishes, cgroups: canLimit(),
            listenDescriptor: HostSocket.dockDescriptor)
        try Files.writeAtomically(
            JSON(encoding: wishes).bytes, to: Self.wishesPath(layout))
        try Files.writeAtomically(
            JSON(encoding: plan.spec(layout, tag: "\(getpid())")).bytes, to: layout.spec)
        let dock = layout.program("dock")
        let errors = try Pipe()
        let child = try Child.spawn(
            dock, [dock, "boot", layout.spec],
            descriptors: [
                2: errors.write.raw, HostSocket.dockDescriptor: socket.descriptor.raw,
                ClusterPlan.leashDescriptor: leash,
            ])
        let said = try errors.intoRead().readToEnd()
        guard try child.wait().succeeded else {
            throw LauncherError("the dock did not start:\n" + String(decoding: said, as: UTF8.self))
        }
        if !said.isEmpty { terminal.say(String(decoding: said, as: UTF8.self)) }
        return socket.port
    }

    /// Whether containers can have cgroups; said aloud where root would expect that they can.
    private func canLimit() -> Bool {
        guard geteuid() == 0 else { return false }
        let controllers = (try? CgroupTree.controllersAvailable()) ?? []
        if controllers.contains("memory") { return true }
        terminal.say("no cgroups can be made here: limits are not enforced (Labs/lab doctor)")
        return false
    }

    /// The administrator's kubeconfig, with the port that the API server has on this host.
    private func writeKubeconfig(port: Int) throws {
        var config = try JSON(parsing: try Files.read("\(layout.pki)/admin.kubeconfig"))
        guard var clusters = config["clusters"]?.array, !clusters.isEmpty else {
            throw LauncherError("\(layout.pki)/admin.kubeconfig names no cluster")
        }
        var cluster = clusters[0]["cluster"] ?? [:]
        cluster["server"] = .string("https://127.0.0.1:\(port)")
        clusters[0]["cluster"] = cluster
        config["clusters"] = .array(clusters)
        try Files.writeAtomically(Array(config.prettyText.utf8), to: layout.kubeconfig, mode: 0o600)
    }

    private func readySentence(after milliseconds: Int) -> String {
        let nodes = wishes.nodes == 1 ? "1 node" : "\(wishes.nodes) nodes"
        return "\(nodes) Ready after \(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    private func sayWhatNext(_ port: Int) throws {
        let whose = WhoseParts(try DockSpec.read(layout.spec)).sentence
        let search = Setup(layout, terminal).kubectlSearch()
        // A shell would run another kubectl than the kit does, or none at all.
        let tools = search.found.flatMap { found in
            search.isFirstOnPath ? nil : KubectlSearch.directory(of: found) + ":"
        }
        // Values are written out: in one `export`, a name that it sets itself still has its value from before.
        let path = shellWord("\(layout.root)/Labs:\(tools ?? "")") + "\"$PATH\""
        terminal.say(
            """
            The cluster runs: API server on https://127.0.0.1:\(port); parts: \(whose).
            Paste this, once in each terminal:

              export DRYDOCK=\(shellWord(layout.root)) PATH=\(path) KUBECONFIG=\(shellWord(layout.kubeconfig))

              kubectl get nodes
              kubectl create deployment web --image=drydock/web:v1 --replicas=3
              Labs/lab demo      a tour that shows what it can do
              Labs/lab down      stop it; what you made is there again after the next `lab up`
            """)
    }
}

extension Up {
    /// What `--store` means.
    public static func store(_ word: String) throws -> ClusterPlan.Store {
        switch word {
        case "raft": return .raft
        case "etcd": return .etcd
        case _ where isOnLoopback(word): return .external(word)
        default:
            throw LauncherError(
                "--store \(word): say raft, etcd, or an etcd on this host: http://127.0.0.1:2379")
        }
    }

    /// `http://127.0.0.1:PORT` or `http://localhost:PORT`.
    private static func isOnLoopback(_ url: String) -> Bool {
        let words = url.split(separator: ":", omittingEmptySubsequences: false)
        return words.count == 3 && words[0] == "http"
            && (words[1] == "//127.0.0.1" || words[1] == "//localhost") && UInt16(words[2]) != nil
    }
}
