import Linux

extension ShimRuntime {
    public func execSync(
        _ id: String, _ command: [String], timeoutSeconds: Int
    ) throws -> ExecResult {
        let deadline = Deadline(afterSeconds: timeoutSeconds)
        let pidFile = "\(state.container(id))/exec-\(freshID()).pid"
        defer { try? Files.removeTree(pidFile) }
        let arguments =
            [programs.runtime, "--root", state.runtimeRoot, "exec", "--pid-file", pidFile, id]
            + command
        let output = try Pipe()
        let child = try Child.spawn(
            programs.runtime, arguments, descriptors: [1: output.write.raw, 2: output.write.raw])
        let text = try readUntilEnd(of: child, output.intoRead(), by: deadline)
        guard let text else {
            end(child, pidFile)
            throw RuntimeFailure("command timed out after \(timeoutSeconds) s")
        }
        return ExecResult(exitCode: Int(try child.wait().code), output: text)
    }

    /// What the command prints until it ends; nil when that takes too long. Its end and not the
    /// pipe's: a command may close its outputs and go on, or end and leave them to a child.
    private func readUntilEnd(
        of child: Child, _ output: consuming FileDescriptor, by deadline: Deadline
    ) throws -> String? {
        let process = FileDescriptor(
            owning: try check("pidfd_open \(child.pid)") { clinux_pidfd_open(child.pid) })
        _ = clinux_fcntl(output.raw, F_SETFL, O_NONBLOCK)
        var polled = [
            pollfd(fd: process.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0),
        ]
        var bytes: [UInt8] = []
        while deadline.poll(&polled) {
            let hasEnded = polled[0].revents != 0
            while let chunk = try? output.read(upTo: 4096), !chunk.isEmpty {
                // Only the beginning is of interest to a probe's message.
                if bytes.count < 10_240 { bytes += chunk }
                if deadline.isOver { return nil }
            }
            if hasEnded { return String(decoding: bytes, as: UTF8.self) }
            // At the pipe's end poll(2) would answer at once, again and again.
            if polled[1].revents & Int16(POLLHUP) != 0 { polled[1].fd = -1 }
        }
        return nil
    }

    /// Kills the command in its container and what it started there, then the runtime that waits
    /// for it.
    private func end(_ child: Child, _ pidFile: String) {
        // The runtime may still be on its way to the command; what it starts after us nobody would
        // find.
        _ = eventually(within: 2000) { Files.exists(pidFile) }
        if let pid = (try? Files.readText(pidFile)).flatMap({ pid_t($0) }) {
            CommandProcesses(of: pid).kill()
        }
        if eventually(within: 2000, { (try? child.poll()) != nil }) { return }
        child.signal(SIGKILL)
        _ = eventually(within: 2000) { (try? child.poll()) != nil }
    }
}
