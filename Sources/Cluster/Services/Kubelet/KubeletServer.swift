import HTTPServing
import JSON
import Linux
import NIOCore
import NIOSSL
import Objects

/// What the API server asks a kubelet, over TLS. Nobody else is answered: a kubelet hands out the
/// logs of all its pods, and whoever has some other certificate of the cluster's authority (another
/// node, a controller) has to go by the API server, which knows who may see what.
struct KubeletServer: Sendable {
    private let services: KubeletServices
    private let manager: PodManager
    private let usage: UsageSampler
    private let tls: NIOSSLContext

    /// The name in the one certificate that is heard: what `pki` made for the API server to call
    /// kubelets with.
    static let caller = "kube-apiserver-kubelet-client"

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
        // Clients have no host name; who they are is asked of each request.
        tls.certificateVerification = .noHostnameVerification
        tls.minimumTLSVersion = .tlsv12
        self.tls = try NIOSSLContext(configuration: tls)
    }

    /// How often a taken address is tried again, every half second: the kubelet before this one may
    /// still be ending.
    private static let bindsMax = 20

    /// Until cancelled, or until the address can't be had.
    func run() async throws {
        for attempt in 1... {
            do { return try await serve() } catch let error as IOError
                where error.errnoCode == EADDRINUSE && attempt < Self.bindsMax
            {
                services.logger.warning(
                    "port \(services.configuration.port): \(error); trying again")
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func serve() async throws {
        let configuration = services.configuration
        let server = HTTPServer(
            tls: tls, limits: HTTPLimits(connectionsMax: 256), logger: services.logger,
            isKnown: { _ in false },  // nothing that is asked here has a body
            tooLarge: { .text("no body of more than \($0) bytes is read here\n", status: 413) }
        ) { await respond($0) }
        try await server.run([.address(host: configuration.nodeIP, port: configuration.port)])
    }

    private func respond(_ request: Request) async -> Response {
        guard request.certificate?.commonName == Self.caller else {
            return .text("only the API server is answered here\n", status: 403)
        }
        guard request.method == "GET" else { return .text("only GET is done here\n", status: 405) }
        do {
            return try await answer(request)
        } catch {
            return .text("\(error)\n", status: 500)
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let path = request.path
        switch (path.first, path.count) {
        case ("healthz", 1): return .text("ok")
        case ("pods", 1):
            let pods = try await manager.all.map { try JSON(encoding: $0) }
            return .json(["apiVersion": "v1", "kind": "PodList", "items": .array(pods)])
        case ("stats", 2) where path[1] == "summary": return .json(try await usage.summary())
        case ("containerLogs", 4):
            return try await LogServer(manager: manager).answer(
                namespace: path[1], pod: path[2], container: path[3], query: request.query)
        default: return .text("404 page not found\n", status: 404)
        }
    }
}
