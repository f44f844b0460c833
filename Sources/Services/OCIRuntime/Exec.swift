import ContractRuntime
import Linux

extension Containers {
    /// What `exec` is to run, and how.
    public struct ExecOptions {
        public var pidFile: String?
        public var detach = false
        public var consoleSocket: String?
        /// A file with a `process` object.
        public var processFile: String?
        public var arguments: [String] = []
        public var environment: [String] = []
        public var cwd: String?
        public var terminal = false
        /// `UID[:GID]`
        public var user: String?
        public var preservedDescriptors: UInt32 = 0
        public init() {}
    }

    /// Runs another process in a container: its namespaces and cgroups, its limits and filter.
    /// - Returns: the exit status; 0 at once where it is detached.
    public func exec(_ id: String, _ options: ExecOptions) throws -> Int32 {
        let record = try store.load(id)
        _ = try allow(.exec, record)
        let process = try process(for: options, in: record)
        var spec = ContainerSpec(ociVersion: record.ociVersion)
        spec.process = process
        spec.linux = LinuxSpec()
        spec.linux?.namespaces = record.namespaces.map {
            NamespaceRequest($0, path: "/proc/\(record.pid)/ns/\($0.fileName)")
        }
        spec.linux?.seccomp = record.seccomp
        let groups = ControlGroupManager(directories: record.controlGroups)
        var launch = Launch(
            parts: parts, spec: spec, process: process, root: nil,
            controlGroups: groups.directories(beside: record.pid))
        launch.isConfined = record.namespaces.contains(.user) || !isInFirstUserNamespace()
        launch.preservedDescriptors = options.preservedDescriptors
        return try run(launch, options, wantsTerminal: process.terminal ?? false)
    }

    private func run(_ launch: Launch, _ options: ExecOptions, wantsTerminal: Bool) throws -> Int32
    {
        var launch = launch
        let signals = options.detach ? nil : blockSignals()
        let relay = wantsTerminal ? try TerminalRelay(unless: options.consoleSocket != nil) : nil
        if wantsTerminal {
            guard let socket = try options.consoleSocket.map(connect) ?? relay?.theirs else {
                throw RuntimeFailure(
                    "a terminal needs --console-socket, or to run in the foreground on one")
            }
            launch.consoleSocket = socket
        }
        let pid: pid_t
        do {
            pid = try launch.run { _ in }
        } catch {
            relay?.restore()
            throw error
        }
        if let file = options.pidFile {
            try Files.writeAtomically(Array(String(pid).utf8), to: file)
        }
        guard let signals else { return 0 }
        try relay?.begin()
        let ending = waitForwarding(signals, to: pid, relay)
        relay?.restore()
        return ending.code
    }

    private func process(for options: ExecOptions, in record: ContainerRecord) throws -> ProcessSpec
    {
        if let file = options.processFile {
            let json = try readJSON(file)
            try SpecFields.check(json, in: file, at: "process")
            let process = try decodeSpec(ProcessSpec.self, json, file)
            try Bundle.validate(process, in: file)
            return process
        }
        guard !options.arguments.isEmpty else { throw RuntimeFailure("exec: what is to be run?") }
        var process = record.process
        process.args = options.arguments
        process.terminal = options.terminal
        process.env = Environment((process.env ?? []) + options.environment).entries
        if let cwd = options.cwd { process.cwd = cwd }
        if let user = options.user {
            let ids = user.utf8.split(
                separator: UInt8(ascii: ":"), omittingEmptySubsequences: false
            )
            .map { UInt32(Substring($0)) }
            guard let uid = ids.first ?? nil, ids.count < 3, !ids.contains(nil) else {
                throw RuntimeFailure("--user \(user): write it UID or UID:GID")
            }
            process.user = .init(uid: uid, gid: ids.count > 1 ? ids[1]! : 0)
        }
        try Bundle.validate(process, in: "exec")
        return process
    }
}

extension NamespaceKind {
    /// The name in /proc/PID/ns.
    var fileName: String {
        switch self {
        case .mount: "mnt"
        case .network: "net"
        default: rawValue
        }
    }
}
