import ContractControlGroups
import Linux
import OCIRuntime

/// Runs a command in a cgroup of its own, below ours, and tells what the kernel counted.
func tryOut(_ words: [String]) throws {
    guard let dashes = words.firstIndex(of: "--"), dashes + 1 < words.count else {
        throw Usage("a command is needed, after --")
    }
    let part = chosenPart()
    let resources = try part.resources(try limits(Array(words[..<dashes])))
    let group = try ControlGroupManager(
        path: nil, id: "cgroups-try-\(getpid())", resources: resources, part: part)
    defer {
        killMembers(of: group)
        group.remove()
    }
    if let complaint = group.complaint { complain("cgroups: \(complaint)") }
    let ending = try group.run(Array(words[(dashes + 1)...]))
    for line in try tell(try group.usage(part)) { print(line) }
    print("the command \(ending)")
}

/// What the command has left running: a group with members can't be removed.
private func killMembers(of group: ControlGroupManager) {
    for directory in group.directories {
        let members = (try? Files.readText("\(directory.path)/cgroup.procs")) ?? ""
        for member in members.split(separator: "\n") {
            if let pid = pid_t(member), pid > 1 { kill(pid, SIGKILL) }
        }
    }
}

private func tell(_ usage: ControlGroupUsage) throws -> [String] {
    var lines: [String] = []
    if let time = usage.cpuMicroseconds { lines.append("processor time: \(time / 1000) ms") }
    if let periods = usage.periods, let throttled = usage.throttledPeriods, periods > 0 {
        let waited = (usage.throttledMicroseconds ?? 0) / 1000
        lines.append("throttled in \(throttled) of \(periods) periods, for \(waited) ms")
    }
    if let bytes = usage.memoryBytes { lines.append("memory still charged: \(bytes) bytes") }
    if let kills = usage.oomKills { lines.append("killed for want of memory: \(kills)") }
    return lines
}
