import JSON

/// The documents that tell a client which resources there are.
public enum Discovery {
    /// `GET /api` (core) or `/apis`, aggregated: an apidiscovery.k8s.io/v2 APIGroupDiscoveryList.
    public static func aggregated(core: Bool) -> JSON { .null }

    /// `GET /api`, legacy; `address` is the server's own `host:port`.
    public static func coreVersions(address: String) -> JSON { .null }

    /// `GET /apis`, legacy.
    public static func groups() -> JSON { .null }

    /// `GET /apis/GROUP`, legacy; nil for an unknown group.
    public static func group(_ name: String) -> JSON? { nil }

    /// `GET /api/v1` or `/apis/GROUP/VERSION`, legacy; nil for an unknown one.
    public static func resources(group: String, version: String) -> JSON? { nil }
}

/// OpenAPI v3: the index, and a document a group and version.
public enum OpenAPI {
    /// `GET /openapi/v3`.
    public static func index() -> JSON { .null }

    /// `GET /openapi/v3/apis/apps/v1`; group "" is core; nil for an unknown one.
    public static func document(group: String, version: String) -> JSON? { nil }
}
