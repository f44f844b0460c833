import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// `/health`, `/version` and `/metrics` over plain HTTP, as etcd has them on `--listen-metrics-urls`: for whoever watches
/// over a member. They tell of its state, and of no key.
struct HealthServer {
    private let channel: any Channel

    /// Listens from now on, on the member's own loop.
    init(_ address: HostPort, for member: Member) async throws {
        channel = try await ServerBootstrap(group: member.loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandlers(
                        IdleStateHandler(allTimeout: .seconds(30)), HealthHandler(member))
                }
            }
            .bind(host: address.host, port: address.port).get()
    }

    func close() { channel.close(promise: nil) }
}

private final class HealthHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let member: Member
    private var head: HTTPRequestHead?

    init(_ member: Member) { self.member = member }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            let me = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            let (member, loop) = (member, context.eventLoop)
            Task {
                let page = await member.page(head.uri)
                loop.execute { me.value.handler.answer(page, to: head, me.value.context) }
            }
        }
    }

    private func answer(
        _ page: HealthPage, to head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        var body = context.channel.allocator.buffer(string: page.text)
        if head.method == .HEAD { body.clear() }
        let headers: HTTPHeaders = [
            "Content-Type": page.type, "Content-Length": "\(page.text.utf8.count)",
        ]
        let status = HTTPResponseStatus(statusCode: page.status)
        context.write(
            wrapOutboundOut(.head(.init(version: head.version, status: status, headers: headers))),
            promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !head.isKeepAlive { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
