import Hummingbird
import HummingbirdTLS
import JSON
import NIOCore
import NIOPosix
import NIOSSL
import Objects

/// What the API server asks a kubelet, over TLS; who has no certificate of the cluster's authority
/// is not heard.
struct KubeletServer: Sendable {
    private let services: KubeletServices
    private let manager: PodManager
    private let usage: UsageSampler
    private let tls: TLSConfiguration

    init(services: KubeletServices, manager: PodManager, usage: UsageSampler, pki: String)
        throws
    {
        (self.services, self.manager, self.usage) = (services, manager, usage)
        let name = services.configuration.nodeName
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(pki)/\(name).crt")
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(pki)/\(name).key", format: .pem)))
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile("\(pki)/ca.crt"))
        // Clients have no host name; whoever the authority signed for is somebody.
        tls.certificateVerification = .noHostnameVerification
        self.tls = tls
    }

    /// One thread is plenty for one API server's questions.
    private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    func run() async throws {
        let router = Router()
        router.get("/healthz") { _, _ in "ok" }
        router.get("/pods") { [manager] _, _ in
            let pods = try await manager.all.map { try JSON(encoding: $0) }
            return json(["apiVersion": "v1", "kind": "PodList", "items": .array(pods)])
        }
        router.get("/stats/summary") { [usage] _, _ in json(try await usage.summary()) }
        let logs = LogServer(manager: manager)
        router.get("/containerLogs/:namespace/:pod/:container") { request, context in
            try await logs.answer(
                namespace: context.parameters.require("namespace"),
                pod: context.parameters.require("pod"),
                container: context.parameters.require("container"),
                query: request.uri.queryParameters)
        }
        let configuration = services.configuration
        // A client that hangs up is no news, and an address in use is thrown.
        var logger = services.logger
        logger.logLevel = .critical
        let application = Application(
            router: router, server: try .tls(.http1(), tlsConfiguration: tls),
            configuration: .init(
                address: .hostname(configuration.nodeIP, port: configuration.port),
                serverName: nil),
            eventLoopGroupProvider: .shared(Self.eventLoop), logger: logger)
        try await application.run()
    }
}

func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
    Response(
        status: status, headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(bytes: value.bytes)))
}

func text(_ words: String, status: HTTPResponse.Status) -> Response {
    Response(
        status: status, headers: [.contentType: "text/plain"],
        body: .init(byteBuffer: ByteBuffer(string: words)))
}
