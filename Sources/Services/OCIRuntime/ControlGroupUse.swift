import ContractControlGroups
import Linux

extension ControlGroupManager {
    /// What the kernel has counted for the group, as part 02 reads it.
    public func usage(_ part: any ControlGroupsPart) throws -> ControlGroupUsage {
        let names = [
            "cpu.stat", "cpuacct.usage", "memory.usage_in_bytes", "memory.current", "memory.stat",
            "memory.oom_control", "memory.events", "pids.current",
        ]
        var text: [String: String] = [:]
        for directory in directories {
            for name in names where text[name] == nil {
                text[name] = try? Files.readText("\(directory.path)/\(name)")
            }
        }
        let version: ControlGroupVersion = directories.contains { $0.version == 2 } ? .v2 : .v1
        return try part.readUsage(ControlGroupFiles(version: version, text: text))
    }

    /// Runs a program as a member of the group, to its end.
    public func run(_ command: [String]) throws -> Child.Ending {
        let members = try directories.map {
            try FileDescriptor.open($0.membersFile, O_WRONLY).release()
        }
        defer { for file in members { close(file) } }
        let pid = try check("fork") { clinux_fork() }
        if pid == 0 {
            for file in members { _ = write(file, "0", 1) }
            withCStrings(command) { argv in _ = execvp(command[0], argv) }
            let line = Array("\(command[0]): \(Errno.current)\n".utf8)
            _ = write(2, line, line.count)
            clinux_exit_now(127)
        }
        return try Child(pid: pid).wait()
    }
}
