@_exported import Contract
import JSON

/// Lab 08: what happens to a request before it may touch the store. Who are you, may you do that,
/// is it right?
///
/// Source: kubernetes.io/docs/reference/access-authn-authz (authentication, rbac,
/// admission-controllers).
public protocol AdmissionContract: Sendable {
    /// Who is asking.
    ///
    /// A certificate's common name is the user, its organizations are the groups. Without one it is
    /// `system:anonymous` in the group `system:unauthenticated`; everybody else is in
    /// `system:authenticated` too, the last of the groups.
    func identify(_ credentials: Credentials) throws -> UserFacts

    /// Whether a user's grants cover what is asked. Roles only ever allow, so one rule is enough
    /// and order means nothing.
    ///
    /// The group `system:masters` may do everything. A rule about resources covers a question when
    /// it names the verb, the API group and the resource (`pods`, or `pods/log` for a subresource;
    /// `*` stands for all, `*/scale` for that subresource of all), and, where it names names, the
    /// name. A rule about other paths names the path, or its beginning followed by `*`.
    func authorize(_ question: AccessQuestion, grants: [RuleFacts]) throws -> Bool

    /// Whether a binding's subjects include the user. A service account `NAME` in `NAMESPACE` is
    /// the user `system:serviceaccount:NAMESPACE:NAME`.
    func isBound(_ user: UserFacts, to subjects: [SubjectFacts]) throws -> Bool
}

/// The part of lab 08: the contract, made anew by the program that serves it.
public protocol AdmissionPart: Part, AdmissionContract {}

/// What a connection brings along.
public struct Credentials: Codable, Hashable, Sendable {
    /// The subject of the verified client certificate; nil where there is none.
    public var commonName: String?
    public var organizations: [String]

    public init(commonName: String? = nil, organizations: [String] = []) {
        (self.commonName, self.organizations) = (commonName, organizations)
    }
}

public struct UserFacts: Codable, Hashable, Sendable {
    public var name: String
    public var groups: [String]

    public init(name: String, groups: [String]) { (self.name, self.groups) = (name, groups) }
}

public struct AccessQuestion: Codable, Hashable, Sendable {
    public var user: UserFacts
    /// `get`, `list`, `watch`, `create`, …
    public var verb: String
    /// "" for core.
    public var group: String
    /// The plural; empty for a question about `path`.
    public var resource: String
    public var subresource: String
    public var namespace: String
    public var name: String
    /// A path that is no resource: `/healthz`.
    public var path: String

    public init(
        user: UserFacts, verb: String, group: String = "", resource: String = "",
        subresource: String = "",
        namespace: String = "", name: String = "", path: String = ""
    ) {
        (self.user, self.verb, self.group, self.resource) = (user, verb, group, resource)
        (self.subresource, self.namespace, self.name, self.path) = (
            subresource, namespace, name, path
        )
    }
}

/// A rule of a Role or ClusterRole.
public struct RuleFacts: Codable, Hashable, Sendable {
    public var verbs: [String]
    public var apiGroups: [String]?
    public var resources: [String]?
    public var resourceNames: [String]?
    public var nonResourceURLs: [String]?

    public init(
        verbs: [String], apiGroups: [String]? = nil, resources: [String]? = nil,
        resourceNames: [String]? = nil, nonResourceURLs: [String]? = nil
    ) {
        (self.verbs, self.apiGroups, self.resources) = (verbs, apiGroups, resources)
        (self.resourceNames, self.nonResourceURLs) = (resourceNames, nonResourceURLs)
    }
}

/// Who a binding is for.
public struct SubjectFacts: Codable, Hashable, Sendable {
    /// `User`, `Group` or `ServiceAccount`.
    public var kind: String
    public var name: String
    /// A service account's.
    public var namespace: String?

    public init(kind: String, name: String, namespace: String? = nil) {
        (self.kind, self.name, self.namespace) = (kind, name, namespace)
    }
}
