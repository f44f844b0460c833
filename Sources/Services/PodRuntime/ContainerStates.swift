import JSON
import Linux
import Objects

extension ShimRuntime {
    public func containerStatus(_ id: String) throws -> ContainerStatus {
        let directory = state.container(id)
        let record = try containerRecord(id)
        let pod = try sandboxRecord(record.sandbox)
        var status = ContainerStatus(
            id: id, sandbox: record.sandbox, config: record.config, createdAt: record.createdAt,
            logFile: "\(pod.config.logDirectory)/\(record.config.logPath)")
        if let started = (try? Files.readText("\(directory)/started")).flatMap({ Int($0) }) {
            status.startedAt = started
            status.state = .running
        }
        if let end = ending(id) {
            finish(&status, end, cgroupPath(id, pod.config))
        } else {
            status.pid = (try? Files.readText("\(directory)/pid")).flatMap { Int32($0) }
        }
        return status
    }

    public func listContainers() throws -> [ContainerStatus] {
        state.containers.compactMap { try? containerStatus($0) }
    }

    /// What the shim wrote at the end. Where the shim is gone without a word (killed, or the node
    /// was rebooted) the container is not left alone either: it is killed, and its end is called
    /// unknown.
    private func ending(_ id: String) -> JSON? {
        func read() -> JSON? {
            (try? Files.read(state.exitFile(id))).flatMap { try? JSON(parsing: $0) }
        }
        if let end = startFailure(id) { return end }
        if let end = read() { return end }
        // The shim writes first and lets go of its lock after, so the file is looked for once more.
        if isShimAlive(id) { return nil }
        if let end = read() { return end }
        try? runtime("delete", "--force", id)
        let now = Timestamp(seconds: Clock.unixSeconds()).description
        let end: JSON = [
            "exitCode": 137, "signal": 9, "finishedAt": .string(now), "unknown": true,
        ]
        try? replaceFile(state.exitFile(id), end.text)
        return end
    }

    private func startFailure(_ id: String) -> JSON? {
        (try? Files.read("\(state.container(id))/start-error")).flatMap { try? JSON(parsing: $0) }
    }

    private func isShimAlive(_ id: String) -> Bool {
        // Before the shim has made its lock, which appears locked, the container's creator is still at work on it.
        guard let lock = try? FileDescriptor.open("\(state.container(id))/shim.lock", O_RDWR) else {
            return Files.exists("\(state.container(id))/container.json")
                && !Files.exists("\(state.container(id))/started")
        }
        return flock(lock.raw, LOCK_EX | LOCK_NB) != 0
    }

    private func finish(_ status: inout ContainerStatus, _ end: JSON, _ cgroup: String?) {
        status.state = .exited
        status.exitCode = end["exitCode"]?.int ?? 137
        status.signal = end["signal"]?.int ?? 0
        let at = end["finishedAt"]?.string.flatMap { Timestamp($0) }
        status.finishedAt = at.map { $0.seconds * 1_000_000_000 + $0.nanoseconds } ?? 0
        if let words = end["startError"]?.string {
            (status.reason, status.message) = ("StartError", words)
        } else if end["unknown"]?.bool == true {
            status.reason = "ContainerStatusUnknown"
        } else if status.exitCode == 137, let cgroup, Cgroups.oomKills(cgroup) > 0 {
            status.reason = "OOMKilled"
        } else {
            status.reason = status.exitCode == 0 ? "Completed" : "Error"
        }
    }

    public func containerStats(_ id: String) throws -> ContainerStats {
        let status = try containerStatus(id)
        let pod = try sandboxRecord(status.sandbox).config
        if let path = cgroupPath(id, pod), let stats = Cgroups.stats(path) { return stats }
        guard let pid = status.pid, let stats = ProcessUsage.stats(sharingPIDNamespaceWith: pid)
        else {
            throw RuntimeFailure("container \(id) is not running")
        }
        return stats
    }
}
