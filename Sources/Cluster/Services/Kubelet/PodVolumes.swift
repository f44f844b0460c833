import Linux
import Objects
import PodRuntime
import PodWork

/// A pod's volumes: made before anything of it runs, kept in step while it runs.
extension PodWorker {
    /// How often the objects behind volumes are looked at again.
    static let refreshMilliseconds = 20_000

    /// Makes the volumes, or says why one can't be had. The pod waits until all are there.
    func mountVolumes() async -> Bool {
        do {
            _ = try await preparedVolumes(podIP: services.configuration.nodeIP)
            return true
        } catch {
            services.tell(machine.pod, .warning, reason: "FailedMount", "\(error)")
            retryLater(seconds: 2)
            return false
        }
    }

    /// - Returns: the pod with what it gets without asking, the facts and the volumes of this
    ///   moment.
    func preparedVolumes(
        podIP: String
    ) async throws -> (pod: Pod, facts: ContainerFacts, volumes: [String: MountedVolume]) {
        let pod = try outfitted
        let facts = try await facts(pod, podIP: podIP)
        let (volumes, before) = (services.volumes, written)
        let (mounted, after) = try await blocking {
            var written = before
            let mounted = try volumes.prepare(pod, facts, written: &written)
            return (mounted, written)
        }
        written = after
        refreshAt = Clock.monotonicMilliseconds() + Self.refreshMilliseconds
        return (pod, facts, mounted)
    }

    /// Writes again what has changed, at its time. An object that is gone leaves its files as they
    /// are.
    func refreshVolumes() async {
        let now = Clock.monotonicMilliseconds()
        guard now >= refreshAt, machine.sandbox?.isReady == true,
            machine.allContainers.contains(where: { machine.current($0.name)?.state == .running })
        else { return }
        refreshAt = now + Self.refreshMilliseconds
        guard (try? outfitted.spec.volumes?.contains(where: \.isCopy)) == true else { return }
        do {
            _ = try await preparedVolumes(
                podIP: machine.sandbox?.ip ?? services.configuration.nodeIP)
        } catch { services.logger.warning("\(machine.pod.key): \(error)") }
    }

    /// The mounts of one container. A part of a volume is bound below the pod's directory first,
    /// where no container can exchange it.
    func mounts(
        _ container: Container, _ pod: Pod, _ volumes: [String: MountedVolume],
        _ environment: [String]
    ) throws -> [Mount] {
        let directory = subPaths(of: container.name)
        return try (container.volumeMounts ?? []).enumerated().map { index, mount in
            guard var volume = volumes[mount.name] else {
                throw ConfigError("no volume named \"\(mount.name)\" in the pod")
            }
            let text = try mount.subPathExpr.map { expr throws(ConfigError) in
                try expandPath(expr, environment)
            }
            let names = try pathNames(text ?? mount.subPath ?? "", of: "subPath")
            if !names.isEmpty {
                removeMountPoint("\(directory)/\(index)")
                volume.path = try SubPath(names, in: volume.path).mount(
                    in: directory, as: "\(index)")
            }
            return Mount(
                hostPath: volume.path, containerPath: mount.mountPath,
                isReadOnly: volume.isReadOnly || mount.readOnly ?? false)
        }
    }

    /// The container has its own mounts now, or never will.
    func dropSubPaths(of name: String) {
        let directory = subPaths(of: name)
        for index in (try? Files.list(directory)) ?? [] { removeMountPoint("\(directory)/\(index)") }
        rmdir(directory)
    }

    private func subPaths(of name: String) -> String {
        "\(services.volumes.directory(machine.pod))/subpaths/\(name)"
    }
}

extension Volume {
    /// Its files are copies of objects.
    fileprivate var isCopy: Bool {
        configMap != nil || secret != nil || downwardAPI != nil || projected != nil
    }
}
