import Contract
import JSON
import Linux

/// The runtime's command line, which is runc's.
public struct RuntimeCommand {
    private var root = defaultRoot()
    private var log = RuntimeLog()
    private var parts: RuntimeParts

    public init(parts: RuntimeParts) { self.parts = parts }

    /// Runs one command. Does not return.
    public mutating func main(_ arguments: [String]) -> Never {
        do {
            exit(try run(arguments))
        } catch {
            log.error("\(error)")
            exit(error is UsageError ? 2 : 1)
        }
    }

    private mutating func run(_ arguments: [String]) throws -> Int32 {
        var reader = ArgumentReader(arguments)
        var root = self.root
        var log = self.log
        var isDone = false
        try reader.options(
            flags: [
                "--debug": { log.isVerbose = true },
                "--systemd-cgroup": { log.wantsSystemd = true },
                "--help": {
                    print(helpText)
                    isDone = true
                },
                "-h": {
                    print(helpText)
                    isDone = true
                },
                "--version": {
                    print(versionText)
                    isDone = true
                },
                "-v": {
                    print(versionText)
                    isDone = true
                },
            ],
            values: [
                "--root": { root = $0 }, "--log": { log.path = $0 },
                "--log-format": { log.isJSON = $0 == "json" }, "--rootless": { _ in },
                "--criu": { _ in }, "--cgroup-manager": { log.wantsSystemd = $0 == "systemd" },
            ])
        (self.root, self.log) = (root, log)
        if isDone { return 0 }
        if log.wantsSystemd {
            throw RuntimeFailure(
                "systemd as cgroup manager is not supported: this runtime makes cgroups itself")
        }
        guard let command = reader.rest.first else {
            print(helpText)
            return 2
        }
        reader = ArgumentReader(reader.rest.dropFirst())
        parts.takeFromEnvironment { log.info($0) }
        return try run(command, &reader)
    }

    private func run(_ command: String, _ reader: inout ArgumentReader) throws -> Int32 {
        let log = self.log
        let containers = Containers(root: root, parts: parts) { log.info($0) }
        // From here on nothing of the host may be left to what will be in the container.
        if ["create", "run", "exec"].contains(command) { try OwnProgram.protect() }
        switch command {
        case "create": return try create(containers, &reader)
        case "run": return try runContainer(containers, &reader)
        case "start":
            try reader.options(flags: [:], values: [:])
            try containers.start(try lastWord("the container's id", &reader))
        case "state":
            try reader.options(flags: [:], values: [:])
            print(
                try containers.state(try lastWord("the container's id", &reader)).prettyText,
                terminator: "")
        case "kill": try kill(containers, &reader)
        case "delete":
            var force = false
            try reader.options(
                flags: ["--force": { force = true }, "-f": { force = true }], values: [:])
            try containers.delete(try lastWord("the container's id", &reader), force: force)
        case "exec": return try exec(containers, &reader)
        case "list": try list(containers, &reader)
        case "spec": try writeSpec(&reader)
        case "features": print(features.prettyText, terminator: "")
        default: throw UsageError("unknown command \"\(command)\"")
        }
        return 0
    }

    private func lastWord(_ what: String, _ reader: inout ArgumentReader) throws -> String {
        let word = try reader.word(what)
        try reader.end()
        return word
    }
}

// MARK: Commands with options of their own

extension RuntimeCommand {
    private func createOptions(
        _ reader: inout ArgumentReader, flags: [String: () -> Void] = [:]
    ) throws -> Containers.CreateOptions {
        var options = Containers.CreateOptions()
        let ignored: [String: () -> Void] = [
            "--no-pivot": {}, "--no-new-keyring": {}, "--keep": {}, "--no-subreaper": {},
        ]
        try reader.options(
            flags: flags.merging(ignored) { own, _ in own },
            values: [
                "--bundle": { options.bundle = $0 }, "-b": { options.bundle = $0 },
                "--pid-file": { options.pidFile = $0 },
                "--console-socket": { options.consoleSocket = $0 },
                "--preserve-fds": { options.preservedDescriptors = try descriptorCount($0) },
            ])
        try closeInherited(but: options.preservedDescriptors)
        return options
    }

