import Crypto
import Foundation
import SwiftASN1
import X509

/// The certificate authority: a self-signed certificate and its key.
struct Authority {
    static let lifetimeSeconds: TimeInterval = 10 * 365 * 86400
    static let certificateLifetimeSeconds: TimeInterval = 365 * 86400
    /// A certificate is made anew when it has less than this left.
    static let renewalSeconds: TimeInterval = 30 * 86400

    let certificate: Certificate
    let key: P256.Signing.PrivateKey

    /// Reads an authority of the directory, or makes one.
    ///
    /// - Parameter file: the name of its files, without their endings.
    init(_ commonName: String, in folder: Folder, file: String = "ca") throws {
        if let pair = try folder.pair(file), pair.certificate.lasts(Self.renewalSeconds) {
            (certificate, key) = (pair.certificate, pair.key)
            folder.keeps(file)
        } else {
            let key = P256.Signing.PrivateKey()
            let name = try DistinguishedName { CommonName(commonName) }
            certificate = try Certificate(
                signedBy: key, issuer: name, subject: name, publicKey: key.publicKey,
                lifetimeSeconds: Self.lifetimeSeconds,
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                    Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
                })
            self.key = key
            try folder.write(certificate, key, as: file)
        }
    }

    func issue(_ identities: [Identity], in folder: Folder) throws {
        for identity in identities { try issue(identity, in: folder) }
    }

    /// Makes the identity's certificate, unless the directory has one that says the same and is
    /// valid.
    private func issue(_ identity: Identity, in folder: Folder) throws {
        if let pair = try folder.pair(identity.name), try certifies(pair.certificate, identity) {
            return folder.keeps(identity.name)
        }
        let key = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            signedBy: self.key, issuer: self.certificate.subject, subject: try identity.subject,
            publicKey: key.publicKey, lifetimeSeconds: Self.certificateLifetimeSeconds,
            extensions: try identity.extensions)
        try folder.write(certificate, key, as: identity.name)
    }

    private func certifies(_ certificate: Certificate, _ identity: Identity) throws -> Bool {
        let (subject, extensions) = (try identity.subject, try identity.extensions)
        return certificate.lasts(Self.renewalSeconds)
            && self.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
            && certificate.subject == subject && certificate.extensions == extensions
    }
}

extension Certificate {
    /// True where it is valid now and for so long.
    func lasts(_ seconds: TimeInterval) -> Bool {
        notValidBefore <= Date() && Date(timeIntervalSinceNow: seconds) < notValidAfter
    }

    /// A certificate valid from five minutes ago, so that clocks a little behind accept it too.
    init(
        signedBy authority: P256.Signing.PrivateKey, issuer: DistinguishedName,
        subject: DistinguishedName,
        publicKey: P256.Signing.PublicKey, lifetimeSeconds: TimeInterval, extensions: Extensions
    ) throws {
        try self.init(
            version: .v3, serialNumber: SerialNumber(), publicKey: PublicKey(publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -300),
            notValidAfter: Date(timeIntervalSinceNow: lifetimeSeconds),
            issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions, issuerPrivateKey: PrivateKey(authority))
    }
}

extension Identity {
    var subject: DistinguishedName {
        get throws {
            try DistinguishedName {
                if let organization { OrganizationName(organization) }
                CommonName(commonName)
            }
        }
    }

    var extensions: Certificate.Extensions {
        get throws {
            var usages: [ExtendedKeyUsage.Usage] = isClient ? [.clientAuth] : []
            if !serverNames.isEmpty { usages.append(.serverAuth) }
            let usage = try ExtendedKeyUsage(usages)
            let names = serverNames.map { name -> GeneralName in
                if let bytes = ipv4(name) {
                    return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
                }
                return .dnsName(name)
            }
            return try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                usage
                if !names.isEmpty { SubjectAlternativeNames(names) }
            }
        }
    }
}
