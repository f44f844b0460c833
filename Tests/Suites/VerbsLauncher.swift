import JSON
import Launcher
import Linux
import Tour

// The launcher's own commands on a cluster that is well, and what every program says when asked for help.

extension BadInput {
    static let launcherVerbs = [
        Case(name: "lab status names every component and whose parts run") { test in
            let components = [
                "dock", "raft-1", "raft-3", "apiserver", "scheduler", "rollout", "node-3",
            ]
            let said = try test.lab("status")
            for name in components + ["  kubelet-3", "  proxy-1"] {
                try test.expect(said.output.contains("\n\(name) "), "no \(name): \(said.output)")
            }
            try said.expect(
                status: 0, saying: "COMPONENT       PID      MEMORY     PROGRAM",
                "MiB (proportional)\n", "parts: all the reference's\n")
        },
        Case(name: "lab logs shows a component's log; -f what comes") { test in
            try test.lab("logs", "apiserver").expect(status: 0, saying: "serving on")
            // That of the dock is there, and empty, before anything has died.
            try test.lab("logs", "dock").expect(status: 0)
            try test.lab("kill", "jobs").expect(status: 0, saying: "killed jobs")
            try test.following(
                test.labCommand(["logs", "dock", "-f"]),
                until: ["dock: jobs killed by signal 9", "dock: hpa killed by signal 9"]
            ) {
                try test.lab("kill", "hpa").expect(status: 0, saying: "killed hpa")
            }
            _ = try test.stage().wait("both are back", seconds: 30) {
                try test.lab("status").status == 0 ? true : nil
            }
        },
        Case(name: "lab enter runs a command in a pod, by name and by namespace/name") { test in
            for name in ["twice", "default/twice"] {
                try test.lab("enter", name, "--", "/bin/hostname").expect(
                    status: 0, saying: "twice\n")
                try test.lab("enter", name, "--", "/bin/ls", "/kept").expect(
                    status: 0, saying: "was\n")
            }
            try test.lab("enter", "node-2", "--", "hostname").expect(status: 0, saying: "node-2\n")
        },
        Case(name: "the store answers etcdctl in the dock, and nobody without its certificates") {
            test in
            let words = ["etcdctl", "--command-timeout=3s", "--endpoints"]
            let get = ["get", "/registry/nodes", "--prefix", "--keys-only"]
            func enter(_ place: String, _ words: [String]) throws -> Said {
                try test.run(test.labCommand(["enter", place, "--"] + words))
            }
            try enter("dock", words + ["https://10.88.0.1:2379"] + get).expect(
                status: 0, saying: "/registry/nodes/node-1\n")
            for place in ["dock", "node-1"] {
                let plain =
                    ["env", "-u", "ETCDCTL_CACERT", "-u", "ETCDCTL_CERT", "-u", "ETCDCTL_KEY"]
                    + words
                for url in ["http://10.88.0.1:2379", "https://10.88.0.1:2389"] {
                    let said = try enter(place, plain + [url] + get)
                    try test.expect(
                        said.status != 0 && said.output.isEmpty, "\(place), \(url): \(said.output)")
                }
            }
        },
        Case(name: "the state is its owner's alone", run: ownState),
        Case(name: "lab doctor finds what the cluster runs on, and the cluster") { test in
            let dock = try RunningDock.find(test.layout)?.pid ?? 0
            try test.lab("doctor").expect(
                status: 0, saying: "ok  Debian packages: all there\n",
                "ok  stock peers: all there\n",
                "ok  kubectl: /", "ok  namespaces: can be made\n",
                "ok  cluster: runs, process \(dock)\n")
        },
        Case(name: "a second up with other wishes is refused and names what differs") { test in
            let before = try Processes(state: test.layout.state).all.map(\.pid)
            try test.lab("up", "--nodes", "3", "--mine", "10", "--store", "etcd").expect(
                status: 1,
                errors:
                    "lab: the cluster is running already, without --store etcd (it runs with raft), "
                    + "--mine 10 (it runs with none). Labs/lab down first; what is in the cluster stays"
            )
            try test.lab("up", "--nodes", "3", "--store", "raft").expect(
                status: 0, saying: "The cluster is running already; nothing was changed.\n",
                "Its parts: all the reference's.\n")
            let after = try Processes(state: test.layout.state).all.map(\.pid)
            try test.expect(before == after, "other processes: \(before), then \(after)")
        },
        Case(name: "a kubectl that is too old is passed over, and said aloud", run: oldKubectl),
        Case(name: "--help of every command and every program has an example", run: helps),
    ]

