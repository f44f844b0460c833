import JSON
import Launcher
import Linux
import Tour

// What befalls the host: two clusters on it, a launcher that is killed, a disk that is full.

extension BadInput {
    static let hostCases = [
        Case(name: "two clusters on one host know nothing of each other", run: twoClusters),
        Case(
            name: "a state directory on an overlay: the state goes elsewhere, said aloud",
            run: unfitPlace),
        Case(
            name:
                "what a cluster keeps is its owner's alone, in a directory that others may enter, too",
            run: othersLook),
        Case(name: "two ups at once make one cluster", run: twoUps),
        Case(name: "a launcher that is killed halfway: the next up works", run: killLauncher),
        Case(name: "a full disk: writes refused, reads served, well again with room") {
            try fullDisk($0)
        },
    ]

    private static func twoClusters(_ test: BadInput) throws {
        let first = try Processes(state: test.layout.state).all.map(\.pid)
        try test.kubectl("create", "configmap", "of-the-first").expect(status: 0, saying: "created")
        try test.withState("second") { other in
            try test.lab("up", "--nodes", "1", state: other.state).expect(
                status: 0, saying: "1 node Ready after")
            try test.kubectl("get", "configmap", "of-the-first", state: other.state).expect(
                status: 1,
                errors: "Error from server (NotFound): configmaps \"of-the-first\" not found")
            try test.kubectl("get", "configmap", "of-the-first").expect(status: 0, saying: "of-the")
            try test.lab("down", "--force", state: other.state).expect(
                status: 0, saying: "The cluster is down.\n")
        }
        let now = try Processes(state: test.layout.state).all.map(\.pid)
        try test.expect(first == now, "the first cluster's processes: \(first), then \(now)")
        try test.kubectl("get", "nodes").expect(status: 0, saying: "node-3   Ready")
    }

    /// In a mount namespace that has an overlay, as the root of any container is one.
    private static func unfitPlace(_ test: BadInput) throws {
        guard geteuid() == 0 else { throw Skip("mounting an overlay takes root") }
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-place-")
        defer { rmdir(place) }
        let script = """
            set -e
            mount -t tmpfs none \(place) && cd \(place) && mkdir l u w m
            mount -t overlay none -o lowerdir=l,upperdir=u,workdir=w m
            export DRYDOCK_STATE=\(place)/m/state
            \(test.lab) up --nodes 1
            local=$(readlink m/state)
            trap "\(test.lab) down --force --purge; rm -rf $local" EXIT
            [ -f $local/run/dock.json ] && echo the state is local
            kubectl --kubeconfig m/state/kubeconfig get nodes
            \(test.lab) up --nodes 1
            """
        // kubectl as `lab up` chose it.
        let directory = try Setup(test.layout, test.terminal).kubectl().split(separator: "/")
            .dropLast()
        let path =
            "/" + directory.joined(separator: "/") + ":" + (environmentVariable("PATH") ?? "")
        try test.run(["env", "PATH=\(path)", "unshare", "-m", "sh", "-c", script]).expect(
            status: 0,
            saying:
                "\(place)/m/state is on overlay, which carries neither overlay nor SQLite's WAL: the cluster's state lies in ",
            "1 node Ready after", "the state is local", "node-1   Ready",
            "The cluster is running already; nothing was changed.", "The cluster is down.")
    }

    /// The store has Secrets, a container's config.json its variables, a log whatever a program says.
    private static func othersLook(_ test: BadInput) throws {
        guard geteuid() == 0 else { throw Skip("looking with another user's eyes takes root") }
        let state = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-shared-")
        defer { try? Files.removeTree(state) }
        try check("chmod \(state)") { chmod(state, 0o755) }
        try Files.write("not the cluster's", to: "\(state)/notes.txt")
        defer { _ = try? test.lab("down", "--force", "--purge", state: state) }
        try test.lab("up", "--nodes", "1", state: state).expect(
            status: 0, saying: "1 node Ready after")
        try test.kubectl(
            "run", "p", "--image=drydock/busybox", "--env=SECRET=x", "--restart=Never", "--", "env",
            state: state
        ).expect(status: 0, saying: "created")
        _ = try test.stage().wait("the pod has said its variables", seconds: 30) {
            try test.kubectl("logs", "p", state: state).output.contains("SECRET=x") ? true : nil
        }
        let looking = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let found = try test.run(looking + ["find", state, "-type", "f", "-readable"]).output
        let readable = found.split(separator: "\n").filter { !$0.hasPrefix("\(state)/tools/") }
        try test.expect(readable == ["\(state)/notes.txt"], "others may read \(readable)")
    }

