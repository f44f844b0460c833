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
public final class Transport: Sendable {
    static let requestSecondsMax: Int64 = 30
    /// The kit's API server sends a bookmark every 30 s, the stock one every minute.
    public static let silenceSecondsMax: Int64 = 75
    static let bodyBytesMax = 64 << 20

    private let requests: HTTPClient
    private let streams: HTTPClient
    private let server: String
    private let token: String?

    init(_ kubeconfig: Kubeconfig, silenceSecondsMax: Int64) throws {
        server = kubeconfig.server
        token = kubeconfig.token
        requests = try Self.client(
            kubeconfig, readSecondsMax: Self.requestSecondsMax, connectionsMax: 64)
        streams = try Self.client(
            kubeconfig, readSecondsMax: silenceSecondsMax, connectionsMax: 1024)
    }

    /// A path that dies without a word (a partition, a machine that is cut off) gives no error to who only
    /// reads: so silence is one.
    private static func client(
        _ kubeconfig: Kubeconfig, readSecondsMax: Int64, connectionsMax: Int
    ) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tls(kubeconfig), redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.timeout.read = .seconds(readSecondsMax)
        // Over HTTP/1.1 each watch holds a connection of its own, and some follow all kinds there are.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
        configuration.connectionPool.idleTimeout = .seconds(10)
        // Refused connections are an answer too: the caller backs off and says so, once.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: eventLoop, configuration: configuration)
    }

    /// Shared by all clients of the process, and ended with it.
    private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    deinit {
        for client in [requests, streams] { client.shutdown().whenComplete { _ in } }
    }

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
        let response = try await requests.execute(
            request(method, path, body: body, contentType: contentType),
            timeout: .seconds(Self.requestSecondsMax))
        let answer = try await response.body.collect(upTo: Self.bodyBytesMax)
        return try Self.read(answer, status: response.status.code)
    }

    /// Sends a request whose answer is a stream of lines, and reads its head.
    /// - Throws: as `exchange`.
    func open(_ path: String) async throws -> HTTPClientResponse.Body {
        let response = try await streams.execute(
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
