import JSON
import Linux

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
                cgroupPath: cgroupPath(id, pod.config), etc: etc(sandbox, config),
                countsSwap: cgroupRoot.map(Cgroups.countsSwap) ?? false)
            try Files.write(spec.json.text, to: "\(directory)/config.json", mode: 0o600)
            try startShim(id, log: logFile(pod.config, config))
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
        if pod.hostNetwork { return [("ipc", "\(directory)/ipc")] }
        return [
            ("network", "\(directory)/net"), ("ipc", "\(directory)/ipc"),
            ("uts", "\(directory)/uts"),
        ]
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

    public func startContainer(_ id: String) throws {
        try runtime("start", id)
        try replaceFile("\(state.container(id))/started", "\(unixNanoseconds())")
    }

    public func stopContainer(_ id: String, timeoutSeconds: Int) throws {
        let status = try containerStatus(id)
        if status.state == .exited { return }
        let deadline = Clock.monotonicMilliseconds() + timeoutSeconds * 1000
        if timeoutSeconds > 0, status.state == .running {
            try? runtime("kill", id, "\(status.config.stopSignal)")
            if waitForExit(id, until: deadline) { return }
        }
        // A process in the middle of a system call may take its time even now.
        do { try runtime("kill", id, "9") } catch {
            if try containerStatus(id).state == .exited { return }
            throw error
        }
        guard waitForExit(id, until: Clock.monotonicMilliseconds() + 10_000) else {
            throw RuntimeFailure("container \(id): still there 10 s after SIGKILL")
        }
    }

    private func waitForExit(_ id: String, until deadline: Int) -> Bool {
        while !Files.exists(state.exitFile(id)) {
            if Clock.monotonicMilliseconds() >= deadline { return false }
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

    public func execSync(
        _ id: String, _ command: [String], timeoutSeconds: Int
    ) throws -> ExecResult {
        let arguments = [programs.runtime, "--root", state.runtimeRoot, "exec", id] + command
        let output = try Pipe()
        let child = try Child.spawn(
            programs.runtime, arguments, descriptors: [1: output.write.raw, 2: output.write.raw])
        let text = readWithin(
            seconds: timeoutSeconds, output.intoRead(), child)
        guard let text else {
            throw RuntimeFailure("command timed out after \(timeoutSeconds) s")
        }
        return ExecResult(exitCode: Int(try child.wait().code), output: text)
    }

    /// All that the child prints until it closes its end; nil, and the child is gone, when it takes
    /// too long.
    private func readWithin(
        seconds: Int, _ output: consuming FileDescriptor, _ child: Child
    ) -> String? {
        let deadline = Clock.monotonicMilliseconds() + seconds * 1000
        var bytes: [UInt8] = []
        while true {
            var polled = pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0)
            let left = deadline - Clock.monotonicMilliseconds()
            if left <= 0 || poll(&polled, 1, Int32(left)) <= 0 {
                child.signal(SIGKILL)
                _ = try? child.wait()
                return nil
            }
            guard let chunk = try? output.read(upTo: 4096), !chunk.isEmpty else { break }
            // Only the beginning is of interest to a probe's message.
            if bytes.count < 10_240 { bytes += chunk }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
