import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import X509

/// HTTPS over sockets that are bound here or were handed down: for the API server and for kubelets.
///
/// NIO itself rather than hummingbird: hummingbird 2.28 binds an address of its own and can't be
/// given a listening socket, and the peer's certificate, the connection's end and its limits are to
/// be had only by replacing its channel set-up.
public struct HTTPServer: Sendable {
    public enum Socket: Sendable {
        case address(host: String, port: Int)
        /// A listening socket that this process inherited.
        case inherited(descriptor: Int32)
    }

    typealias Connected = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let tls: NIOSSLContext
    private let limits: HTTPLimits
    private let logger: Logger
    private let connections: Connections
    private let isKnown: @Sendable (Request) async -> Bool
    private let tooLarge: @Sendable (_ bytesMax: Int) -> Response
    private let respond: @Sendable (Request) async -> Response

    /// - Parameters:
    ///   - isKnown: whether who asks may send more than a little; the request has no body yet.
    ///   - tooLarge: what to say to a body that is too large.
    ///   - respond: answers one request.
    public init(
        tls: NIOSSLContext, limits: HTTPLimits, logger: Logger,
        isKnown: @escaping @Sendable (Request) async -> Bool,
        tooLarge: @escaping @Sendable (_ bytesMax: Int) -> Response,
        respond: @escaping @Sendable (Request) async -> Response
    ) {
        (self.tls, self.limits, self.logger) = (tls, limits, logger)
        (self.isKnown, self.tooLarge, self.respond) = (isKnown, tooLarge, respond)
        connections = Connections(limits)
    }

    /// Serves until the task is cancelled.
    public func run(_ sockets: [Socket], whenListening: @Sendable () -> Void = {}) async throws {
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
        let initialise: @Sendable (any Channel) -> EventLoopFuture<Connected> = { channel in
            channel.eventLoop.makeCompletedFuture { try setUp(channel) }
        }
        switch socket {
        case .address(let host, let port):
            return try await bootstrap.bind(
                host: host, port: port, childChannelInitializer: initialise)
        case .inherited(let descriptor):
            return try await bootstrap.bind(descriptor, childChannelInitializer: initialise)
        }
    }

    private func setUp(_ channel: any Channel) throws -> Connected {
        let pipeline = channel.pipeline.syncOperations
        let id = connections.admit(channel)
        try pipeline.addHandler(NIOSSLServerHandler(context: tls))
        var heads = NIOHTTPDecoderLimitConfiguration()
        (heads.maxHeaderFieldSize, heads.maxHeaderListSize) = (
            limits.headBytesMax, limits.headBytesMax
        )
        heads.maxHeaderFieldCount = limits.headFieldsMax
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: heads)
        if let id { try pipeline.addHandler(ConnectionGuard(id, connections, limits)) }
        let connected = try Connected(wrappingChannelSynchronously: channel)
        if id == nil { channel.close(promise: nil) }
        return connected
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
                while case .head(let head)? = try await parts.next() {
                    if certificate == nil {
                        certificate = .some(try await peer(of: connected.channel))
                    }
                    var request = makeRequest(head, certificate ?? nil, connected.channel)
                    let bytesMax = await bodyBytesMax(of: request)
                    guard let body = try await readBody(&parts, head, bytesMax) else {
                        return try await refuseBody(head, bytesMax, &parts, outbound)
                    }
                    request.body = body
                    let response = await respond(request)
                    try await answer(head, response, keepAlive: head.isKeepAlive, outbound)
                    if !head.isKeepAlive { break }
                }
            }
        } catch {
            // A peer that hangs up, or can't agree on TLS, is its own business.
            logger.debug("connection ended: \(error)")
        }
    }

    /// Only where much is announced, or nobody says how much, it counts who asks.
    private func bodyBytesMax(of request: Request) async -> Int {
        let announced =
            request.header("transfer-encoding") == nil
            ? Int(request.header("content-length") ?? "0") ?? .max : .max
        if announced <= limits.anonymousBodyBytesMax { return limits.anonymousBodyBytesMax }
        return await isKnown(request) ? limits.bodyBytesMax : limits.anonymousBodyBytesMax
    }

    /// The request's body; nil for one that is too large, which is not read to its end: it may have
    /// none.
    private func readBody(
        _ parts: inout Parts, _ head: HTTPRequestHead, _ bytesMax: Int
    ) async throws -> [UInt8]? {
        if let length = head.headers.first(name: "content-length"), Int(length) ?? .max > bytesMax {
            return nil
        }
        var body: [UInt8] = []
        while let part = try await parts.next() {
            switch part {
            case .head: throw BrokenRequest()
            case .body(let buffer):
                if body.count + buffer.readableBytes > bytesMax { return nil }
                body.append(contentsOf: buffer.readableBytesView)
            case .end: return body
            }
        }
        throw BrokenRequest()
    }

    private typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// The connection ended, or went on, in the middle of a request.
    private struct BrokenRequest: Error {}

    /// Says so and hangs up, after some more of what is under way: a peer that is cut off while it
    /// sends doesn't see the answer.
    private func refuseBody(
        _ head: HTTPRequestHead, _ bytesMax: Int, _ parts: inout Parts,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        try await answer(head, tooLarge(bytesMax), keepAlive: false, outbound)
        var left = 256 << 10
        while left > 0, let part = try await parts.next() {
            switch part {
            case .body(let buffer): left -= buffer.readableBytes
            case .head, .end: return
            }
        }
    }

    private func makeRequest(
        _ head: HTTPRequestHead, _ certificate: CertificateName?, _ channel: any Channel
    ) -> Request {
        let halves = head.uri.utf8.split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves.first?.split(separator: UInt8(ascii: "/")) ?? []
        return Request(
            method: head.method.rawValue, uri: head.uri,
            path: path.map { percentDecoded(Substring($0)) },
            query: Query(halves.count == 2 ? Substring(halves[1]) : ""), headers: head.headers,
            body: [], certificate: certificate, connection: Connection(channel: channel))
    }

    private func answer(
        _ head: HTTPRequestHead, _ response: Response, keepAlive: Bool,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var answer = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: response.status),
            headers: HTTPHeaders(response.headers))
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
