import ContractAdmission
import JSON
import Kinds
import Linux

/// Who asks, and whether they may: certificates, impersonation, and the roles in the store.
final class Access: Sendable {
    let hub: WatchHub
    let admission: any AdmissionContract
    private let tokens: TokenSigner
    private let lock = Lock()
    nonisolated(unsafe) private var index: RoleIndex?  // guarded by `lock`
    nonisolated(unsafe) private var indexIsOf: [Int] = []

    init(hub: WatchHub, admission: any AdmissionContract, tokens: TokenSigner) {
        (self.hub, self.admission, self.tokens) = (hub, admission, tokens)
    }

    /// The user, or the one that the user is allowed to act as.
    func user(of request: Request) throws -> UserFacts {
        var user = try admission.identify(try credentials(of: request))
        for name in request.headers.map({ $0.name.lowercased() }) where name.hasPrefix("impersonate-") {
            guard ["impersonate-user", "impersonate-group"].contains(name) else {
                throw StatusError.badRequest("\(name): this server can act as a user and his groups, no more")
            }
        }
        guard let other = request.header("impersonate-user") else { return user }
        try check(user, impersonating: "users", other)
        let groups = request.headers["impersonate-group"]
        for group in groups { try check(user, impersonating: "groups", group) }
        user = try admission.identify(
            ContractAdmission.Credentials(commonName: other, organizations: groups))
        return user
    }

    /// The certificate's, or, where there is none, those that a bearer token stands for.
    private func credentials(of request: Request) throws -> ContractAdmission.Credentials {
        if let name = request.certificate {
            return ContractAdmission.Credentials(
                commonName: name.commonName, organizations: name.organizations)
        }
        let header = request.header("authorization") ?? ""
        guard header.lowercased().hasPrefix("bearer ") else { return ContractAdmission.Credentials() }
        guard let claims = tokens.claims(of: String(header.dropFirst(7)), now: nowSeconds()),
            let namespace = claims.at("kubernetes.io", "namespace")?.string,
            let name = claims.at("kubernetes.io", "serviceaccount", "name")?.string,
            try uid(ofAccount: name, in: namespace)
                == claims.at("kubernetes.io", "serviceaccount", "uid")
        else { throw StatusError.unauthorized() }
        return ContractAdmission.Credentials(
            commonName: "system:serviceaccount:\(namespace):\(name)",
            organizations: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"])
    }

    /// A token ends with its account: one of the same name made later is another.
    private func uid(ofAccount name: String, in namespace: String) throws -> JSON? {
        let key = "/registry/serviceaccounts/\(namespace)/\(name)"
        return try hub.read { $0.entry("serviceaccounts", key: key) }
            .flatMap { try JSON(parsing: $0.bytes).at("metadata", "uid") }
    }

    private func check(_ user: UserFacts, impersonating resource: String, _ name: String) throws {
        let question = AccessQuestion(
            user: user, verb: "impersonate", resource: resource, name: name)
        if try !allows(question) { throw forbidden(question) }
    }

    func check(_ user: UserFacts, _ verb: String, _ target: Target) throws {
        let question = AccessQuestion(
            user: user, verb: verb, group: target.group, resource: target.resource,
            subresource: target.subresource ?? "", namespace: target.namespace ?? "",
            name: target.name ?? "")
        if try !allows(question) { throw forbidden(question) }
    }

    func check(_ user: UserFacts, _ verb: String, path: String) throws {
        let question = AccessQuestion(user: user, verb: verb, path: path)
        if try !allows(question) { throw forbidden(question) }
    }

    func allows(_ question: AccessQuestion) throws -> Bool {
        try admission.authorize(
            question, grants: grants(question.user, namespace: question.namespace))
    }

    /// All rules that speak for a user in a namespace ("" for the whole cluster).
    func grants(_ user: UserFacts, namespace: String) throws -> [RuleFacts] {
        try roles().grants(user, namespace: namespace, admission)
    }

    /// The roles and bindings as of now; read anew only after one of them changed.
    private func roles() throws -> RoleIndex {
        let kinds = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]
        let (entries, stamp) = hub.read { cache in
            let entries = kinds.map { Array(cache.entries($0, prefix: "/registry/\($0)/")) }
            // A count and the newest revision change with every change of the set.
            return (entries, entries.flatMap { [$0.count, $0.map(\.revision).max() ?? 0] })
        }
        if let index = lock.hold({ indexIsOf == stamp ? index : nil }) { return index }
        let fresh = try RoleIndex(
            clusterRoles: entries[0], clusterBindings: entries[1], roles: entries[2],
            bindings: entries[3])
        lock.hold { (index, indexIsOf) = (fresh, stamp) }
        return fresh
    }
}

/// As the stock server words a refusal.
func forbidden(_ question: AccessQuestion) -> StatusError {
    let user = question.user.name
    guard question.path.isEmpty else {
        return StatusError(
            code: 403, reason: "Forbidden",
            message:
                "forbidden: User \"\(user)\" cannot \(question.verb) path \"\(question.path)\"",
            details: [:])
    }
    let plural =
        question.group.isEmpty ? question.resource : "\(question.resource).\(question.group)"
    let thing = question.resource + (question.subresource.isEmpty ? "" : "/\(question.subresource)")
    let place =
        question.namespace.isEmpty
        ? "at the cluster scope" : "in the namespace \"\(question.namespace)\""
    let named = question.name.isEmpty ? "" : " \"\(question.name)\""
    var details: JSON = ["kind": .string(question.resource)]
    if !question.name.isEmpty { details["name"] = .string(question.name) }
    if !question.group.isEmpty { details["group"] = .string(question.group) }
    return StatusError(
        code: 403, reason: "Forbidden",
        message:
            "\(plural)\(named) is forbidden: User \"\(user)\" cannot \(question.verb) resource "
            + "\"\(thing)\" in API group \"\(question.group)\" \(place)",
        details: details)
}

extension StatusError {
    static func unauthorized() -> StatusError {
        StatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")
    }
}
