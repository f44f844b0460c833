import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import X509

/// HTTPS over sockets that are bound here or were handed down.
///
/// NIO itself rather than hummingbird: hummingbird 2.28 binds an address of its own and can't be
/// given a listening socket, and the peer's certificate and the connection's end are to be had only
/// by replacing its channel set-up.
public struct HTTPServer: Sendable {
    public enum Socket: Sendable {
        case address(host: String, port: Int)
        /// A listening socket that this process inherited.
        case inherited(descriptor: Int32)
    }

    typealias Connected = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    static let bodyBytesMax = 3 << 20  // what the stock server takes

    let tls: NIOSSLContext
    let logger: Logger
    let respond: @Sendable (Request) async -> Response

    /// Serves until the task is cancelled.
    func run(_ sockets: [Socket], whenListening: @Sendable () -> Void) async throws {
        var servers: [NIOAsyncChannel<Connected, Never>] = []
        for socket in sockets { servers.append(try await listen(socket)) }
        whenListening()
        try await withThrowingDiscardingTaskGroup { group in
            for server in servers { group.addTask { try await accept(server) } }
        }
    }

    private func listen(_ socket: Socket) async throws -> NIOAsyncChannel<Connected, Never> {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        let initialise: @Sendable (any Channel) -> EventLoopFuture<Connected> = { [tls] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                return try Connected(wrappingChannelSynchronously: channel)
            }
        }
        switch socket {
        case .address(let host, let port):
            return try await bootstrap.bind(
                host: host, port: port, childChannelInitializer: initialise)
        case .inherited(let descriptor):
            return try await bootstrap.bind(descriptor, childChannelInitializer: initialise)
        }
    }

    private func accept(_ server: NIOAsyncChannel<Connected, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connected: Connected) async {
        do {
            try await connected.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                var certificate: CertificateName??
                while let (head, body) = try await readRequest(&parts) {
                    if certificate == nil {
                        certificate = .some(try await peer(of: connected.channel))
                    }
                    let request = makeRequest(head, body, certificate ?? nil, connected.channel)
                    let keepAlive = try await answer(head, request, outbound)
                    if !keepAlive { break }
                }
            }
        } catch {
            // A peer that hangs up, or can't agree on TLS, is its own business.
            logger.debug("connection ended: \(error)")
        }
    }

    /// The next request with its body; nil at the end of the connection. A body that is too large
    /// comes back as nil.
    private func readRequest(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    ) async throws -> (HTTPRequestHead, [UInt8]?)? {
        guard case .head(let head)? = try await parts.next() else { return nil }
        var body: [UInt8]? = []
        while let part = try await parts.next() {
            switch part {
            case .head: return nil
            case .body(let buffer):
                if let size = body?.count, size + buffer.readableBytes > Self.bodyBytesMax {
                    body = nil
                }
                body?.append(contentsOf: buffer.readableBytesView)
            case .end: return (head, body)
            }
        }
        return nil
    }

    private func makeRequest(
        _ head: HTTPRequestHead, _ body: [UInt8]?, _ certificate: CertificateName?,
        _ channel: any Channel
    ) -> Request? {
        guard let body else { return nil }
        let halves = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return Request(
            method: head.method.rawValue, uri: head.uri,
            path: (halves.first ?? "").split(separator: "/").map { percentDecoded($0) },
            query: Query(halves.count == 2 ? halves[1] : ""), headers: head.headers, body: body,
            certificate: certificate, connection: Connection(channel: channel))
    }

    /// - Returns: whether another request may follow.
    private func answer(
        _ head: HTTPRequestHead, _ request: Request?,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        let response: Response
        if let request {
            response = await respond(request)
        } else {
            response = .failure(.tooLarge(limitBytes: Self.bodyBytesMax))
        }
        var answer = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: response.status),
            headers: HTTPHeaders(response.headers))
        let keepAlive = head.isKeepAlive && request != nil
        if !keepAlive { answer.headers.replaceOrAdd(name: "Connection", value: "close") }
        switch response.body {
        case .bytes(let bytes):
            answer.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
            var parts: [HTTPServerResponsePart] = [.head(answer)]
            if head.method != .HEAD { parts.append(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
            parts.append(.end(nil))
            try await outbound.write(contentsOf: parts)
        case .stream(let produce):
            try await outbound.write(.head(answer))
            try await produce(BodyWriter(outbound: outbound))
            try await outbound.write(.end(nil))
        }
        return keepAlive
    }

    /// TLS has verified the certificate, if there is one, by the time the first request is read.
    private func peer(of channel: any Channel) async throws -> CertificateName? {
        guard let certificate = try await channel.nioSSL_peerCertificate().get() else { return nil }
        return CertificateName(try Certificate(derEncoded: certificate.toDERBytes()))
    }
}

extension CertificateName {
    /// The common name and organizations of the subject; nil where there is no common name.
    init?(_ certificate: Certificate) {
        var commonName: String?
        organizations = []
        for attribute in certificate.subject.flatMap({ $0 }) {
            guard let value = String(attribute.value) else { continue }
            switch attribute.type {
            case .RDNAttributeType.commonName: commonName = value
            case .RDNAttributeType.organizationName: organizations.append(value)
            default: break
            }
        }
        guard let commonName else { return nil }
        self.commonName = commonName
    }
}
