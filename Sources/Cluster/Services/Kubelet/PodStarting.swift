import Linux
import Objects
import PodRuntime
import PodWork

/// Starting one container: image, configuration, creation, start; each with its own words when it
/// fails.
extension PodWorker {
    /// True when a container was started, or tried.
    func start(_ name: String, attempt: Int) async -> Bool {
        guard let container = machine.container(name), let sandbox = machine.sandbox else {
            return false
        }
        let pod = machine.pod
        guard let image = await image(for: container, pod) else { return true }
        let config: ContainerConfig
        do {
            config = try await configuration(container, image, sandbox: sandbox, attempt: attempt)
        } catch {
            fail(name, reason: "CreateContainerConfigError", "\(error)")
            return true
        }
        let runtime = services.runtime
        defer { dropSubPaths(of: name) }
        do {
            let id = try await blocking { try runtime.createContainer(sandbox.id, config) }
            containerIDs.insert(id)
            services.tell(pod, reason: "Created", "Created container: \(name)", container: name)
            do { try await blocking { try runtime.startContainer(id) } } catch {
                // It has ended with 128, and is tried again like any other that ended.
                machine.failedToRun(name, message: "\(error)")
                services.tell(
                    pod, .warning, reason: "Failed", "Error: \(error)", container: name)
                return true
            }
            services.tell(pod, reason: "Started", "Started container \(name)", container: name)
            machine.started(name)
            if attempt == 0 { tellOfDroppedLimits(container, pod) }
            removeOldLogs(name, attempt: attempt)
            await postStart(container, id)
        } catch {
            fail(name, reason: "CreateContainerError", "\(error)")
        }
        return true
    }

    /// An ordinary user's nodes have no cgroups: the container runs without its limits, and its user is told.
    private func tellOfDroppedLimits(_ container: Container, _ pod: Pod) {
        let limits = container.resources?.limits ?? [:]
        if services.configuration.cgroupRoot != nil || limits.isEmpty { return }
        services.tell(
            pod, .warning, reason: "LimitsNotEnforced",
            "This node has no cgroups, so these limits are not enforced: "
                + limits.keys.sorted().joined(separator: ", "), container: container.name)
    }

    private func fail(_ name: String, reason: String, _ message: String) {
        machine.failedToStart(name, reason: reason, message: message, now: Clock.unixSeconds())
        services.tell(
            machine.pod, .warning, reason: "Failed", "Error: \(message)", container: name)
    }

    /// The image by the container's pull policy; nil, and the failure noted, where it can't be had.
    private func image(for container: Container, _ pod: Pod) async -> ImageStatus? {
        let (images, reference) = (services.images, container.image ?? "")
        let policy =
            container.imagePullPolicy
            ?? (reference.hasSuffix(":latest") || !reference.contains(":")
                ? "Always" : "IfNotPresent")
        do {
            if policy != "Always",
                let found = try await blocking({ try images.imageStatus(reference) })
            {
                services.tell(
                    pod, reason: "Pulled",
                    "Container image \"\(reference)\" already present on machine",
                    container: container.name)
                return found
            }
            if policy == "Never" {
                fail(
                    container.name, reason: "ErrImageNeverPull",
                    "Container image \"\(reference)\" is not present with pull policy of Never")
                return nil
            }
            services.tell(
                pod, reason: "Pulling", "Pulling image \"\(reference)\"", container: container.name)
            let began = Clock.monotonicMilliseconds()
            let image = try await blocking { try images.pullImage(reference) }
            let took = "\(Clock.monotonicMilliseconds() - began)ms"
            services.tell(
                pod, reason: "Pulled",
                "Successfully pulled image \"\(reference)\" in \(took) (\(took) including waiting). "
                    + "Image size: \(image.sizeBytes) bytes.", container: container.name)
            return image
        } catch {
            let message = "Failed to pull image \"\(reference)\": \(error)"
            services.tell(pod, .warning, reason: "Failed", message, container: container.name)
            services.tell(
                pod, .warning, reason: "Failed", "Error: ErrImagePull", container: container.name)
            machine.failedToStart(
                container.name, reason: "ErrImagePull", message: "\(error)",
                now: Clock.unixSeconds())
            return nil
        }
    }

