import Linux

/// Process 1 of the dock or of a node: keeps its components running and reaps everybody else's orphans.
///
/// One thread and one loop: wait for a signal or for the next restart that is due. SIGCHLD says that
/// something ended, SIGTERM that it is time to stop.
public struct Supervisor {
    private struct Entry {
        let component: DockSpec.Component
        var child: Child?
        var startedAt = 0
        var restarts = Restarts()
        /// When to start it (again), in monotonic milliseconds.
        var dueAt: Int? = 0
    }

    private var entries: [Entry]
    private let state: String
    /// Where this supervisor writes what it does: `dock` or the node's name.
    private let name: String
    private var signals = sigset_t()
    /// While the launcher holds it.
    private var leash: Leash?
    private static let leashMilliseconds = 50

    init(
        name: String, state: String, components: [DockSpec.Component], leash: Leash? = nil
    ) {
        (self.name, self.state, self.leash) = (name, state, leash)
        entries = components.map { Entry(component: $0) }
        sigemptyset(&signals)
        for signal in [SIGCHLD, SIGTERM, SIGINT] { sigaddset(&signals, signal) }
        // Blocked, a signal waits for sigtimedwait; even process 1, which ignores what it does not
        // handle, gets it then.
        sigprocmask(SIG_BLOCK, &signals, nil)
    }

    /// Runs until SIGTERM, then stops the components, the last started first, and returns.
    public mutating func run(started: () -> Void) {
        startWhatIsDue()
        started()
        while true {
            let signal = waitForSignal(milliseconds: untilNextRestart())
            reap()
            if signal == SIGTERM || signal == SIGINT { break }
            obeyLeash()
            startWhatIsDue()
        }
        stopAll()
    }

    private mutating func obeyLeash() {
        switch leash?.look() {
        case .released: leash = nil
        case .broken:
            log("the launcher died before the cluster was Ready, and so ends the cluster")
            // No orderly stop: nothing was promised to anybody yet, and nobody waits.
            exit(1)
        case .held, nil: break
        }
    }

    private func waitForSignal(milliseconds: Int) -> Int32 {
        var timeout = timespec(
            tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        var signals = self.signals
        return sigtimedwait(&signals, nil, &timeout)
    }

    private func untilNextRestart() -> Int {
        let due = entries.compactMap(\.dueAt).min() ?? .max
        let longest = leash == nil ? 60_000 : Self.leashMilliseconds
        return max(0, min(due - Clock.monotonicMilliseconds(), longest))
    }

    private mutating func startWhatIsDue() {
        let now = Clock.monotonicMilliseconds()
        for index in entries.indices {
            guard let due = entries[index].dueAt, due <= now else { continue }
            entries[index].dueAt = nil
            entries[index].startedAt = now
            do {
                entries[index].child = try start(entries[index].component)
            } catch {
                log("\(entries[index].component.name): \(error)")
                entries[index].dueAt =
                    now + entries[index].restarts.ended(afterRunningMilliseconds: 0)
            }
        }
    }

    private func start(_ component: DockSpec.Component) throws(SystemError) -> Child {
        let log = try FileDescriptor.open(
            "\(state)/logs/\(component.name).log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        var descriptors: [Int32: Int32] = [1: log.raw, 2: log.raw]
        for descriptor in component.descriptors { descriptors[descriptor] = descriptor }
        let environment =
            [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "DRYDOCK_STATE=\(state)", "DRYDOCK_COMPONENT=\(component.name)",
                // A crash report over a large core can take minutes; the log has the last words.
                "SWIFT_BACKTRACE=enable=no",
            ] + component.environment
        return try Child.spawn(
            component.command[0], component.command, environment: environment,
            descriptors: descriptors)
    }

    /// Collects every process that has ended: the components, and orphans that became ours.
    private mutating func reap() {
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            guard let index = entries.firstIndex(where: { $0.child?.pid == pid }) else { continue }
            let now = Clock.monotonicMilliseconds()
            let delay = entries[index].restarts.ended(
                afterRunningMilliseconds: now - entries[index].startedAt)
            entries[index].child = nil
            entries[index].dueAt = now + delay
            let name = entries[index].component.name
            log("\(name) \(Child.Ending(status: status)); started again in \(delay) ms")
        }
    }

    private mutating func stopAll() {
        for index in entries.indices { entries[index].dueAt = nil }
        for index in entries.indices.reversed() {
            guard let child = entries[index].child else { continue }
            child.signal(SIGTERM)
            let end = Clock.monotonicMilliseconds() + 2000
            while entries[index].child != nil, Clock.monotonicMilliseconds() < end {
                _ = waitForSignal(milliseconds: 50)
                reap()
                for other in entries.indices { entries[other].dueAt = nil }
            }
        }
    }

    /// One line into the supervisor's own log.
    private func log(_ text: String) {
        let line = "\(Clock.unixSeconds()) \(name): \(text)\n"
        if let file = try? FileDescriptor.open(
            "\(state)/logs/\(name).log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        {
            try? file.write(Array(line.utf8))
        }
    }
}
