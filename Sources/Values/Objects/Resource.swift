/// Where a kind lives in the API: `apps/v1`, `deployments`, `Deployment`, in a namespace or not.
public struct Resource: Hashable, Sendable {
    /// Empty for the core group.
    public let group: String
    public let version: String
    /// The name in paths: `deployments`.
    public let plural: String
    public let kind: String
    public let isNamespaced: Bool

    public init(
        group: String = "", version: String = "v1", plural: String, kind: String,
        isNamespaced: Bool = true
    ) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// `v1` for the core group, `apps/v1` for others.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The path of the collection, or of one object: `/apis/apps/v1/namespaces/default/deployments/web`.
    /// Without a namespace, a namespaced kind's path spans all namespaces.
    public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil)
        -> String
    {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, let namespace { path += "/namespaces/\(namespace)" }
        path += "/\(plural)"
        if let name { path += "/\(name)" }
        if let subresource { path += "/\(subresource)" }
        return path
    }
}

/// A Kubernetes object as a Swift value: the fields that the kit's programs look at, named as in JSON.
///
/// A field that a type does not have is dropped when an object is read into it, so a program never writes
/// back a whole object that others own: it sends a patch, or its own part (`status`).
public protocol KubernetesObject: Codable, Sendable {
    static var resource: Resource { get }
    var metadata: ObjectMeta { get set }
}

extension KubernetesObject {
    /// The key of work queues and caches: `namespace/name`, or `name` where there are no namespaces.
    public var key: String {
        metadata.namespace.map { "\($0)/\(metadata.name)" } ?? metadata.name
    }

    /// A copy with some fields changed.
    public func with(_ change: (inout Self) throws -> Void) rethrows -> Self {
        var copy = self
        try change(&copy)
        return copy
    }
}