    private func configuration(
        _ container: Container, _ image: ImageStatus, sandbox: PodSandboxStatus, attempt: Int
    ) async throws -> ContainerConfig {
        let (pod, facts, volumes) = try await preparedVolumes(
            podIP: sandbox.ip ?? services.configuration.nodeIP)
        let container = pod.spec.everyContainer.first { $0.name == container.name } ?? container
        let environment = try environment(
            of: container, in: pod, image: image.environment, facts: facts)
        let command = commandLine(container, image: image, environment)
        if command.isEmpty { throw ConfigError("no command specified") }
        var config = ContainerConfig(
            name: container.name, attempt: attempt, image: container.image ?? "",
            imageID: image.id, layers: image.layers,
            process: ProcessConfig(
                arguments: command, environment: environment,
                directory: container.workingDir ?? image.workingDirectory),
            logPath: "\(container.name)/\(attempt).log")
        config.mounts = try mounts(container, pod, volumes, environment)
        config.mounts.append(try lastWordsMount(container, attempt: attempt))
        config.resources = linuxResources(
            container, qos: qosClass(pod.spec), nodeMemoryBytes: NodeFacts.memoryBytes)
        config.resources.oomScoreAdjustment = config.resources.oomScoreAdjustment
            .map { max($0, NodeFacts.oomScoreMin) }
        config.security = try security(container, pod, image)
        config.stopSignal =
            SignalNames.number(of: image.stopSignal).flatMap { $0 > 0 ? $0 : nil } ?? SIGTERM
        return config
    }

    /// The container's own word goes before the pod's, and both before the image's.
    private func security(
        _ container: Container, _ pod: Pod, _ image: ImageStatus
    ) throws -> LinuxSecurity {
        let (own, shared) = (container.securityContext, pod.spec.securityContext)
        let fromImage = try lookUpUser(image.user, layers: image.layers)
        let uid = own?.runAsUser ?? shared?.runAsUser ?? fromImage.uid
        if uid == 0, own?.runAsNonRoot ?? shared?.runAsNonRoot == true {
            throw ConfigError(
                "container has runAsNonRoot and image will run as root (pod: \"\(machine.fullName)\", "
                    + "container: \(container.name))")
        }
        let profile = own?.seccompProfile ?? shared?.seccompProfile
        if profile?.type == "Localhost" {
            throw ConfigError(
                "seccompProfile \(profile?.localhostProfile ?? ""): this node keeps no profiles of its own; "
                    + "use type RuntimeDefault or Unconfined")
        }
        return LinuxSecurity(
            uid: uid, gid: own?.runAsGroup ?? shared?.runAsGroup ?? fromImage.gid,
            supplementalGroups: (shared?.supplementalGroups ?? [])
                + (shared?.fsGroup.map { [$0] } ?? []),
            isPrivileged: own?.privileged ?? false,
            isRootReadOnly: own?.readOnlyRootFilesystem ?? false,
            noNewPrivileges: own?.allowPrivilegeEscalation == false,
            addCapabilities: own?.capabilities?.add ?? [],
            dropCapabilities: own?.capabilities?.drop ?? [],
            seccomp: SeccompChoice(rawValue: profile?.type ?? ""))
    }

    private func postStart(_ container: Container, _ id: String) async {
        guard let hook = container.lifecycle?.postStart else { return }
        let answer = await run(hook, container, id, seconds: 30)
        if answer.succeeded { return }
        services.tell(
            machine.pod, .warning, reason: "FailedPostStartHook",
            "PostStartHook failed: \(answer.message)", container: container.name)
        await stop(id, container.name, deletionSeconds: nil)
    }

    /// Two logs a container are kept: of this run and of the one before.
    private func removeOldLogs(_ name: String, attempt: Int) {
        guard attempt >= 2 else { return }
        let old = "\(services.logDirectory(machine.pod))/\(name)/\(attempt - 2).log"
        try? Files.removeTree(old)
        try? Files.removeTree("\(old).1")
    }
}
