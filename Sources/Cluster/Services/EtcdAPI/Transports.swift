import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
import NIOSSL

/// A client's connection to a member of the store.
///
/// - Parameters:
///   - credentials: nil: plaintext, as etcd's is by default.
///   - adjust: changes what is special about this client.
public func etcdClientTransport(
    host: String, port: Int, credentials: StoreCredentials? = nil,
    adjust: (inout HTTP2ClientTransport.Posix.Config) -> Void = { _ in }
) throws -> HTTP2ClientTransport.Posix {
    var config = HTTP2ClientTransport.Posix.Config.defaults
    config.channelDebuggingCallbacks.onCreateTCPConnection = {
        answerPings(on: $0, preface: 0, behind: NIOSSLClientHandler.self)
    }
    adjust(&config)
    let security = credentials?.client ?? .plaintext
    // An address is no name for TLS to ask for; a certificate is compared with the address itself.
    if isIPv4(host) {
        return try HTTP2ClientTransport.Posix(
            target: .ipv4(address: host, port: port), transportSecurity: security, config: config)
    }
    return try HTTP2ClientTransport.Posix(
        target: .dns(host: host, port: port), transportSecurity: security, config: config)
}

private func isIPv4(_ host: String) -> Bool {
    guard let address = try? NIOCore.SocketAddress(ipAddress: host, port: 0) else { return false }
    if case .v4 = address { return true }
    return false
}

extension HTTP2ServerTransport.Posix.Config {
    /// Lets clients in Go ping as often as they do.
    public mutating func answerPingsOfGo() {
        channelDebuggingCallbacks.onAcceptTCPConnection = {
            answerPings(on: $0, preface: 24, behind: NIOSSLServerHandler.self)
        }
    }
}

/// - Parameter tls: the handler that deciphers, where there is one: frames are seen behind it.
private func answerPings<Handler: ChannelHandler>(
    on channel: any Channel, preface: Int, behind tls: Handler.Type
) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        let deciphered = (try? pipeline.handler(type: tls)).map {
            ChannelPipeline.SynchronousOperations.Position.after($0)
        }
        try pipeline.addHandler(PingAnswerer(preface: preface), position: deciphered ?? .first)
    }
}