    private func create(_ containers: Containers, _ reader: inout ArgumentReader) throws -> Int32 {
        let options = try createOptions(&reader)
        try containers.create(try lastWord("the container's id", &reader), options)
        return 0
    }

    private func runContainer(_ containers: Containers, _ reader: inout ArgumentReader) throws
        -> Int32
    {
        var detach = false
        let options = try createOptions(
            &reader, flags: ["--detach": { detach = true }, "-d": { detach = true }])
        return try containers.run(
            try lastWord("the container's id", &reader), options, detach: detach)
    }

    private func kill(_ containers: Containers, _ reader: inout ArgumentReader) throws {
        var all = false
        let flags = ["--all": { all = true }, "-a": { all = true }]
        try reader.options(flags: flags, values: [:])
        let id = try reader.word("the container's id")
        // `kill --all ID KILL` and `kill ID KILL --all` are both met.
        var words = Array(reader.rest)
        words.removeAll {
            if flags[$0] != nil { all = true }
            return flags[$0] != nil
        }
        guard words.count <= 1 else { throw UsageError("\"\(words[1])\" is one word too many") }
        let name = words.first ?? "TERM"
        guard let signal = SignalNames.number(of: name) else {
            throw UsageError("\"\(name)\" is no signal")
        }
        try containers.kill(id, signal: signal, all: all)
    }

    private func exec(_ containers: Containers, _ reader: inout ArgumentReader) throws -> Int32 {
        var options = Containers.ExecOptions()
        try reader.options(
            flags: [
                "--detach": { options.detach = true }, "-d": { options.detach = true },
                "--tty": { options.terminal = true }, "-t": { options.terminal = true },
            ],
            values: [
                "--pid-file": { options.pidFile = $0 }, "--process": { options.processFile = $0 },
                "-p": { options.processFile = $0 }, "--cwd": { options.cwd = $0 },
                "--env": { options.environment.append($0) },
                "-e": { options.environment.append($0) },
                "--user": { options.user = $0 }, "-u": { options.user = $0 },
                "--console-socket": { options.consoleSocket = $0 },
                "--preserve-fds": { options.preservedDescriptors = try descriptorCount($0) },
            ])
        try closeInherited(but: options.preservedDescriptors)
        let id = try reader.word("the container's id")
        options.arguments = Array(reader.rest.first == "--" ? reader.rest.dropFirst() : reader.rest)
        return try containers.exec(id, options)
    }

    private func list(_ containers: Containers, _ reader: inout ArgumentReader) throws {
        var format = "table"
        var quiet = false
        try reader.options(
            flags: ["--quiet": { quiet = true }, "-q": { quiet = true }],
            values: ["--format": { format = $0 }, "-f": { format = $0 }])
        try reader.end()
        let states = containers.list()
        if quiet {
            for state in states { print(state["id"]?.string ?? "") }
        } else if format == "json" {
            print(JSON.array(states).text)
        } else {
            print(table(states))
        }
    }
}

private func descriptorCount(_ text: String) throws -> UInt32 {
    guard let count = UInt32(text), count < 1 << 20 else {
        throw UsageError("--preserve-fds \(text) is no count")
    }
    return count
}

/// Whatever the caller had open, and did not ask for to be handed on, is closed before a path of the container's could
/// lead to it through /proc/self/fd.
private func closeInherited(but count: UInt32) throws {
    try check("close_range") { clinux_close_from(3 + count) }
}

/// As runc: the rows of `list`.
private func table(_ states: [JSON]) -> String {
    let columns = ["id", "pid", "status", "bundle", "created"]
    func cell(_ state: JSON, _ name: String) -> String {
        state[name]?.string ?? state[name]?.int.map { "\($0)" } ?? ""
    }
    let rows =
        [columns.map { $0.uppercased() }] + states.map { state in columns.map { cell(state, $0) } }
    let widths = columns.indices.map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
    return rows.map { row in
        row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].utf8.count) }
            .joined(separator: "   ")
    }.joined(separator: "\n")
}

/// `/run/drydock/runtime`, or for an ordinary user a directory of theirs.
private func defaultRoot() -> String {
    if geteuid() == 0 { return "/run/drydock/runtime" }
    return (environmentVariable("XDG_RUNTIME_DIR") ?? "/tmp/drydock-\(geteuid())") + "/runtime"
}
