import Crypto
import Foundation
import JSON
import Linux
import SwiftASN1
import X509

/// The directory of certificates and keys, and what this run did in it.
final class Folder {
    let path: String
    private var made: [String] = []
    private var kept: [String] = []

    init(path: String) throws {
        self.path = path
        try Files.makeDirectories(path, mode: 0o700)
    }

    var summary: String {
        (made.isEmpty ? [] : ["made: " + made.joined(separator: " ")]).joined()
            + (kept.isEmpty || made.isEmpty ? "" : "\n")
            + (kept.isEmpty ? "" : "still valid: " + kept.joined(separator: " "))
    }

    func keeps(_ name: String) { kept.append(name) }

    /// The certificate and key `name`; nil where one is missing, unreadable, or they do not belong
    /// together.
    func pair(_ name: String) throws -> (certificate: Certificate, key: P256.Signing.PrivateKey)? {
        guard let certificateText = try? Files.readText("\(path)/\(name).crt"),
            let keyText = try? Files.readText("\(path)/\(name).key"),
            let certificate = try? Certificate(pemEncoded: certificateText),
            let key = try? P256.Signing.PrivateKey(pemRepresentation: keyText),
            certificate.publicKey == Certificate.PublicKey(key.publicKey)
        else { return nil }
        return (certificate, key)
    }

    /// The key first: a crash between the two leaves a pair that does not match, which the next run
    /// replaces.
    func write(_ certificate: Certificate, _ key: P256.Signing.PrivateKey, as name: String) throws {
        try write(key.pemRepresentation + "\n", to: "\(name).key", mode: 0o600)
        try write(try certificate.serializeAsPEM().pemString + "\n", to: "\(name).crt", mode: 0o644)
        made.append(name)
    }

    /// The key that signs service accounts' tokens.
    func writeServiceAccountKey() throws {
        if let text = try? Files.readText("\(path)/sa.key"),
            (try? P256.Signing.PrivateKey(pemRepresentation: text)) != nil
        {
            return keeps("sa")
        }
        let key = P256.Signing.PrivateKey()
        try write(key.pemRepresentation + "\n", to: "sa.key", mode: 0o600)
        try write(key.publicKey.pemRepresentation + "\n", to: "sa.pub", mode: 0o644)
        made.append("sa")
    }

    private func write(_ text: String, to file: String, mode: mode_t) throws {
        try Files.writeAtomically(Array(text.utf8), to: "\(path)/\(file)", mode: mode)
    }

    /// A kubeconfig with everything inside it, so that the file can be carried elsewhere. Written
    /// as JSON, which is YAML too.
    func writeKubeconfig(_ name: String, server: String, copyTo copy: String? = nil) throws {
        func file(_ file: String) throws -> JSON {
            .string(Data(try Files.read("\(path)/\(file)")).base64EncodedString())
        }
        let config: JSON = [
            "apiVersion": "v1", "kind": "Config", "current-context": "drydock",
            "clusters": [
                [
                    "name": "drydock",
                    "cluster": [
                        "server": .string(server), "certificate-authority-data": try file("ca.crt"),
                    ],
                ]
            ],
            "users": [
                [
                    "name": .string(name),
                    "user": [
                        "client-certificate-data": try file("\(name).crt"),
                        "client-key-data": try file("\(name).key"),
                    ],
                ]
            ],
            "contexts": [
                ["name": "drydock", "context": ["cluster": "drydock", "user": .string(name)]]
            ],
        ]
        try write(config.prettyText, to: "\(name).kubeconfig", mode: 0o600)
        if let copy {
            try Files.writeAtomically(Array(config.prettyText.utf8), to: copy, mode: 0o600)
        }
    }
}
