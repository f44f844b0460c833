import ClientRules
import JSON
import Objects

/// How a patch says what is to change.
public enum PatchKind: String, Sendable {
    /// RFC 7386: members replace members, null removes, lists are replaced whole.
    case merge = "application/merge-patch+json"
    /// Kubernetes' own: lists of things with names are merged by name.
    case strategicMerge = "application/strategic-merge-patch+json"
    /// RFC 6902: a list of operations.
    case json = "application/json-patch+json"
}

/// What happens to what an object owns when it is deleted.
public enum Propagation: String, Sendable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
}

/// A client of the Kubernetes API: typed objects over `Transport`.
///
/// All functions throw `APIError` where the server said no, and the connection's own error where there is
/// no server. Objects are never retried or cached here: see `Informer`.
public final class APIClient: Sendable {
    let transport: Transport
    /// Whom this client trusts, as PEM; nil where that is the system's own authorities.
    public let certificateAuthority: String?
    private let unreadable = UnreadableLog()

    /// - Parameters:
    ///   - path: a kubeconfig written as JSON.
    ///   - silenceSecondsMax: a watch that says nothing for so long, not even a bookmark, is broken.
    public init(kubeconfig path: String, silenceSecondsMax: Int64 = Transport.silenceSecondsMax)
        throws
    {
        let kubeconfig = try Kubeconfig(path: path)
        certificateAuthority = kubeconfig.certificateAuthority.map {
            String(decoding: $0, as: UTF8.self)
        }
        transport = try Transport(kubeconfig, silenceSecondsMax: silenceSecondsMax)
    }

    public func get<T: KubernetesObject>(
        _ type: T.Type, namespace: String?, name: String
    ) async throws -> T {
        try await raw("GET", T.resource.path(namespace: namespace, name: name)).decode()
    }

    /// The objects that can be read; the others are named in the log.
    /// - Parameters:
    ///   - resource: for a type that stands for many kinds.
    ///   - namespace: nil for all namespaces.
    public func list<T: KubernetesObject>(
        _ type: T.Type, of resource: Resource = T.resource, namespace: String? = nil,
        labelSelector: String? = nil, fieldSelector: String? = nil
    ) async throws -> Listing<T> {
        let path = query(
            resource.path(namespace: namespace),
            [("labelSelector", labelSelector), ("fieldSelector", fieldSelector)])
        let listing = Listing<T>(try await raw("GET", path))
        for object in listing.unreadable { unreadable.name(object, of: resource.plural) }
        return listing
    }

    func name(_ object: Unreadable, of kind: String) { unreadable.name(object, of: kind) }

    /// Creates the object in its metadata's namespace; the answer has its uid and resourceVersion.
    public func create<T: KubernetesObject>(_ object: T) async throws -> T {
        let path = T.resource.path(namespace: object.metadata.namespace)
        return try await raw("POST", path, body: try Self.body(object)).decode()
    }

    /// Replaces the object; a stale resourceVersion in it is a conflict.
    public func update<T: KubernetesObject>(
        _ object: T, subresource: String? = nil
    ) async throws -> T {
        let path = T.resource.path(
            namespace: object.metadata.namespace, name: object.metadata.name,
            subresource: subresource)
        return try await raw("PUT", path, body: try Self.body(object)).decode()
    }

    public func patch<T: KubernetesObject>(
        _ type: T.Type, namespace: String?, name: String, subresource: String? = nil,
        kind: PatchKind = .merge, _ body: JSON
    ) async throws -> T {
        let path = T.resource.path(namespace: namespace, name: name, subresource: subresource)
        return try await raw("PATCH", path, body: body, contentType: kind.rawValue).decode()
    }

    /// - Parameters:
    ///   - uid: deletes only the object with this uid, not a younger one of the same name.
    ///   - gracePeriodSeconds: nil for the object's own.
    public func delete<T: KubernetesObject>(
        _ type: T.Type, namespace: String?, name: String, uid: String? = nil,
        gracePeriodSeconds: Int? = nil, propagation: Propagation? = nil
    ) async throws {
        var options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        if let gracePeriodSeconds { options["gracePeriodSeconds"] = JSON(gracePeriodSeconds) }
        if let propagation { options["propagationPolicy"] = .string(propagation.rawValue) }
        _ = try await raw(
            "DELETE", T.resource.path(namespace: namespace, name: name), body: options)
    }

    /// Any request at all: for subresources without a type of their own, and for discovery.
    /// - Parameter path: with its leading slash, and already escaped.
    public func raw(
        _ method: String, _ path: String, body: JSON? = nil,
        contentType: String = "application/json"
    ) async throws -> JSON {
        try await transport.exchange(method, path, body: body, contentType: contentType)
    }

    /// The object's tree with the two members that every body needs and few types carry.
    static func body<T: KubernetesObject>(_ object: T) throws -> JSON {
        var tree = try JSON(encoding: object)
        tree["apiVersion"] = .string(T.resource.apiVersion)
        tree["kind"] = .string(T.resource.kind)
        return tree
    }
}