    /// Nobody else gets into the directories, nor could read the files that matter if they did.
    private static func ownState(_ test: BadInput) throws {
        let state = test.layout.state
        func expectClosed(_ path: String) throws {
            var info = stat()
            try check("stat \(path)") { lstat(path, &info) }
            try test.expect(info.st_mode & 0o007 == 0, "\(path) is open to others")
        }
        for name in ["", "run", "logs", "store", "nodes", "layers", "images", "pki", "kubeconfig"] {
            try expectClosed("\(state)/\(name)")
        }
        // Not what images and containers have brought along, nor files without a byte: nodes have some where others
        // are mounted.
        let files = ["config.json", "*.log", "store.sqlite*", "*.key"]
        let names = files.flatMap { ["-o", "-name", $0] }.dropFirst()
        let foreign = ["layers", "upper", "volumes"].flatMap { ["-not", "-path", "*/\($0)/*"] }
        let found = try capture(
            "find", ["find", state, "-type", "f", "-not", "-empty", "("] + names + [")"] + foreign)
        let paths = String(decoding: found.output, as: UTF8.self).split(separator: "\n").map(
            String.init)
        for path in paths where Files.exists(path) { try expectClosed(path) }
        for end in ["/config.json", "/apiserver.log", "/1/store.sqlite-wal", "/client.key"] {
            try test.expect(paths.contains { $0.hasSuffix(end) }, "no \(end) was found")
        }
    }

    /// One of 1.24 comes first on the PATH, and notes what else it is asked.
    private static func oldKubectl(_ test: BadInput) throws {
        let folder = "\(test.layout.state)-old"
        try Files.makeDirectories(folder)
        defer { try? Files.removeTree(folder) }
        let script = """
            #!/bin/sh
            echo "$@" >>'\(folder)/asked'
            echo 'Client Version: version.Info{Major:"1", Minor:"24", GitVersion:"v1.24.17"}'
            """
        try Files.write(script, to: "\(folder)/kubectl", mode: 0o755)
        let path = "PATH=\(folder):\(environmentVariable("PATH") ?? "/usr/bin:/bin")"
        let sentence = "\(folder)/kubectl is 1.24; 1.25 or newer is needed"
        let chosen = try Setup(test.layout, test.terminal).kubectl()
        try test.run(["env", path] + test.labCommand(["up"])).expect(
            status: 0, saying: "\(sentence)\nkubectl is \(chosen)\n", "is running already")
        try test.run(["env", path] + test.labCommand(["doctor"])).expect(
            status: 0, saying: "ok  kubectl: \(sentence); \(chosen)\n")
        let asked = Set(try Files.readText("\(folder)/asked").split(separator: "\n"))
        try test.expect(asked == ["version --client"], "the old one was asked for: \(asked)")
    }

    /// The launcher's own commands, those of the program `study`, and all programs of both packages with theirs.
    private static func helps(_ test: BadInput) throws {
        let study = [
            "list", "start", "check", "watch", "hint", "reset", "diff", "try", "replay", "progress",
            "blame", "prove", "prove-all", "starters", "handouts", "long",
        ].map { ["\(test.layout.root)/Labs/lab", $0] }
        let folders = [
            ("\(test.layout.root)/Sources/Programs", test.layout.program),
            ("\(test.layout.clusterPackage)/Programs", test.layout.clusterProgram),
        ]
        // Parts and references are folders of programs that only others start, and `study` and `proving` are behind Labs/lab.
        let programs = try folders.flatMap { folder, path in
            try Files.list(folder).filter {
                !["Parts", "References", "proving", "study"].contains($0)
            }.map(
                path)
        }
        try test.expect(programs.count > 20, "only \(programs)")
        var lacking: [String] = []
        func ask(_ command: [String]) throws -> String {
            let said = try test.run(
                ["env", "DRYDOCK_ROOT=\(test.layout.root)"] + command + ["--help"])
            let isFine = said.status == 0 && said.output.lowercased().contains("example")
            if !isFine { lacking.append(command.joined(separator: " ")) }
            return said.output
        }
        for command in study { _ = try ask(command) }
        for program in programs {
            for command in subcommands(try ask([program])) { _ = try ask([program, command]) }
        }
        try test.expect(
            lacking.isEmpty, "--help without an example: \(lacking.joined(separator: "; "))")
    }

    /// `serve`, of a line `  serve (default)    Serve until …` below SUBCOMMANDS.
    static func subcommands(_ help: String) -> [String] {
        guard let list = help.firstRange(of: "SUBCOMMANDS:\n") else { return [] }
        return help[list.upperBound...].split(separator: "\n").prefix { !$0.contains("See '") }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split { " ,".contains($0) }.first.map(String.init) }
    }
}
