import JSON
import Linux

/// What is written down about a sandbox.
struct SandboxRecord: Codable {
    var config: PodSandboxConfig
    var ip: String?
    var createdAt: Int
    var isStopped: Bool
}

extension ShimRuntime {
    public func runPodSandbox(_ config: PodSandboxConfig) throws -> String {
        let id = freshID()
        let directory = state.sandbox(id)
        try Files.makeDirectories(directory)
        do {
            let ip = config.hostNetwork ? nil : try allocating.hold { try pool.allocate(for: id) }
            // Written before anything is made: whoever finds a half-made sandbox can take it down.
            try save(
                SandboxRecord(
                    config: config, ip: ip, createdAt: unixNanoseconds(), isStopped: false),
                id)
            if let root = cgroupRoot {
                try Cgroups.bound(
                    "\(root)/\(config.cgroupParent)", processes: config.processesMax ?? 4096,
                    memoryBytes: nil)
            }
            try pinNamespaces(directory, config)
            if let ip { try network.attach(namespace: "\(directory)/ns/net", address: ip) }
            try writeEtc(directory, config, ip: ip)
            try Files.makeDirectories(config.logDirectory)
            return id
        } catch {
            try? stopPodSandbox(id)
            try? removePodSandbox(id)
            throw error
        }
    }

    private func pinNamespaces(_ directory: String, _ config: PodSandboxConfig) throws {
        let sysctls = (config.sysctls ?? [:]).sorted { $0.key < $1.key }
            .flatMap { ["--sysctl", "\($0.key)=\($0.value)"] }
        let pids = config.sharesProcesses == true ? ["--pid", "yes"] : []
        let result = try capture(
            programs.shim,
            [programs.shim, "pin", "--dir", "\(directory)/ns", "--hostname", config.hostname]
                + pids + sysctls)
        guard result.ending.succeeded else {
            throw RuntimeFailure(Self.words(result.errors, else: "shim pin \(result.ending)"))
        }
    }

    private func writeEtc(_ directory: String, _ config: PodSandboxConfig, ip: String?) throws {
        try Files.write(config.hostname + "\n", to: "\(directory)/hostname")
        try Files.write(config.resolvConf, to: "\(directory)/resolv.conf")
        let own = ip.map { "\($0)\t\(config.hostname)\n" } ?? ""
        try Files.write(
            """
            # Kubernetes-managed hosts file.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            \(own)\(config.hostLines ?? "")
            """, to: "\(directory)/hosts")
    }

    public func stopPodSandbox(_ id: String) throws {
        guard var record = try? sandboxRecord(id) else { return }
        for container in try listContainers() where container.sandbox == id {
            if container.state != .exited { try stopContainer(container.id, timeoutSeconds: 0) }
        }
        let directory = state.sandbox(id)
        // A pod on its node's network has no address, and its namespaces are pinned all the same.
        if let ip = record.ip {
            network.detach(address: ip)
            pool.release(ip)
        }
        // With its first process a PID namespace ends.
        endPause(directory)
        for name in ["net", "ipc", "uts", "pid"] { unmountAll("\(directory)/ns/\(name)") }
        record.isStopped = true
        record.ip = nil
        try save(record, id)
    }

    public func removePodSandbox(_ id: String) throws {
        for container in try listContainers() where container.sandbox == id {
            try removeContainer(container.id)
        }
        if let record = try? sandboxRecord(id), let root = cgroupRoot {
            Cgroups.remove("\(root)/\(record.config.cgroupParent)")
        }
        try Files.removeTree(state.sandbox(id))
    }

    public func podSandboxStatus(_ id: String) throws -> PodSandboxStatus {
        let record = try sandboxRecord(id)
        return PodSandboxStatus(
            id: id, config: record.config,
            isReady: !record.isStopped && isWhole(record, state.sandbox(id)), ip: record.ip,
            createdAt: record.createdAt)
    }

    public func listPodSandbox() throws -> [PodSandboxStatus] {
        state.sandboxes.compactMap { id in
            if let status = try? podSandboxStatus(id) { return status }
            // The record is the first thing written; without it nothing else was made.
            try? Files.removeTree(state.sandbox(id))
            return nil
        }
    }

    /// Kills the process that holds the pod's PID namespace, if it has one and it is still that one.
    private func endPause(_ directory: String) {
        guard let pid = pausePID(directory) else { return }
        let handle = clinux_pidfd_open(pid)
        guard handle >= 0 else { return }
        defer { close(handle) }
        if holdsNamespace(pid, directory) { _ = clinux_pidfd_send_signal(handle, SIGKILL) }
    }

    private func pausePID(_ directory: String) -> pid_t? {
        (try? Files.readText("\(directory)/ns/pause")).flatMap { pid_t($0) }
    }

    private func holdsNamespace(_ pid: pid_t, _ directory: String) -> Bool {
        var (pinned, found) = (stat(), stat())
        return stat("\(directory)/ns/pid", &pinned) == 0 && stat("/proc/\(pid)/ns/pid", &found) == 0
            && pinned.st_ino == found.st_ino
    }

    /// Whether all that the pod's processes live in is there.
    private func isWhole(_ record: SandboxRecord, _ directory: String) -> Bool {
        guard isPinned("\(directory)/ns/net") else { return false }
        guard record.config.sharesProcesses == true else { return true }
        return pausePID(directory).map { holdsNamespace($0, directory) } ?? false
    }

    func sandboxRecord(_ id: String) throws -> SandboxRecord {
        try JSON(parsing: Files.read("\(state.sandbox(id))/sandbox.json")).decode()
    }

    private func save(_ record: SandboxRecord, _ id: String) throws {
        try replaceFile("\(state.sandbox(id))/sandbox.json", try JSON(encoding: record).text)
    }
}
