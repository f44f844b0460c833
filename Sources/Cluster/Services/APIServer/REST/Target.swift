/// What a path is about: `/apis/apps/v1/namespaces/default/deployments/web/scale`.
package struct Target: Hashable, Sendable {
    /// "" for core.
    package var group: String
    package var version: String
    /// Nil for all namespaces, and for kinds without any.
    package var namespace: String?
    /// The plural.
    package var resource: String
    package var name: String?
    package var subresource: String?

    /// Nil where the path names no resource: discovery, health.
    package init?(path: [String]) {
        var rest = path[...]
        switch rest.first {
        case "api" where rest.count >= 3:
            group = ""
            rest = rest.dropFirst()
        case "apis" where rest.count >= 4:
            group = path[1]
            rest = rest.dropFirst(2)
        default: return nil
        }
        version = rest.removeFirst()
        // `namespaces/x/pods` is about pods; `namespaces/x`, `namespaces/x/status` are about the
        // namespace.
        let ofNamespace = ["status", "finalize"]
        if rest.count >= 3, rest.first == "namespaces",
            !ofNamespace.contains(rest[rest.startIndex + 2])
        {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        resource = rest.removeFirst()
        name = rest.popFirst()
        subresource = rest.popFirst()
        if !rest.isEmpty { subresource = nil }
        if resource.isEmpty || !rest.isEmpty { return nil }
    }

    /// The verb that RBAC knows, for a method.
    package func verb(method: String, isWatch: Bool) -> String? {
        switch method {
        case "GET", "HEAD": name == nil ? (isWatch ? "watch" : "list") : "get"
        case "POST": "create"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": name == nil ? "deletecollection" : "delete"
        default: nil
        }
    }

    /// Whether it is about namespaces themselves.
    package var isNamespace: Bool { group.isEmpty && resource == "namespaces" }
}
