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

extension TokenSigner {
    /// The claims of a token that this server signed and that is valid at `now` (seconds since
    /// 1970); else nil.
    func claims(of token: String, now: Int) -> JSON? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let raw = base64URLDecoded(parts[2]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
            key.publicKey.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8)),
            let bytes = base64URLDecoded(parts[1]), let claims = try? JSON(parsing: bytes),
            let begins = claims["nbf"]?.int, let ends = claims["exp"]?.int, begins <= now,
            now < ends
        else { return nil }
        return claims
    }
}

private func base64URLDecoded(_ text: Substring) -> [UInt8]? {
    let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(
        of: "_", with: "/")
    let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
    return Data(base64Encoded: standard + padding).map { Array($0) }
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
