import Launcher
import Linux
import Tour

/// Parts that are worse than not written: the cluster goes on, and names the lab.
struct BrokenParts {
    let rig: ClusterTest

    /// What stands in a part's place, by its lab: a program that ends at once, and one that never answers.
    static let programs = [
        "01": "#!/bin/sh\nkill -SEGV $$\n",
        "10": "#!/bin/sh\necho 'index out of range' >&2; exit 3\n",
        "14": "#!/bin/sh\nexec sleep 1000\n",
    ]

    func areNamed() throws {
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-broken-")
        defer { try? Files.removeTree(place) }
        try makeTree(place)
        setenv("DRYDOCK_BUILD", "no", 1)
        defer { unsetenv("DRYDOCK_BUILD") }
        let broken = ClusterTest(Layout(root: place, state: rig.layout.state), rig.terminal)
        defer { try? Files.removeTree(broken.layout.state) }
        var wishes = Up.Wishes()
        (wishes.nodes, wishes.piped) = (1, Self.programs.keys.sorted())
        try broken.withCluster(wishes) {
            let stage = try Stage(broken.layout, broken.terminal)
            try stage.kubectl("apply", "-f", "-", input: Manifests.web)
            try stage.kubectl("run", "lone", "--image=drydock/web:v1")
            try stage.awaitEvent(of: "lone", saying: "lab 01, your part: the part's program")
            for (component, words) in [
                ("rollout", "lab 10, your part: the part's program exited with status 3"),
                ("proxy-1", "lab 14, your part: no answer to "),
            ] {
                let log = "\(broken.layout.logs)/\(component).log"
                _ = try stage.wait("the log of \(component) says \(words)", seconds: 60) {
                    try Files.readText(log).contains(words) ? true : nil
                }
            }
            try stage.kubectl("create", "configmap", "the-rest-works")
        }
    }

    /// A tree of links to the real one, whose pipes lead to these programs.
    private func makeTree(_ place: String) throws {
        let programs = "\(place)/.build/release"
        try Files.makeDirectories(programs)
        let root = rig.layout.root
        for name in ["Sources", "Labs", "Solutions", "Package.swift"] {
            try link("\(root)/\(name)", "\(place)/\(name)")
        }
        for name in try Files.list("\(root)/.build/release") {
            try link("\(root)/.build/release/\(name)", "\(programs)/\(name)")
        }
        for (lab, script) in Self.programs {
            let path = "\(programs)/reference-\(lab)"
            unlink(path)
            try Files.write(script, to: path, mode: 0o755)
        }
    }

    private func link(_ target: String, _ path: String) throws {
        try check("link \(path)") { symlink(target, path) }
    }

    /// In a copy of the tree, one file of lab 10 has an error.
    func compilerIsQuoted() throws {
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-uncompiled-")
        defer { try? Files.removeTree(place) }
        try copySources(to: place)
        let file = try Files.list("\(place)/Labs/10-Rollout").filter { $0.hasSuffix(".swift") }
            .min()
        let path = "\(place)/Labs/10-Rollout/\(file ?? "")"
        let text = try Files.readText(path)
        try Files.write(text + "\nlet mistaken: Int = \"three\"\n", to: path)
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        let layout = Layout(root: place, state: "\(place)/state")
        var wishes = Up.Wishes()
        wishes.mine = ["10"]
        setenv("DRYDOCK_BUILD", "no", 1)  // only the part is built, which never is left out
        defer { unsetenv("DRYDOCK_BUILD") }
        do {
            try Up(wishes, layout, rig.terminal).run()
            try? Down(layout, rig.terminal).run(force: true, purge: true)
            throw LauncherError("a cluster came up on a part that does not compile")
        } catch let error as LauncherError
            where error.description.hasPrefix(
                "lab 10 does not compile, so the cluster can't use it:\n")
            && error.description.contains("\(file ?? ""):\(line):")
            && error.description.contains("error: ")
        {}
        guard try Processes(state: layout.state).all.isEmpty, try RunningDock.find(layout) == nil
        else { throw LauncherError("a cluster runs in spite of it") }
    }

    /// Sources only: what was built belongs to the place where it was built.
    private func copySources(to place: String) throws {
        let names = "Package.swift Package.resolved Labs Solutions Tests Sources"
        let script = "cd \"$1\" && tar --exclude='.build*' -cf - \(names) | tar -C \"$2\" -xf -"
        let result = try capture("sh", ["sh", "-c", script, "sh", rig.layout.root, place])
        guard result.ending.succeeded else {
            throw LauncherError(String(decoding: result.errors, as: UTF8.self))
        }
    }
}
