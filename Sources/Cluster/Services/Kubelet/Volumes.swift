import Client
import Linux
import Objects
import PodRuntime
import PodWork

/// Makes a pod's volumes below `pods/UID/volumes` and says where each is.
struct Volumes: Sendable {
    let root: String

    func directory(_ pod: Pod) -> String { "\(root)/pods/\(pod.metadata.uid ?? "")" }

    /// - Returns: the volume's path on the node, by its name in the pod.
    func prepare(_ pod: Pod, _ facts: ContainerFacts) throws -> [String: String] {
        var paths: [String: String] = [:]
        for volume in pod.spec.volumes ?? [] {
            paths[volume.name] = try prepare(volume, pod, facts)
        }
        return paths
    }

    private func prepare(_ volume: Volume, _ pod: Pod, _ facts: ContainerFacts) throws -> String {
        if let host = volume.hostPath {
            if host.type == "DirectoryOrCreate" { try Files.makeDirectories(host.path) }
            return host.path
        }
        let path = "\(directory(pod))/volumes/\(volume.name)"
        let isNew = !Files.exists(path)
        try Files.makeDirectories(path)
        if let map = volume.configMap {
            try write(
                facts.configMaps[map.name], map.items, to: path, mode: map.defaultMode,
                "configmap \"\(map.name)\" not found", isOptional: map.optional ?? false)
        } else if let secret = volume.secret {
            try write(
                facts.secrets[secret.secretName], secret.items, to: path, mode: secret.defaultMode,
                "secret \"\(secret.secretName)\" not found", isOptional: secret.optional ?? false)
        } else if isNew {
            if volume.emptyDir?.medium == "Memory" {
                try mountMemory(path, volume.emptyDir?.sizeLimit)
            }
            chmod(path, 0o777)
        }
        return path
    }

    private func mountMemory(_ path: String, _ limit: Quantity?) throws {
        let options = limit.map { "size=\($0.units)" } ?? ""
        try check("mount tmpfs on \(path)") { mount("tmpfs", path, "tmpfs", 0, options) }
    }

    private func write(
        _ data: [String: String]?, _ items: [Volume.KeyToPath]?, to path: String, mode: Int?,
        _ missing: String, isOptional: Bool
    ) throws {
        guard let data else {
            if isOptional { return }
            throw ConfigError(missing)
        }
        let wanted: [(key: String, path: String, mode: Int?)] =
            items?.map { ($0.key, $0.path, $0.mode) } ?? data.keys.sorted().map { ($0, $0, nil) }
        for item in wanted {
            guard let text = data[item.key] else {
                throw ConfigError("references non-existent config key: \(item.key)")
            }
            let file = "\(path)/\(item.path)"
            guard !item.path.split(separator: "/").contains("..") else {
                throw ConfigError("invalid path \(item.path): must not contain '..'")
            }
            if let slash = file.lastIndex(of: "/") {
                try Files.makeDirectories(String(file[..<slash]))
            }
            try Files.writeAtomically(
                Array(text.utf8), to: file, mode: mode_t(item.mode ?? mode ?? 0o644))
        }
    }

    /// Takes the pod's volumes away, all but what is the node's own.
    func remove(_ uid: String) throws {
        let path = "\(root)/pods/\(uid)"
        for name in (try? Files.list("\(path)/volumes")) ?? [] {
            while umount2("\(path)/volumes/\(name)", Int32(MNT_DETACH)) == 0 {}
        }
        try Files.removeTree(path)
    }
}
