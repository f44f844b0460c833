import ContractAdmission
import HTTPServing
import JSON
import Kinds
import Linux

/// Who asks, and whether they may: certificates, impersonation, and the roles in the store.
final class Access: Sendable {
    let hub: WatchHub
    let admission: any AdmissionContract
    private let tokens: TokenSigner
    private let nodes: NodeAuthorizer
    private let lock = Lock()
    nonisolated(unsafe) private var index: RoleIndex?  // guarded by `lock`
    nonisolated(unsafe) private var indexIsOf: [Int] = []

    init(hub: WatchHub, admission: any AdmissionContract, tokens: TokenSigner) {
        (self.hub, self.admission, self.tokens) = (hub, admission, tokens)
        nodes = NodeAuthorizer(hub: hub)
    }

    /// The user, or the one that the user is allowed to act as.
    func user(of request: Request) throws -> UserFacts {
        let user = try authenticated(request)
        guard let wish = try Impersonation(request.headers) else { return user }
        for question in wish.questions(by: user) where try !allows(question) {
            throw forbidden(question)
        }
        return try admission.identify(wish.credentials)
    }

    /// Whether it is somebody, rather than anybody.
    func isKnown(_ request: Request) -> Bool {
        guard let user = try? authenticated(request) else { return false }
        return !user.groups.contains("system:unauthenticated")
    }

    /// The certificate's, or, where there is none, those that a bearer token stands for.
    private func authenticated(_ request: Request) throws -> UserFacts {
        if let name = request.certificate {
            return try admission.identify(
                ContractAdmission.Credentials(
                    commonName: name.commonName, organizations: name.organizations))
        }
        let header = request.header("authorization") ?? ""
        let scheme = "bearer "
        guard
            header.utf8.prefix(scheme.utf8.count).elementsEqual(
                scheme.utf8, by: { $0 | 0x20 == $1 | 0x20 })
        else { return try admission.identify(ContractAdmission.Credentials()) }
        let token = String(header.utf8.dropFirst(scheme.utf8.count)) ?? ""
        guard let holder = try holder(of: token, for: [TokenSigner.issuer]) else {
            throw StatusError.unauthorized()
        }
        return holder.user
    }

    /// Whom a token stands for.
    struct TokenHolder: Sendable {
        var user: UserFacts
        var uid: String?
        var audiences: [String]
    }

    /// Nil for a token that is none, is for others, is over, or whose account (or pod) has gone.
    func holder(of token: String, for audiences: [String]) throws -> TokenHolder? {
        guard let claims = tokens.claims(of: token, for: audiences, now: nowSeconds()),
            let about = claims["kubernetes.io"], let namespace = about["namespace"]?.string,
            let name = about.at("serviceaccount", "name")?.string,
            try isThere("serviceaccounts", namespace, about["serviceaccount"]),
            try about["pod"] == nil || isThere("pods", namespace, about["pod"]),
            try about["secret"] == nil || isThere("secrets", namespace, about["secret"])
        else { return nil }
        let user = try admission.identify(
            ContractAdmission.Credentials(
                commonName: "system:serviceaccount:\(namespace):\(name)",
                organizations: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"]))
        return TokenHolder(
            user: user, uid: about.at("serviceaccount", "uid")?.string,
            audiences: TokenSigner.audiences(of: claims))
    }

    /// A token ends with what it is about: an object of the same name made later is another.
    private func isThere(_ plural: String, _ namespace: String, _ reference: JSON?) throws -> Bool {
        let key = "/registry/\(plural)/\(namespace)/\(reference?["name"]?.string ?? "")"
        guard let entry = hub.read({ $0.entry(plural, key: key) }), let uid = reference?["uid"]
        else {
            return false
        }
        return try JSON(parsing: entry.bytes).at("metadata", "uid") == uid
    }

    /// - Parameter selected: the node whose pods alone are asked for, where a field selector says
    ///   so.
    func check(_ question: AccessQuestion, selecting selected: String? = nil) throws {
        if try !allows(question, selecting: selected) { throw forbidden(question) }
    }

    func check(_ user: UserFacts, _ verb: String, path: String) throws {
        let question = AccessQuestion(user: user, verb: verb, path: path)
        if try !allows(question) { throw forbidden(question) }
    }

    /// A role as it is now.
    /// - Parameter plural: `roles` or `clusterroles`.
    func role(_ plural: String, _ namespace: String?, _ name: String) throws -> JSON? {
        let key = "/registry/\(plural)/" + (namespace.map { "\($0)/" } ?? "") + name
        return try hub.read { $0.entry(plural, key: key) }.map { try JSON(parsing: $0.bytes) }
    }

    /// A node by what its pods need; everybody, the node too, by the roles.
    func allows(_ question: AccessQuestion, selecting selected: String? = nil) throws -> Bool {
        if let node = NodeIdentity(question.user),
            nodes.allows(node.name, question, selecting: selected)
        {
            return true
        }
        return try admission.authorize(
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
