import ContractAdmission
import HTTPServing
import JSON
import Kinds
import Objects

/// Tokens of service accounts: asked for, and asked about.
extension API {
    /// Ten minutes at least, and at most what fits where others keep it.
    /// Source: kubernetes, pkg/apis/authentication/validation.
    static let tokenSeconds = 600...(1 << 32)

    /// `kubectl create token`, and what a kubelet asks for its pods.
    func token(_ call: Call) async throws -> Response {
        let account = try await read(call)
        let kind = Kind.tokenRequest
        var request = try kind.decode(
            call.request.body, contentType: call.request.header("content-type"), validation: .ignore
        ).object
        _ = try await admitted(
            AdmissionRequest(.create, call, old: account, object: request))
        let seconds = try seconds(request, kind, call)
        let now = nowSeconds()
        let audiences = (request.at("spec", "audiences")?.array ?? []).compactMap(\.string)
        var claims: JSON = [
            "iss": .string(TokenSigner.issuer),
            "sub": .string("system:serviceaccount:\(account.namespace):\(account.name)"),
            "aud": .array(
                (audiences.isEmpty ? [TokenSigner.issuer] : audiences).map { .string($0) }),
            "iat": JSON(now), "nbf": JSON(now), "exp": JSON(now + seconds),
        ]
        claims["kubernetes.io"] = try await about(account, request, kind, call)
        request["metadata"] = [
            "name": .string(account.name), "namespace": .string(account.namespace),
        ]
        request["status"] = [
            "token": .string(try tokens.token(claims)),
            "expirationTimestamp": .string(Timestamp(seconds: now + seconds).description),
        ]
        return .json(request, status: 201)
    }

    private func seconds(_ request: JSON, _ kind: Kind, _ call: Call) throws -> Int {
        guard let asked = request.at("spec", "expirationSeconds") else { return 3600 }
        var errors = FieldErrors()
        let field = "spec.expirationSeconds"
        if let seconds = asked.int, Self.tokenSeconds.contains(seconds) { return seconds }
        let isShort = (asked.int ?? .max) < Self.tokenSeconds.lowerBound
        errors.invalid(
            field, asked,
            isShort
                ? "may not specify a duration less than 10 minutes"
                : "may not specify a duration larger than 2^32 seconds")
        throw StatusError.invalid(kind, name: call.name, errors.all)
    }

    /// The token's private claims: the account, and the pod or secret that it ends with.
    private func about(_ account: JSON, _ request: JSON, _ kind: Kind, _ call: Call) async throws
        -> JSON
    {
        var claims: JSON = [
            "namespace": .string(account.namespace),
            "serviceaccount": [
                "name": .string(account.name), "uid": account.at("metadata", "uid") ?? "",
            ],
        ]
        guard let bound = request.at("spec", "boundObjectRef") else { return claims }
        let name = bound["name"]?.string ?? ""
        guard bound["apiVersion"] == "v1", let word = bound["kind"]?.string,
            ["Pod", "Secret"].contains(word)
        else {
            throw StatusError.badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to object")
        }
        let holder = word == "Pod" ? Kind.pod : .secret
        guard
            let found = try await store.get(
                "/registry/\(holder.plural)/\(account.namespace)/\(name)")
        else { throw StatusError.notFound(holder, name: name) }
        let object = try found.object
        let uid = object.at("metadata", "uid") ?? ""
        if let wanted = bound["uid"], wanted != "", wanted != uid {
            throw StatusError.conflict(
                holder, name: name,
                "the UID in the bound object reference (\(wanted.string ?? "")) does not match the UID in record. The object might have been deleted and then recreated"
            )
        }
        if word == "Pod", object.at("spec", "serviceAccountName")?.string != account.name {
            throw StatusError.badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to pod running with different serviceaccount name."
            )
        }
        claims[word.lowercased()] = ["name": .string(name), "uid": uid]
        return claims
    }

    // MARK: TokenReview

    /// Whose a token is, as somebody else who was shown it may ask.
    func tokenReview(_ review: JSON) throws -> JSON {
        let asked = (review.at("spec", "audiences")?.array ?? []).compactMap(\.string)
        let audiences = asked.isEmpty ? [TokenSigner.issuer] : asked
        let token = review.at("spec", "token")?.string ?? ""
        guard let holder = try access.holder(of: token, for: audiences) else {
            return ["user": [:], "error": "invalid bearer token"]
        }
        var user: JSON = [
            "username": .string(holder.user.name),
            "groups": .array(holder.user.groups.map { .string($0) }),
        ]
        if let uid = holder.uid { user["uid"] = .string(uid) }
        let shared = holder.audiences.filter(audiences.contains)
        return [
            "authenticated": true, "user": user, "audiences": .array(shared.map { .string($0) }),
        ]
    }
}
