import ContractAdmission
import ContractWatch
import HTTPServing
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
    let plugins: [any AdmissionPlugin]
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
        plugins = Self.plugins(StoredObjects(hub: hub, store: store), access)
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

    func isKnown(_ request: Request) -> Bool { access.isKnown(request) }

    private func route(_ request: Request) async throws -> Response {
        let user = try access.user(of: request)
        guard let target = Target(path: request.path) else {
            return try await nonResource(request, user)
        }
        guard let verb = target.verb(method: request.method, isWatch: request.query.flag("watch"))
        else { throw StatusError.methodNotAllowed() }
        try target.checkNames()
        try access.check(question(user, verb, target, request), selecting: request.selectedNode)
        guard
            let kind = Kinds.find(
                group: target.group, version: target.version, plural: target.resource),
            !kind.plural.isEmpty
        else { throw StatusError.noSuchResource() }
        let call = try Call(kind, target, verb, user, request.withoutYAML())
        try call.checkRoute()
        if let answer = try await special(call) { return answer }
        if kind.plural == "bindings" { return try await bindByBody(call) }
        if let subresource = target.subresource {
            return try await self.subresource(subresource, call)
        }
        return try await object(call)
    }

    /// A list of one name is a question about that name; a namespace lies in itself.
    private func question(
        _ user: UserFacts, _ verb: String, _ target: Target, _ request: Request
    ) -> AccessQuestion {
        AccessQuestion(
            user: user, verb: verb, group: target.group, resource: target.resource,
            subresource: target.subresource ?? "",
            namespace: target.namespace ?? (target.isNamespace ? target.name : nil) ?? "",
            name: target.name ?? request.selected("metadata.name") ?? "")
    }

    private func object(_ call: Call) async throws -> Response {
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
