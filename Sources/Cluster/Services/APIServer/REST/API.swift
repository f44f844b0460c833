import ContractAdmission
import ContractWatch
import JSON
import Kinds
import Linux
import Logging
import Objects

/// The REST API over the store: routes a request, asks who may, and carries it out.
final class API: Sendable {
    let store: EtcdStore
    let hub: WatchHub
    let watches: any WatchContract
    let access: Access
    let services: ServiceAddresses
    let kubelets: Kubelets
    let tokens: TokenSigner
    let logger: Logger

    init(
        store: EtcdStore, hub: WatchHub, watches: any WatchContract,
        admission: any AdmissionContract,
        services: ServiceAddresses, kubelets: Kubelets, tokens: TokenSigner, logger: Logger
    ) {
        (self.store, self.hub, self.watches, self.services) = (store, hub, watches, services)
        (self.kubelets, self.tokens, self.logger) = (kubelets, tokens, logger)
        access = Access(hub: hub, admission: admission, tokens: tokens)
    }

    func respond(_ request: Request) async -> Response {
        let start = Clock.monotonicMilliseconds()
        var response: Response
        do {
            response = try await route(request)
        } catch let error as StatusError {
            response = .failure(error)
        } catch let error as StoreError {
            response = .failure(error.status)
        } catch let error as PartFailure {
            response = .failure(.internalError("a part of the API server failed: \(error)"))
        } catch {
            response = .failure(.internalError("\(error)"))
        }
        let milliseconds = Clock.monotonicMilliseconds() - start
        let who = request.certificate?.commonName ?? "-"
        logger.debug(
            "\(request.method) \(request.uri) \(response.status) \(milliseconds) ms \(who)")
        return response
    }

    private func route(_ request: Request) async throws -> Response {
        let user = try access.user(of: request)
        guard let target = Target(path: request.path) else {
            return try await nonResource(request, user)
        }
        guard let verb = target.verb(method: request.method, isWatch: request.query.flag("watch"))
        else {
            throw StatusError.methodNotAllowed()
        }
        try access.check(user, verb, target)
        guard
            let kind = Kinds.find(
                group: target.group, version: target.version, plural: target.resource),
            !kind.plural.isEmpty
        else { throw StatusError.noSuchResource() }
        let call = Call(kind: kind, target: target, verb: verb, user: user, request: request)
        guard call.scopeFits else { throw StatusError.noSuchResource() }
        if let answer = try await special(call) { return answer }
        if kind.plural == "bindings" { return try await bindByBody(call) }
        guard kind.isStored else { throw StatusError.methodNotAllowed() }
        if let subresource = target.subresource {
            return try await self.subresource(subresource, call)
        }
        return try await object(call)
    }

    private func object(_ call: Call) async throws -> Response {
        guard call.kind.verbs.contains(call.verb) else { throw StatusError.methodNotAllowed() }
        switch call.verb {
        case "get": return try await get(call)
        case "list": return try await list(call)
        case "watch": return try await watch(call)
        case "create": return try await create(call)
        case "update": return try await update(call)
        case "patch": return try await patch(call)
        case "delete": return try await delete(call)
        case "deletecollection": return try await deleteCollection(call)
        default: throw StatusError.methodNotAllowed()
        }
    }
}

/// One request about a resource.
struct Call: Sendable {
    var kind: Kind
    var target: Target
    var verb: String
    var user: UserFacts
    var request: Request

    var query: Query { request.query }
    var name: String { target.name ?? "" }
    var isDryRun: Bool { query["dryRun"] == "All" }

    /// A name or a POST needs a namespace where the kind has them, and has none to name where it
    /// hasn't.
    var scopeFits: Bool {
        if !kind.namespaced { return target.namespace == nil }
        return target.namespace != nil || ["list", "watch", "deletecollection"].contains(verb)
    }

    /// `/registry/pods/default/web`; every kind is stored under its storage version's plural.
    func key(_ name: String) -> String { prefix + name }

    /// `/registry/pods/default/`, or `/registry/pods/` for all namespaces.
    var prefix: String {
        "/registry/\(kind.storage.plural)/" + (target.namespace.map { "\($0)/" } ?? "")
    }

    func validation() throws -> FieldValidation { try FieldValidation(query["fieldValidation"]) }
}

/// The current time as objects have it: RFC 3339, whole seconds.
func nowText() -> String { Timestamp(seconds: Clock.unixSeconds()).description }

/// A version 4 UUID.
func newUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array("0123456789abcdef")
    var text = ""
    for (index, byte) in bytes.enumerated() {
        if [4, 6, 8, 10].contains(index) { text += "-" }
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}

/// Five letters and digits that spell no word, as the stock server completes `generateName`.
func nameSuffix() -> String {
    String((0..<5).map { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement() ?? "x" })
}

func nowSeconds() -> Int { Clock.unixSeconds() }
