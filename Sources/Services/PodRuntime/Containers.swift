import JSON
import Linux
import Objects

/// What is written down about a container when it is created.
struct ContainerRecord: Codable {
    var config: ContainerConfig
    var sandbox: String
    var createdAt: Int
}

extension ShimRuntime {
    public func createContainer(_ sandbox: String, _ config: ContainerConfig) throws -> String {
        let pod = try sandboxRecord(sandbox)
        let id = freshID()
        let directory = state.container(id)
        try Files.makeDirectories(directory)
        do {
            let record = ContainerRecord(
                config: config, sandbox: sandbox, createdAt: unixNanoseconds())
            try replaceFile("\(directory)/container.json", try JSON(encoding: record).text)
            try roots.mount(layers: config.layers, in: directory)
            let spec = OCIConfig(
                container: config, namespaces: namespaces(sandbox, pod.config),
                hasOwnProcesses: pod.config.hostPID != true && pod.config.sharesProcesses != true,
                cgroupPath: cgroupPath(id, pod.config), etc: etc(sandbox, config),
                countsSwap: cgroupRoot.map(Cgroups.countsSwap) ?? false)
            try Files.write(spec.json.text, to: "\(directory)/config.json", mode: 0o600)
            return id
        } catch {
            try? removeContainer(id)
            throw error
        }
    }

    private func startShim(_ id: String, log: String) throws {
        try Files.makeDirectories(String(log[..<(log.lastIndex(of: "/") ?? log.endIndex)]))
        let result = try capture(
            programs.shim,
            [
                programs.shim, "--runtime", programs.runtime, "--root", state.runtimeRoot,
                "--bundle", state.container(id), "--id", id, "--log", log,
                "--exit-file", state.exitFile(id), "--log-bytes-max", "\(logBytesMax)",
            ])
        guard result.ending.succeeded else {
            throw RuntimeFailure(Self.words(result.errors, else: "shim \(result.ending)"))
        }
    }

    private func namespaces(
        _ sandbox: String, _ pod: PodSandboxConfig
    ) -> [(kind: String, path: String)] {
        let directory = "\(state.sandbox(sandbox))/ns"
        var kinds = pod.hostNetwork ? [] : [("network", "net"), ("uts", "uts")]
        if pod.hostIPC != true { kinds.append(("ipc", "ipc")) }
        if pod.sharesProcesses == true { kinds.append(("pid", "pid")) }
        return kinds.map { ($0, "\(directory)/\($1)") }
    }

    /// The files below /etc that belong to the pod rather than to the image.
    private func etc(_ sandbox: String, _ config: ContainerConfig) -> [Mount] {
        let covered = Set(config.mounts.map(\.containerPath))
        return ["hosts", "hostname", "resolv.conf"]
            .filter { !covered.contains("/etc/\($0)") }
            .map {
                Mount(hostPath: "\(state.sandbox(sandbox))/\($0)", containerPath: "/etc/\($0)")
            }
    }

    func cgroupPath(_ id: String, _ pod: PodSandboxConfig) -> String? {
        cgroupRoot.map { "\($0)/\(pod.cgroupParent)/\(id)" }
    }

    private func logFile(_ pod: PodSandboxConfig, _ config: ContainerConfig) -> String {
        "\(pod.logDirectory)/\(config.logPath)"
    }

    /// Where the container's program can't be started the container has ended all the same, as containerd has it:
    /// with 128, `StartError` and the runtime's words.
    public func startContainer(_ id: String) throws {
        let record = try containerRecord(id)
        let pod = try sandboxRecord(record.sandbox)
        do {
            try startShim(id, log: logFile(pod.config, record.config))
            try runtime("start", id)
        } catch {
            try? endUnstarted(id, "\(error)")
            throw error
        }
        try replaceFile("\(state.container(id))/started", "\(unixNanoseconds())")
    }

    private func endUnstarted(_ id: String, _ message: String) throws {
        let now = Timestamp(seconds: Clock.unixSeconds()).description
        let end: JSON = [
            "exitCode": 128, "signal": 0, "finishedAt": .string(now),
            "startError": .string(message),
        ]
        // First in a file that no shim writes: it may still be about to tell of the process that is killed here.
        try replaceFile("\(state.container(id))/start-error", end.text)
        if Files.exists("\(state.runtimeRoot)/\(id)") { try? runtime("delete", "--force", id) }
        try replaceFile(state.exitFile(id), end.text)
    }

    func containerRecord(_ id: String) throws -> ContainerRecord {
        try JSON(parsing: Files.read("\(state.container(id))/container.json")).decode()
    }

    public func stopContainer(_ id: String, timeoutSeconds: Int) throws {
        let status = try containerStatus(id)
        if status.state == .exited { return }
        let deadline = Deadline(afterSeconds: timeoutSeconds)
        if timeoutSeconds > 0, status.state == .running {
            try? runtime("kill", id, "\(status.config.stopSignal)")
            if waitForExit(id, until: deadline) { return }
        }
        // A process in the middle of a system call may take its time even now.
        do { try runtime("kill", id, "9") } catch {
            if try containerStatus(id).state == .exited { return }
            throw error
        }
        guard waitForExit(id, until: Deadline(afterSeconds: 10)) else {
            throw RuntimeFailure("container \(id): still there 10 s after SIGKILL")
        }
    }

    private func waitForExit(_ id: String, until deadline: Deadline) -> Bool {
        while !Files.exists(state.exitFile(id)) {
            if deadline.isOver { return false }
            usleep(5000)
        }
        return true
    }

    public func removeContainer(_ id: String) throws {
        let directory = state.container(id)
        guard Files.exists(directory) else { return }
        if Files.exists("\(state.runtimeRoot)/\(id)") { try? runtime("delete", "--force", id) }
        roots.unmount(in: directory)
        try Files.removeTree(directory)
        try Files.removeTree(state.exitFile(id))
    }
}
