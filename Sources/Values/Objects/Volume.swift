import JSON

/// A directory of a pod, and where what is in it comes from: one of the sources is set.
public struct Volume: Hashable, Sendable {
    public var name: String
    public var emptyDir: EmptyDir?
    public var hostPath: HostPath?
    public var configMap: ConfigMapSource?
    public var secret: SecretSource?
    public var downwardAPI: DownwardAPISource?
    public var projected: ProjectedSource?
    /// Sources that the kit has no type for, as they were written: `persistentVolumeClaim`, `nfs`,
    /// `csi` …
    public var others: [String: JSON] = [:]

    public struct EmptyDir: Codable, Hashable, Sendable {
        public var medium: String?
        public var sizeLimit: Quantity?
    }
    public struct HostPath: Codable, Hashable, Sendable {
        public var path: String
        public var type: String?
    }
    public struct KeyToPath: Codable, Hashable, Sendable {
        public var key: String
        public var path: String
        @Count public var mode: Int?
    }
    public struct ConfigMapSource: Codable, Hashable, Sendable {
        public var name: String?
        public var items: [KeyToPath]?
        @Count public var defaultMode: Int?
        public var optional: Bool?
    }
    public struct SecretSource: Codable, Hashable, Sendable {
        public var secretName: String?
        public var items: [KeyToPath]?
        @Count public var defaultMode: Int?
        public var optional: Bool?
    }
    public struct DownwardAPISource: Codable, Hashable, Sendable {
        public var items: [DownwardAPIFile]?
        @Count public var defaultMode: Int?
    }
    /// A file made of one of the pod's own fields.
    public struct DownwardAPIFile: Codable, Hashable, Sendable {
        public var path: String
        public var fieldRef: EnvVar.FieldRef?
        public var resourceFieldRef: ResourceFieldRef?
        @Count public var mode: Int?
    }
    /// Several sources in one directory; a later one goes before an earlier.
    public struct ProjectedSource: Codable, Hashable, Sendable {
        public var sources: [Projection]?
        @Count public var defaultMode: Int?
        public init(sources: [Projection]) { self.sources = sources }
    }
}

/// One of a projected volume's sources.
public struct Projection: Hashable, Sendable {
    public var configMap: MapSource?
    public var secret: MapSource?
    public var downwardAPI: Volume.DownwardAPISource?
    public var serviceAccountToken: TokenSource?
    /// Sources that the kit has no type for.
    public var others: [String: JSON] = [:]

    public struct MapSource: Codable, Hashable, Sendable {
        public var name: String?
        public var items: [Volume.KeyToPath]?
        public var optional: Bool?
    }
    public struct TokenSource: Codable, Hashable, Sendable {
        public var path: String
        public var audience: String?
        @Seconds public var expirationSeconds: Int?
        public init(path: String, expirationSeconds: Int) {
            self.path = path
            self.expirationSeconds = expirationSeconds
        }
    }
    public init() {}
}

/// What a container asks for or may have, as a number: `requests.cpu` in units of `divisor`.
public struct ResourceFieldRef: Codable, Hashable, Sendable {
    /// Only in a volume, and there needed.
    public var containerName: String?
    public var resource: String
    public var divisor: Quantity?
}

// Codable by hand, since the names of the sources that have no type are not known beforehand.

extension Volume: Codable {
    public init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: AnyKey.self)
        name = try all.decode(String.self, forKey: AnyKey("name"))
        emptyDir = try all.decodeIfPresent(EmptyDir.self, forKey: AnyKey("emptyDir"))
        hostPath = try all.decodeIfPresent(HostPath.self, forKey: AnyKey("hostPath"))
        configMap = try all.decodeIfPresent(ConfigMapSource.self, forKey: AnyKey("configMap"))
        secret = try all.decodeIfPresent(SecretSource.self, forKey: AnyKey("secret"))
        downwardAPI = try all.decodeIfPresent(DownwardAPISource.self, forKey: AnyKey("downwardAPI"))
        projected = try all.decodeIfPresent(ProjectedSource.self, forKey: AnyKey("projected"))
        let known = [
            "name", "emptyDir", "hostPath", "configMap", "secret", "downwardAPI", "projected",
        ]
        others = try all.others(beside: known)
    }

    public func encode(to encoder: any Encoder) throws {
        var all = encoder.container(keyedBy: AnyKey.self)
        try all.encode(name, forKey: AnyKey("name"))
        try all.encodeIfPresent(emptyDir, forKey: AnyKey("emptyDir"))
        try all.encodeIfPresent(hostPath, forKey: AnyKey("hostPath"))
        try all.encodeIfPresent(configMap, forKey: AnyKey("configMap"))
        try all.encodeIfPresent(secret, forKey: AnyKey("secret"))
        try all.encodeIfPresent(downwardAPI, forKey: AnyKey("downwardAPI"))
        try all.encodeIfPresent(projected, forKey: AnyKey("projected"))
        for (key, value) in others { try all.encode(value, forKey: AnyKey(key)) }
    }
}

extension Projection: Codable {
    public init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: AnyKey.self)
        configMap = try all.decodeIfPresent(MapSource.self, forKey: AnyKey("configMap"))
        secret = try all.decodeIfPresent(MapSource.self, forKey: AnyKey("secret"))
        downwardAPI = try all.decodeIfPresent(
            Volume.DownwardAPISource.self, forKey: AnyKey("downwardAPI"))
        serviceAccountToken = try all.decodeIfPresent(
            TokenSource.self, forKey: AnyKey("serviceAccountToken"))
        others = try all.others(
            beside: ["configMap", "secret", "downwardAPI", "serviceAccountToken"])
    }

    public func encode(to encoder: any Encoder) throws {
        var all = encoder.container(keyedBy: AnyKey.self)
        try all.encodeIfPresent(configMap, forKey: AnyKey("configMap"))
        try all.encodeIfPresent(secret, forKey: AnyKey("secret"))
        try all.encodeIfPresent(downwardAPI, forKey: AnyKey("downwardAPI"))
        try all.encodeIfPresent(serviceAccountToken, forKey: AnyKey("serviceAccountToken"))
        for (key, value) in others { try all.encode(value, forKey: AnyKey(key)) }
    }
}

/// A member's name that no type knows.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
    fileprivate func others(beside known: [String]) throws -> [String: JSON] {
        var others: [String: JSON] = [:]
        for key in allKeys where !known.contains(key.stringValue) {
            let value = try decode(JSON.self, forKey: key)
            if value != .null { others[key.stringValue] = value }
        }
        return others
    }
}

extension PodSpec {
    /// A line of a pod's /etc/hosts.
    public struct HostAlias: Codable, Hashable, Sendable {
        public var ip: String?
        public var hostnames: [String]?
    }

    /// What is added to a pod's /etc/resolv.conf, or all of it with `dnsPolicy: None`.
    public struct DNSConfig: Codable, Hashable, Sendable {
        public var nameservers: [String]?
        public var searches: [String]?
        public var options: [Option]?

        public struct Option: Codable, Hashable, Sendable {
            public var name: String?
            public var value: String?
        }
    }
}
