import ContractNamespaces
import JSON
import Linux

/// The operations of the OCI runtime specification, on the containers below one root directory.
public struct Containers {
    let store: ContainerStore
    let parts: RuntimeParts
    /// Takes remarks that are no errors.
    let note: (String) -> Void

    public init(root: String, parts: RuntimeParts, note: @escaping (String) -> Void) {
        (store, self.parts, self.note) = (ContainerStore(root: root), parts, note)
    }

    /// How a container is to be made.
    public struct CreateOptions {
        public var bundle = "."
        public var pidFile: String?
        public var consoleSocket: String?
        public var preservedDescriptors: UInt32 = 0
        public init() {}
    }

    /// Sets the container up to where its program could start, and leaves it waiting there.
    public func create(_ id: String, _ options: CreateOptions) throws {
        try make(id, options, gated: true)
    }

    /// Sets the container up and starts its program at once.
    /// - Returns: what is now on record of it.
    @discardableResult
    func make(_ id: String, _ options: CreateOptions, gated: Bool, console: Int32? = nil) throws
        -> ContainerRecord
    {
        let bundle = try Bundle(path: options.bundle)
        let process = bundle.spec.process!
        let wantsTerminal = process.terminal ?? false
        if wantsTerminal, options.consoleSocket == nil, console == nil {
            throw RuntimeFailure(
                "process.terminal is true: name a socket for the terminal with --console-socket")
        }
        if let names = process.capabilities { _ = try parts.runtime.capabilities(names) }
        if let profile = bundle.spec.linux?.seccomp { _ = try parts.runtime.seccompRules(profile) }
        try store.claim(id)
        do {
            return try launch(id, bundle, options, gated: gated, console: console)
        } catch {
            try? store.remove(id)
            throw error
        }
    }

    private func launch(
        _ id: String, _ bundle: Bundle, _ options: CreateOptions, gated: Bool, console: Int32?
    ) throws -> ContainerRecord {
        let linux = bundle.spec.linux
        let plan = try ControlGroupPlan(
            path: linux?.cgroupsPath, id: id, resources: linux?.resources, extra: bundle.extra)
        // Written down before it is made: `delete --force` finds it, wherever this process is killed.
        try store.save(record(id, 0, bundle, plan.groups.map(\.directory)))
        let groups = try ControlGroupManager(plan, parts.controlGroups)
        if let complaint = groups.complaint { note(complaint) }
        do {
            var launch = Launch(
                parts: parts, spec: bundle.spec, process: bundle.spec.process!,
                root: try root(bundle, groups), controlGroups: groups.directories)
            launch.isConfined = isConfined(bundle)
            launch.preservedDescriptors = options.preservedDescriptors
            if gated { launch.startGate = try makeStartGate(id) }
            if bundle.spec.process?.terminal ?? false {
                launch.consoleSocket = try console ?? connect(options.consoleSocket!)
            }
            var record: ContainerRecord!
            let pid = try launch.run { pid in
                record = self.record(id, pid, bundle, groups.directories)
                try store.save(record)
            }
            if let file = options.pidFile {
                try Files.writeAtomically(Array(String(pid).utf8), to: file)
            }
            return record
        } catch {
            groups.remove()
            throw error
        }
    }

    /// Whether the container is in a user namespace, its own or one that we are in already.
    private func isConfined(_ bundle: Bundle) -> Bool {
        (bundle.spec.linux?.namespaces ?? []).contains { $0.type == .user }
            || !isInFirstUserNamespace()
    }

    private func root(_ bundle: Bundle, _ groups: ControlGroupManager) throws -> RootPlan {
        let namespaces = bundle.spec.linux?.namespaces ?? []
        func isNew(_ kind: NamespaceKind) -> Bool {
            namespaces.contains { $0.type == kind && $0.path == nil }
        }
        let plan = MountPlan(
            bundle: bundle.path, controlGroups: groups.directories,
            hasNewControlGroupNamespace: isNew(.cgroup), bindsDevices: isConfined(bundle))
        return try plan.root(rootfs: bundle.rootfs, bundle.spec)
    }

    /// A FIFO that the process reads one byte from. Open in both directions, so that opening never
    /// waits.
    private func makeStartGate(_ id: String) throws -> Int32 {
        let path = store.startGate(id)
        try check("mkfifo \(path)") { mkfifo(path, 0o600) }
        return try FileDescriptor.open(path, O_RDWR).release()
    }

    func connect(_ path: String) throws -> Int32 {
        try check("connect to console socket \(path)") { clinux_connect_unix(path) }
    }

    private func record(
        _ id: String, _ pid: pid_t, _ bundle: Bundle, _ groups: [ControlGroupDirectory]
    ) -> ContainerRecord {
        ContainerRecord(
            ociVersion: bundle.spec.ociVersion, id: id, pid: pid,
            processStartTime: ProcessStat(pid)?.startTime ?? 0, bundle: bundle.path,
            rootfs: bundle.rootfs, created: timestampNow(),
            annotations: bundle.spec.annotations ?? [:],
            controlGroups: groups,
            namespaces: (bundle.spec.linux?.namespaces ?? []).map(\.type),
            process: bundle.spec.process!, seccomp: bundle.spec.linux?.seccomp)
    }
}