    private static func twoUps(_ test: BadInput) throws {
        try test.withState("twice") { other in
            let command = test.labCommand(["up", "--nodes", "1"], state: other.state)
            let output = try Pipe()
            let first = try Child.spawn(
                command[0], command, descriptors: [1: output.write.raw, 2: output.write.raw])
            let second = try test.run(command)
            let said = String(decoding: try output.intoRead().readToEnd(), as: UTF8.self)
            try Said(status: try first.wait().code, output: said, errors: "").expect(status: 0)
            try second.expect(status: 0)
            for line in ["1 node Ready after", "The cluster is running already"] {
                let count = [said, second.output].count { $0.contains(line) }
                try test.expect(count == 1, "\(count) said \(line):\n\(said)\n\(second.output)")
            }
            let members = try Processes(state: other.state).all.filter { $0.component == "raft-1" }
            try test.expect(members.count == 1, "\(members.count) processes are raft-1")
        }
    }

    /// Killed in the middle of making keys and images, and again while it waits for the nodes.
    private static func killLauncher(_ test: BadInput) throws {
        try test.withState("killed") { other in
            let command = test.labCommand(["up", "--nodes", "1"], state: other.state)
            try killed(command) { Files.exists("\(other.state)/pki") }
            try test.expect(try RunningDock.find(other) == nil, "the dock ran too early")
            try killed(command) { try RunningDock.find(other) != nil }
            // The dock goes with its launcher; gone or not yet, when the next up returns, the node is Ready.
            try test.run(command).expect(status: 0, saying: "cluster ")
            try test.kubectl("get", "nodes", state: other.state).expect(
                status: 0, saying: "node-1   Ready")
            try test.lab("down", state: other.state).expect(status: 0, saying: "is down.\n")
            try test.run(command).expect(status: 0, saying: "1 node Ready after")
        }
    }

    private static func killed(_ command: [String], when isTime: () throws -> Bool) throws {
        let output = try FileDescriptor.open("/dev/null", O_WRONLY)
        let launcher = try Child.spawn(
            command[0], command, descriptors: [1: output.raw, 2: output.raw])
        let end = Clock.monotonicMilliseconds() + 20_000
        while try !isTime(), Clock.monotonicMilliseconds() < end { usleep(2000) }
        launcher.signal(SIGKILL)
        _ = try launcher.wait()
    }

    /// The store on a file system of its own, 48 MiB, which only this dock's mount namespace has.
    private static func fullDisk(_ test: BadInput) throws {
        try test.withState("full") { other in
            let store = "\(other.state)/store"
            try Files.makeDirectories(store)
            let mount = "mount -t tmpfs -o size=48m tmpfs '\(store)' && exec \"$@\""
            let command = test.labCommand(["up", "--nodes", "1"], state: other.state)
            try test.run(["unshare", "--mount", "sh", "-c", mount, "sh"] + command).expect(
                status: 0, saying: "1 node Ready after")
            func inDock(_ words: [String]) throws -> Said {
                try test.run(try Inside(other).enterCommand("dock", words))
            }
            let kubectl = { try test.kubectl("create", "configmap", $0, state: other.state) }
            try kubectl("before").expect(status: 0, saying: "created")
            _ = try inDock(["dd", "if=/dev/zero", "of=\(store)/ballast", "bs=4096"])
            let refused = try firstRefusal(test, other)
            try refused.expect(status: 1, saying: "no room on the disk")
            try test.kubectl("get", "configmap", "before", state: other.state).expect(
                status: 0, saying: "before")
            try inDock(["rm", "\(store)/ballast"]).expect(status: 0)
            _ = try test.stage().wait("writes are taken again", seconds: 20) {
                try kubectl("after").status == 0 ? true : nil
            }
            try test.kubectl("get", "configmap", "before", state: other.state).expect(
                status: 0, saying: "before")
        }
    }

    /// What is left in the store's files may take some writes more.
    private static func firstRefusal(_ test: BadInput, _ other: Layout) throws -> Said {
        let text = String(repeating: "x", count: 100_000)
        for number in 1...60 {
            let said = try test.kubectl(
                "create", "configmap", "big-\(number)", "--from-literal=text=\(text)",
                state: other.state)
            if said.status != 0 { return said }
        }
        throw LauncherError("60 writes of 100 kB were taken by a full disk")
    }
}
