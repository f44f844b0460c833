import Linux
import PartPipe
import Study

/// Runs the commands of the handouts against the reference and compares what they print.
///
/// A handout is run from its first block to its last in one shell, as a reader would: as root, in namespaces of its
/// own (mount, PID, network, UTS, IPC), in an empty directory, with `lab` on the PATH and the tree in `$DRYDOCK`.
struct Handouts {
    let kit: Kit
    let say: (String) -> Void

    /// All that may hold commands: every lab's handout, the documents, the README.
    func all() -> [String] {
        let labs = kit.labs.map { "Labs/\($0)/README.md" }
        let documents = ((try? Files.list("\(kit.root)/Docs")) ?? []).filter { $0.hasSuffix(".md") }
            .map { "Docs/\($0)" }
        return (labs + documents + ["README.md"]).filter { Files.exists("\(kit.root)/\($0)") }
    }

    struct Outcome {
        var passed = 0
        var broken: [String] = []
        /// Commands of blocks that need what is not here: a cluster, the other version of cgroups.
        var skipped = 0
    }

    private static let secondsMax = 180

    /// Whether this machine has it; nil where that is for the caller to know.
    private static func has(_ need: Handout.Need) -> Bool? {
        let root = "/sys/fs/cgroup"
        switch need {
        case .cluster: return nil
        case .cgroup1: return access("\(root)/freezer", W_OK) == 0
        case .cgroup2:
            // A new group limits memory if its parent, the root, hands the controller on.
            let handedOn = (try? Files.readText("\(root)/cgroup.subtree_control")) ?? ""
            return handedOn.split { $0.isWhitespace }.contains("memory")
        }
    }

    private static func lack(of need: Handout.Need) -> String {
        switch need {
        case .cluster: "no cluster is up"
        case .cgroup1: "this machine has no version 1 of cgroups"
        case .cgroup2: "this machine's version 2 of cgroups has no memory controller to hand on"
        }
    }

    /// - Parameter onCluster: whether the blocks for a cluster are run, instead of all others.
    func run(_ paths: [String], onCluster: Bool) throws -> Outcome {
        var outcome = Outcome()
        for path in paths {
            let handout = Handout(try Files.readText("\(kit.root)/\(path)"))
            let possible = handout.blocks.filter { block in
                block.needs.map { Self.has($0) ?? onCluster } ?? true
            }
            outcome.skipped += handout.blocks.map(\.commands.count).reduce(0, +)
            outcome.skipped -= possible.map(\.commands.count).reduce(0, +)
            for block in handout.blocks {
                guard let need = block.needs, Self.has(need) == false else { continue }
                for command in block.commands {
                    say("  skipped \(path):\(command.line): \(Self.lack(of: need))")
                }
            }
            let chosen = possible.filter { $0.needsCluster == onCluster }
            let commands = chosen.flatMap(\.commands)
            if commands.isEmpty { continue }
            let began = Clock.monotonicMilliseconds()
            let outputs = try outputs(of: commands, onCluster: onCluster)
            var broken: [String] = []
            for (index, command) in commands.enumerated() {
                let seen = index < outputs.count ? outputs[index] : ["(the shell had ended before)"]
                if Handout.matches(seen, command.expected) {
                    outcome.passed += 1
                } else {
                    broken.append(complaint(path, command, seen))
                }
            }
            let seconds = Double((Clock.monotonicMilliseconds() - began) / 100) / 10
            for text in broken { say(text) }
            say(
                "  \(broken.isEmpty ? "holds " : "BROKEN")  \(path): \(counted(commands.count, "command")), \(seconds) s"
            )
            outcome.broken += broken
        }
        return outcome
    }

    private func complaint(_ path: String, _ command: Handout.Command, _ seen: [String]) -> String {
        func lines(_ lines: [String]) -> String {
            lines.prefix(30).map { "      \(ReportText.harmless($0))" }.joined(separator: "\n")
        }
        return """
              \(path):\(command.line): $ \(command.text)
                the handout says:
            \(lines(command.expected))
                it prints:
            \(lines(seen))
            """
    }

    /// What each command prints; fewer than there are commands where the shell ended before.
    private func outputs(of commands: [Handout.Command], onCluster: Bool) throws -> [[String]] {
        let home = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-handout-")
        defer { try? Files.removeTree(home) }
        try Files.makeDirectories("\(home)/bin")
        try Files.makeDirectories("\(home)/work")
        try Files.write(
            "#!/bin/sh\nexec \(kit.root)/Labs/lab \"$@\"\n", to: "\(home)/bin/lab", mode: 0o755)
        try Files.write(script(commands), to: "\(home)/script")
        let output = try Pipe()
        let shell = ["bash", "--noprofile", "--norc", "\(home)/script"]
        let sandbox = [
            "unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child",
            "--mount-proc",
        ]
        let words = onCluster ? shell : sandbox + shell
        let child = try Child.spawn(
            words[0], words, environment: try environment(home, onCluster: onCluster),
            descriptors: [1: output.write.raw, 2: output.write.raw], directory: "\(home)/work",
            newSession: true)
        let text = read(
            output.intoRead(), marks: commands.count + 1,
            until: Clock.monotonicMilliseconds() + 1000 * Self.secondsMax)
        kill(-child.pid, SIGKILL)
        try child.wait()
        return text.split(separator: "\u{1}", omittingEmptySubsequences: false).dropFirst()
            .dropLast()
            .map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The commands as one script, with a mark before the first and after each.
    private func script(_ commands: [Handout.Command]) -> String {
        let mark = "printf '\\001'\n"
        return mark + commands.map { "\($0.text)\n\(mark)" }.joined()
    }

    private func environment(_ home: String, onCluster: Bool) throws -> [String] {
        let state = environmentVariable("DRYDOCK_STATE") ?? "\(kit.root)/.drydock"
        let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
        var variables = [
            "PATH=\(home)/bin:\(state)/tools:\(path):/usr/sbin:/sbin", "HOME=\(home)/work",
            "USER=root", "TERM=dumb",
            "LC_ALL=C.UTF-8", "NO_COLOR=1", "DRYDOCK=\(kit.root)", "DRYDOCK_COMMAND=lab",
            "DRYDOCK_HOME=reference",
            "DRYDOCK_STATE=\(state)",
        ]
        if let place = environmentVariable("DRYDOCK_LABS_SCRATCH") {
            variables.append("DRYDOCK_LABS_SCRATCH=\(place)")
        }
        if onCluster { variables.append("KUBECONFIG=\(try kit.kubeconfig())") }
        return variables
    }

    private func read(
        _ source: consuming FileDescriptor, marks: Int, until end: Int
    ) -> String {
        var (bytes, marks) = ([UInt8](), marks)
        while true {
            let left = end - Clock.monotonicMilliseconds()
            var polled = [pollfd(fd: source.raw, events: Int16(POLLIN), revents: 0)]
            guard left > 0, !Interruption.came, bytes.count < 4 << 20 else { break }
            if poll(&polled, 1, Int32(min(left, 1000))) <= 0 { continue }
            guard let chunk = try? source.read(upTo: 65536), !chunk.isEmpty else { break }
            bytes += chunk
            marks -= chunk.count { $0 == 1 }
            // What still runs in the background after the last command is not waited for.
            if marks <= 0 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
