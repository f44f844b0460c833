import GRPCNIOTransportHTTP2
import NIOSSL

/// By what the store's programs know each other: certificates that `pki init` writes into `PKI/store`.
///
/// The store has authorities of its own, so no other certificate of the cluster opens it: one for clients and for what
/// members show to clients, and one for the links between members. What a certificate may be used for (server, client)
/// is checked on both sides.
public struct StoreCredentials: Sendable {
    private let directory: String

    /// - Parameter pki: the directory that `pki init` was given.
    public init(pki: String) { directory = "\(pki)/store" }

    private func certificate(_ name: String) -> TLSConfig.CertificateSource {
        .file(path: "\(directory)/\(name).crt", format: .pem)
    }

    private func key(_ name: String) -> TLSConfig.PrivateKeySource {
        .file(path: "\(directory)/\(name).key", format: .pem)
    }

    /// For whoever asks a member.
    var client: HTTP2ClientTransport.Posix.TransportSecurity {
        .mTLS(certificateChain: [certificate("client")], privateKey: key("client")) {
            $0.trustRoots = .certificates([certificate("ca")])
            $0.serverCertificateVerification = .fullVerification
        }
    }

    /// For a member that is asked.
    public var server: HTTP2ServerTransport.Posix.TransportSecurity {
        .mTLS(certificateChain: [certificate("server")], privateKey: key("server")) {
            $0.trustRoots = .certificates([certificate("ca")])
            // Clients come from anywhere: their certificate has no name to compare with.
            $0.clientCertificateVerification = .noHostnameVerification
            $0.requireALPN = true
        }
    }

    /// For the links between members.
    public struct PeerContexts: Sendable {
        /// Of the member that dials.
        public let dialling: NIOSSLContext
        /// Of the member that is dialled.
        public let listening: NIOSSLContext
    }

    /// - Throws: `NIOSSLError` and its like, where a file is missing or is no certificate.
    public func peers() throws -> PeerContexts {
        let chain = try NIOSSLCertificate.fromPEMFile("\(directory)/peer.crt")
        let key = try NIOSSLPrivateKey(file: "\(directory)/peer.key", format: .pem)
        let roots = try NIOSSLCertificate.fromPEMFile("\(directory)/peer-ca.crt")
        func context(_ verification: CertificateVerification, _ base: TLSConfiguration) throws
            -> NIOSSLContext
        {
            var configuration = base
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = verification
            configuration.minimumTLSVersion = .tlsv13
            return try NIOSSLContext(configuration: configuration)
        }
        return PeerContexts(
            dialling: try context(.fullVerification, .makeClientConfiguration()),
            listening: try context(
                .noHostnameVerification,
                .makeServerConfiguration(certificateChain: [], privateKey: .privateKey(key))))
    }
}
