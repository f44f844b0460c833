import AsyncHTTPClient
import ClientRules
import JSON
import NIOCore
import NIOPosix
import NIOSSL

/// The HTTPS connections to the API server: bytes out, bytes in.
///
/// A kit's cluster is fourteen processes on one laptop, so each is frugal: one event loop thread, idle
/// connections closed after some seconds, no authority trusted but the cluster's own.
final class Transport: Sendable {
    static let requestSecondsMax: Int64 = 30
    static let bodyBytesMax = 64 << 20

    private let client: HTTPClient
    private let server: String
    private let token: String?

    init(_ kubeconfig: Kubeconfig) throws {
        server = kubeconfig.server
        token = kubeconfig.token
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.tls(kubeconfig), redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        // Over HTTP/1.1 each watch holds a connection of its own, and the requests need some besides.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.connectionPool.idleTimeout = .seconds(10)
        // Refused connections are an answer too: the caller backs off and says so, once.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: Self.eventLoop, configuration: configuration)
    }

    /// Shared by all clients of the process, and ended with it.
    private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    deinit { client.shutdown().whenComplete { _ in } }

    private static func tls(_ kubeconfig: Kubeconfig) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority = kubeconfig.certificateAuthority {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
        }
        if let certificate = kubeconfig.clientCertificate, let key = kubeconfig.clientKey {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate)
                .map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        }
        return tls
    }

    /// Sends a request and reads the whole answer.
    /// - Throws: `APIError` for an answer of 400 and above; the connection's error where there was none.
    func exchange(
        _ method: String, _ path: String, body: JSON?, contentType: String
    ) async throws -> JSON {
        let response = try await client.execute(
            request(method, path, body: body, contentType: contentType),
            timeout: .seconds(Self.requestSecondsMax))
        let answer = try await response.body.collect(upTo: Self.bodyBytesMax)
        return try Self.read(answer, status: response.status.code)
    }

    /// Sends a request whose answer is a stream of lines, and reads its head.
    /// - Throws: as `exchange`.
    func open(_ path: String) async throws -> HTTPClientResponse.Body {
        let response = try await client.execute(
            request("GET", path, body: nil, contentType: ""),
            timeout: .seconds(Self.requestSecondsMax))
        guard response.status.code < 400 else {
            let answer = try await response.body.collect(upTo: Self.bodyBytesMax)
            _ = try Self.read(answer, status: response.status.code)
            return response.body
        }
        return response.body
    }

    private func request(
        _ method: String, _ path: String, body: JSON?, contentType: String
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "accept", value: "application/json")
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "content-type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return request
    }

    private static func read(_ answer: ByteBuffer, status: UInt) throws -> JSON {
        let bytes = Array(answer.readableBytesView)
        guard status < 400 else {
            throw APIError(status: try? JSON(parsing: bytes), code: Int(status))
        }
        return bytes.isEmpty ? .null : try JSON(parsing: bytes)
    }
}
