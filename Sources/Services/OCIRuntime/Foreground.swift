import Contract
import Linux

extension Containers {
    /// Runs a container from its making to its removal.
    /// - Returns: the program's exit status, or 128 and the signal that ended it.
    public func run(_ id: String, _ options: CreateOptions, detach: Bool) throws -> Int32 {
        if detach {
            try make(id, options, gated: false)
            return 0
        }
        let signals = blockSignals()
        let terminal = try TerminalRelay(unless: options.consoleSocket != nil)
        let record: ContainerRecord
        do {
            record = try make(id, options, gated: false, console: terminal?.theirs)
        } catch {
            terminal?.restore()
            throw error
        }
        try terminal?.begin()
        let ending = waitForwarding(signals, to: record.pid, terminal)
        terminal?.restore()
        try remove(record)
        return ending.code
    }

    /// Waits for `pid` and hands every signal on that this process gets meanwhile.
    func waitForwarding(_ signals: sigset_t, to pid: pid_t, _ terminal: TerminalRelay? = nil)
        -> Child.Ending
    {
        var signals = signals
        while true {
            var status: Int32 = 0
            let answer = waitpid(pid, &status, WNOHANG)
            if answer == pid { return Child.Ending(status: status) }
            if answer == -1, Errno.current == .noChild { return .exited(255) }
            var info = siginfo_t()
            let signal: Int32
            if let terminal {
                signal = terminal.relay(&signals, &info)
            } else {
                signal = sigwaitinfo(&signals, &info)
            }
            if signal == SIGWINCH { terminal?.copyWindowSize() }
            if signal > 0, signal != SIGCHLD { CLinux.kill(pid, signal) }
        }
    }

    /// From here on signals wait to be asked for.
    func blockSignals() -> sigset_t {
        var all = sigset_t()
        sigfillset(&all)
        sigprocmask(SIG_SETMASK, &all, nil)
        return all
    }
}
