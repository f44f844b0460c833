import ContractAdmission
import HTTPServing
import JSON
import Kinds

/// One request about a resource.
struct Call: Sendable {
    var kind: Kind
    var target: Target
    var verb: String
    var user: UserFacts
    var request: Request
    /// Say what would happen, and change nothing. The query has a word in it; a deletion's body
    /// another.
    var isDryRun: Bool
    let form: Representation

    init(
        _ kind: Kind, _ target: Target, _ verb: String, _ user: UserFacts, _ request: Request
    ) throws(StatusError) {
        (self.kind, self.target, self.verb) = (kind, target, verb)
        (self.user, self.request) = (user, request)
        // A log is text, whatever a client says that it takes.
        form = target.subresource == "log" ? .object : try Representation(accept: request.accept)
        isDryRun = false
        if let options = Self.options[verb] { isDryRun = try request.query.dryRun(options) }
    }

    /// As the stock server names the options of a verb.
    private static let options = [
        "create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions",
        "delete": "DeleteOptions", "deletecollection": "DeleteOptions",
    ]

    var query: Query { request.query }
    var name: String { target.name ?? "" }

    /// `/registry/pods/default/web`; every kind is stored under its storage version's plural.
    func key(_ name: String) -> String { prefix + name }

    /// `/registry/pods/default/`, or `/registry/pods/` for all namespaces.
    var prefix: String {
        "/registry/\(kind.storage.plural)/" + (target.namespace.map { "\($0)/" } ?? "")
    }

    func validation() throws -> FieldValidation { try FieldValidation(query["fieldValidation"]) }
}

extension Call {
    /// Only what discovery announces is served: a collection in a place that it has, a verb that
    /// the resource or its subresource knows.
    /// - Throws: 404 for a place that isn't there, 405 for a verb that is not done there.
    func checkRoute() throws(StatusError) {
        if target.namespace != nil, !kind.namespaced { throw .noSuchResource() }
        let everywhere = kind.namespaced && target.namespace == nil
        if everywhere, target.name != nil { throw .noSuchResource() }
        // Over all namespaces one may look, no more: a request that lacks its namespace is a slip.
        if everywhere, !["list", "watch"].contains(verb) { throw .methodNotAllowed() }
        guard try verbs.contains(verb) else { throw .methodNotAllowed() }
    }

    private var verbs: [String] {
        get throws(StatusError) {
            guard let name = target.subresource else {
                return target.name == nil
                    ? kind.verbs.filter(["list", "watch", "create", "deletecollection"].contains)
                    : kind.verbs.filter(["get", "update", "patch", "delete"].contains)
            }
            guard let subresource = kind.subresources.first(where: { $0.name == name }) else {
                throw .noSuchResource()
            }
            return subresource.verbs
        }
    }
}

extension Target {
    /// A name is one part of a key in the store: what could reach into another's place is none.
    /// Source: apimachinery, pkg/api/validation/path.
    func checkNames() throws(StatusError) {
        for name in [namespace, name].compactMap(\.self) {
            let bytes = Array(name.utf8)
            let isPart = !bytes.contains {
                $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") || $0 == 0
            }
            guard isPart, bytes != Array(".".utf8), bytes != Array("..".utf8) else {
                throw .badRequest(
                    "Name parameter invalid: \"\(name)\": may not be '.' or '..', nor contain '/' or '%'"
                )
            }
        }
    }
}

extension Request {
    /// The value that a field must have by the field selector; nil where it may have any.
    func selected(_ field: String) -> String? {
        let comma = UInt8(ascii: ",")
        for term in (query["fieldSelector"] ?? "").utf8.split(separator: comma) {
            let text = String(Substring(term))
            for sign in ["\(field)==", "\(field)="] where text.utf8.starts(with: sign.utf8) {
                return String(decoding: text.utf8.dropFirst(sign.utf8.count), as: UTF8.self)
            }
        }
        return nil
    }

    /// The node whose pods alone are asked for.
    var selectedNode: String? { selected("spec.nodeName") }
}
