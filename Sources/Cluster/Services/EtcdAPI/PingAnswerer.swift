import NIOCore

/// Answers PINGs at the edge of a connection, so that NIO's HTTP/2 doesn't count them (`PingFilter` says why).
final class PingAnswerer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var filter: PingFilter
    private var hasAnswered = false

    init(preface: Int) { filter = PingFilter(preface: preface) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let (passed, pings) = filter.take(unwrapInboundIn(data))
        // Whoever pings and doesn't read the answers is an attacker indeed.
        guard pings.isEmpty || context.channel.isWritable else {
            return context.close(promise: nil)
        }
        for ping in pings {
            context.write(wrapOutboundOut(.byteBuffer(PingFilter.answer(ping))), promise: nil)
            hasAnswered = true
        }
        if passed.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(passed)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasAnswered { context.flush() }
        hasAnswered = false
        context.fireChannelReadComplete()
    }
}
