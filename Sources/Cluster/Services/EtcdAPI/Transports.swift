import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore

/// A client's connection to a member of the store, plaintext as etcd's is by default.
///
/// - Parameter adjust: changes what is special about this client.
public func etcdClientTransport(
    host: String, port: Int,
    adjust: (inout HTTP2ClientTransport.Posix.Config) -> Void = { _ in }
) throws -> HTTP2ClientTransport.Posix {
    var config = HTTP2ClientTransport.Posix.Config.defaults
    config.channelDebuggingCallbacks.onCreateTCPConnection = { answerPings(on: $0, preface: 0) }
    adjust(&config)
    return try HTTP2ClientTransport.Posix(
        target: .dns(host: host, port: port), transportSecurity: .plaintext, config: config)
}

extension HTTP2ServerTransport.Posix.Config {
    /// Lets clients in Go ping as often as they do.
    public mutating func answerPingsOfGo() {
        channelDebuggingCallbacks.onAcceptTCPConnection = { answerPings(on: $0, preface: 24) }
    }
}

private func answerPings(on channel: any Channel, preface: Int) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
            PingAnswerer(preface: preface), position: .first)
    }
}
