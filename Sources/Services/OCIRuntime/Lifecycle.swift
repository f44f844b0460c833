import ContractRuntime
import JSON
import Linux

extension Containers {
    /// Lets a created container's program begin.
    public func start(_ id: String) throws {
        let record = try store.load(id)
        _ = try allow(.start, record)
        let gate = store.startGate(id)
        let opened = clinux_open(gate, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0)
        if opened < 0 {
            let errno = Errno.current
            if errno == Errno(rawValue: ENXIO) { throw WrongState(.start, in: .stopped) }
            throw SystemError("open \(gate)", errno)
        }
        let file = FileDescriptor(owning: opened)
        try file.write([1])
        try check("unlink \(gate)") { unlink(gate) }
    }

    /// The state as the specification prints it.
    public func state(_ id: String) throws -> JSON {
        let record = try store.load(id)
        let state = store.state(of: record)
        return [
            "ociVersion": .string(record.ociVersion), "id": .string(id),
            "pid": JSON(state == .stopped ? 0 : Int(record.pid)), "status": .string(state.rawValue),
            "bundle": .string(record.bundle), "rootfs": .string(record.rootfs),
            "created": .string(record.created), "annotations": JSON(record.annotations),
            "owner": "",
        ]
    }

    /// All containers' states, in the order of their ids.
    public func list() -> [JSON] { store.ids().compactMap { try? state($0) } }

    /// Sends a signal to the container's process, or to all that are in its cgroup.
    public func kill(_ id: String, signal: Int32, all: Bool) throws {
        let record = try store.load(id)
        if all {
            let members = ControlGroupManager(directories: record.controlGroups).members()
            if !members.isEmpty {
                for pid in members { CLinux.kill(pid, signal) }
                return
            }
        }
        _ = try allow(.kill, record)
        try check("signal container \(id)") { send(signal, to: record) ? 0 : -1 }
    }

    /// Removes what is left of a stopped container. One that waits to be started is ended first.
    /// - Parameter force: end a running one, and take a missing one for removed.
    public func delete(_ id: String, force: Bool) throws {
        if force, !Files.exists(store.directory(id)) { return try ContainerStore.validate(id) }
        let record: ContainerRecord
        do { record = try store.load(id) } catch {
            // A directory without a state is what a runtime left that was killed amid `create`.
            if force { return try store.remove(id) }
            throw error
        }
        let state = store.state(of: record)
        // The runtime was killed amid `create`, and its process died with it.
        if state == .creating, force { return try remove(record) }
        if state != .stopped, force || state == .created {
            _ = send(SIGKILL, to: record)
            try waitForEnd(record)
        }
        _ = try allow(.delete, record)
        try remove(record)
    }

    /// Removes a stopped container's cgroups and record.
    func remove(_ record: ContainerRecord) throws {
        let groups = ControlGroupManager(directories: record.controlGroups)
        // Where the PID namespace was shared, the end of the first process was not the end of the
        // others.
        // Where the container was not made to its end, its groups may be others': those are busy.
        if record.pid != 0 {
            for pid in groups.members() { CLinux.kill(pid, SIGKILL) }
        }
        let left = groups.remove()
        try store.remove(record.id)
        if let first = left.first {
            throw RuntimeFailure("container \(record.id) is deleted, but cgroup \(first) is busy")
        }
    }

    /// What the state becomes, or `WrongState`.
    func allow(_ operation: Operation, _ record: ContainerRecord) throws -> ContainerState {
        let state = store.state(of: record)
        do { return try parts.runtime.state(after: operation, in: state) } catch let error
            as WrongState
        {
            throw RuntimeFailure("container \(record.id): \(error)")
        }
    }

    /// False, with errno, where the process is gone. The number may have been given to another
    /// meanwhile, so the process is held by a pidfd before its start time is compared.
    private func send(_ signal: Int32, to record: ContainerRecord) -> Bool {
        let handle = clinux_pidfd_open(record.pid)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        guard ProcessStat(record.pid)?.startTime == record.processStartTime else { return false }
        return clinux_pidfd_send_signal(handle, signal) == 0
    }

    private func waitForEnd(_ record: ContainerRecord) throws {
        for attempt in 0..<1000 {
            if store.state(of: record) == .stopped { return }
            if attempt == 20 { ControlGroupManager(directories: record.controlGroups).thaw() }
            usleep(attempt < 20 ? 500 : 10_000)
        }
        throw RuntimeFailure(
            "container \(record.id): process \(record.pid) did not end within 10 s of SIGKILL")
    }
}
