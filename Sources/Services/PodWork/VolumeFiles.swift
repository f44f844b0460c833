import Objects

/// A file that a volume is to have.
public struct VolumeFile: Hashable, Sendable {
    /// Below the volume's directory: at least one name, none of them `.` or `..`.
    public var path: [String]
    public var bytes: [UInt8]
    /// 0 … 0o777
    public var mode: Int

    public init(path: [String], bytes: [UInt8], mode: Int) {
        (self.path, self.bytes, self.mode) = (path, bytes, mode)
    }
}

/// The names of a relative path, as the kernel parts it. Bytes: to a `Character` a slash before a
/// combining mark is none.
public func pathNames(_ text: String, of field: String) throws(ConfigError) -> [String] {
    let names = text.utf8.split(separator: UInt8(ascii: "/")).compactMap { String($0) }
        .filter { $0 != "." }
    if text.utf8.first == UInt8(ascii: "/") || text.utf8.contains(0) {
        throw ConfigError("invalid \(field) \(text): must be a relative path")
    }
    if names.contains("..") { throw ConfigError("invalid \(field) \(text): must not contain '..'") }
    return names
}

/// What the objects that a volume is made of put into it, in the order of their paths; nil for a
/// volume that is no copy of objects.
/// - Throws: what the pod names and what is not there.
public func volumeFiles(
    _ volume: Volume, of pod: Pod, _ facts: ContainerFacts
) throws(ConfigError) -> [VolumeFile]? {
    var making = VolumeMaking(pod: pod, facts: facts)
    if let source = volume.configMap {
        making.defaultMode = source.defaultMode
        try making.add(
            facts.configMaps, "configmap", source.name, source.items, source.optional ?? false)
    } else if let source = volume.secret {
        making.defaultMode = source.defaultMode
        try making.add(
            facts.secrets, "secret", source.secretName, source.items, source.optional ?? false)
    } else if let source = volume.downwardAPI {
        making.defaultMode = source.defaultMode
        for item in source.items ?? [] { try making.add(item) }
    } else if let source = volume.projected {
        making.defaultMode = source.defaultMode
        for projection in source.sources ?? [] { try making.add(projection) }
    } else {
        return nil
    }
    return making.files.values.sorted { $0.path.lexicographicallyPrecedes($1.path) }
}

/// One volume's files as they come together.
private struct VolumeMaking {
    let pod: Pod
    let facts: ContainerFacts
    var defaultMode: Int?
    var files: [[String]: VolumeFile] = [:]

    mutating func add(_ projection: Projection) throws(ConfigError) {
        if let source = projection.configMap {
            try add(
                facts.configMaps, "configmap", source.name, source.items, source.optional ?? false)
        }
        if let source = projection.secret {
            try add(facts.secrets, "secret", source.name, source.items, source.optional ?? false)
        }
        for item in projection.downwardAPI?.items ?? [] { try add(item) }
        if let source = projection.serviceAccountToken {
            guard let token = facts.tokens[TokenRequest(source)] else {
                throw ConfigError("no token for service account \"\(pod.spec.account)\" to be had")
            }
            try put(source.path, Array(token.utf8), nil)
        }
        if let other = projection.others.keys.min() {
            throw ConfigError("projected source \(other) is not supported by this node")
        }
    }

    /// All keys of a ConfigMap or Secret, or those that `items` names.
    mutating func add(
        _ objects: [String: [String: [UInt8]]], _ kind: String, _ name: String?,
        _ items: [Volume.KeyToPath]?, _ isOptional: Bool
    ) throws(ConfigError) {
        guard let name, let data = objects[name] else {
            if isOptional { return }
            throw ConfigError("\(kind) \"\(name ?? "")\" not found")
        }
        guard let items else {
            for (key, bytes) in data { try put(key, bytes, nil) }
            return
        }
        for item in items {
            guard let bytes = data[item.key] else {
                if isOptional { continue }
                throw ConfigError("\(kind) references non-existent \(kind) key: \(item.key)")
            }
            try put(item.path, bytes, item.mode)
        }
    }

    mutating func add(_ item: Volume.DownwardAPIFile) throws(ConfigError) {
        if let field = item.fieldRef {
            let text = try fieldText(field.fieldPath, pod, facts)
            try put(item.path, Array(text.utf8), item.mode)
        } else if let resource = item.resourceFieldRef {
            let container = pod.spec.everyContainer.first { $0.name == resource.containerName }
            guard let container else {
                throw ConfigError("container \(resource.containerName ?? "") not found")
            }
            let amount = try resourceValue(resource, of: container, facts)
            try put(item.path, Array(amount.utf8), item.mode)
        }
    }

    private mutating func put(_ path: String, _ bytes: [UInt8], _ mode: Int?) throws(ConfigError) {
        let names = try pathNames(path, of: "path")
        // Names with two dots in front are the volume's own: `..data`.
        guard let first = names.first, !first.utf8.starts(with: "..".utf8) else {
            throw ConfigError("invalid path \(path): must name a file, and not begin with '..'")
        }
        let mode = mode ?? defaultMode ?? 0o644
        guard (0...0o777).contains(mode) else {
            throw ConfigError(
                "invalid mode \(mode) of \(path): must be a number between 0 and 0777")
        }
        // A group that owns the pod's volumes may read them, as the kubelet sees to it.
        let isForGroup = pod.spec.securityContext?.fsGroup != nil
        files[names] = VolumeFile(path: names, bytes: bytes, mode: isForGroup ? mode | 0o440 : mode)
    }
}

extension PodSpec {
    /// Init containers first.
    public var everyContainer: [Container] { (initContainers ?? []) + containers }
    public var account: String { serviceAccountName ?? "default" }
}

/// Which token a pod asks for, beside its own account.
public struct TokenRequest: Hashable, Sendable {
    /// Empty for the API server's own.
    public var audience: String
    public var seconds: Int

    public init(_ source: Projection.TokenSource) {
        audience = source.audience ?? ""
        seconds = min(max(600, source.expirationSeconds ?? 3600), 1 << 32)
    }
}
