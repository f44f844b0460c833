import Crypto
import Foundation
import JSON
import Kinds
import Linux
import Objects

/// Signs service accounts' tokens: JSON Web Tokens with ES256 (RFC 7515, 7518).
public struct TokenSigner: Sendable {
    /// Who signs, and whom a token is for where nobody else is named: this API server.
    static let issuer = "https://kubernetes.default.svc.cluster.local"

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
    /// The claims of a token that this server signed for one of `audiences` and that is valid at
    /// `now` (seconds since 1970); else nil.
    func claims(of token: String, for audiences: [String], now: Int) -> JSON? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { Substring($0) }
        guard parts.count == 3, let header = json(parts[0]), header["alg"] == "ES256",
            let raw = base64URLDecoded(parts[2]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
            key.publicKey.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8)),
            let claims = json(parts[1]), claims["iss"] == .string(Self.issuer),
            let begins = claims["nbf"]?.int, let ends = claims["exp"]?.int, begins <= now,
            now < ends,
            Self.audiences(of: claims).contains(where: audiences.contains)
        else { return nil }
        return claims
    }

    /// Whom a token is for.
    static func audiences(of claims: JSON) -> [String] {
        claims["aud"]?.array?.compactMap(\.string) ?? claims["aud"]?.string.map { [$0] } ?? []
    }

    private func json(_ part: Substring) -> JSON? {
        base64URLDecoded(part).flatMap { try? JSON(parsing: $0) }
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
