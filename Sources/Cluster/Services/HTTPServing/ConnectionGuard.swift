import Linux
import NIOCore
import NIOHTTP1

/// The connections of one server, and the table that says who may stay.
final class Connections: Sendable {
    private let lock = Lock()
    nonisolated(unsafe) private var table: ConnectionTable  // guarded by `lock`
    nonisolated(unsafe) private var channels: [Int: any Channel] = [:]

    init(_ limits: HTTPLimits) { table = ConnectionTable(limits) }

    /// - Returns: the connection's number; nil where there is no room for it.
    func admit(_ channel: any Channel) -> Int? {
        let peer = channel.remoteAddress?.ipAddress ?? "?"
        let (id, other) = lock.hold { () -> (Int?, (any Channel)?) in
            guard case .admitted(let id, let instead) = table.arrives(from: peer) else {
                return (nil, nil)
            }
            channels[id] = channel
            return (id, instead.flatMap { channels.removeValue(forKey: $0) })
        }
        other?.close(promise: nil)
        guard let id else { return nil }
        channel.closeFuture.whenComplete { [self] _ in
            lock.hold {
                table.leaves(id)
                channels[id] = nil
            }
        }
        return id
    }

    func isBusy(_ id: Int) { lock.hold { table.isBusy(id) } }
    func waits(_ id: Int) { lock.hold { table.waits(id) } }
}

/// Closes a connection whose peer lets a limit of time pass. Stands behind the HTTP codec, where
/// whole heads and ends are seen.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let id: Int
    private let connections: Connections
    private let limits: HTTPLimits
    private var phase: ConnectionPhase
    private var deadline: Scheduled<Void>?
    private var stalled: Scheduled<Void>?

    init(_ id: Int, _ connections: Connections, _ limits: HTTPLimits) {
        (self.id, self.connections, self.limits) = (id, connections, limits)
        phase = ConnectionPhase(limits)
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(phase.opened, context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        stalled?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            connections.isBusy(id)
            wait(phase.head(), context)
        case .body: break
        case .end: wait(phase.end(), context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            wait(phase.answered(), context)
            if phase.isWaiting { connections.waits(id) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalled?.cancel()
        stalled =
            context.channel.isWritable ? nil : close(context, afterSeconds: limits.stalledSeconds)
        context.fireChannelWritabilityChanged()
    }

    private func wait(_ seconds: Int?, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = seconds.map { close(context, afterSeconds: $0) }
    }

    private func close(_ context: ChannelHandlerContext, afterSeconds seconds: Int) -> Scheduled<
        Void
    > {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) {
            channel.close(promise: nil)
        }
    }
}
