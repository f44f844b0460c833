import Crypto
import Foundation
import JSON
import Kinds
import Linux
import Objects

/// Signs service accounts' tokens: JSON Web Tokens with ES256 (RFC 7515, 7518).
public struct TokenSigner: Sendable {
    let key: P256.Signing.PrivateKey

    /// - Parameter path: the key in PEM.
    public init(keyFile path: String) throws {
        key = try P256.Signing.PrivateKey(pemRepresentation: try Files.readText(path))
    }

    func token(_ claims: JSON) throws -> String {
        let header: JSON = ["alg": "ES256", "typ": "JWT"]
        let text = base64URL(header.bytes) + "." + base64URL(claims.bytes)
        let signature = try key.signature(for: Array(text.utf8))
        return text + "." + base64URL(Array(signature.rawRepresentation))
    }
}

private func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString()
        .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        .replacingOccurrences(of: "=", with: "")
}

extension API {
    /// `kubectl create token`
    func token(_ call: Call) async throws -> Response {
        guard call.verb == "create" else { throw StatusError.methodNotAllowed() }
        let account = try await read(call)
        var request = try Kinds.need("authentication.k8s.io/v1", "TokenRequest").decode(
            call.request.body, contentType: call.request.header("content-type"), validation: .ignore
        ).object
        let seconds = request.at("spec", "expirationSeconds")?.int ?? 3600
        let now = nowSeconds()
        let claims: JSON = [
            "iss": "https://kubernetes.default.svc.cluster.local",
            "sub": .string("system:serviceaccount:\(account.namespace):\(account.name)"),
            "aud": request.at("spec", "audiences") ?? [
                "https://kubernetes.default.svc.cluster.local"
            ],
            "iat": JSON(now), "nbf": JSON(now), "exp": JSON(now + seconds),
            "kubernetes.io": [
                "namespace": .string(account.namespace),
                "serviceaccount": [
                    "name": .string(account.name), "uid": account.at("metadata", "uid") ?? "",
                ],
            ],
        ]
        request["metadata"] = [
            "name": .string(account.name), "namespace": .string(account.namespace),
        ]
        request["status"] = [
            "token": .string(try tokens.token(claims)),
            "expirationTimestamp": .string(Timestamp(seconds: now + seconds).description),
        ]
        return .json(request, status: 201)
    }
}
