import Bytes
import Consensus
import ContractRaft
import EtcdAPI
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// The members' own protocol: frames over TCP, one connection from each member to each other one.
///
/// A frame is a length (4 bytes, big-endian) and that many bytes. The first frame says who speaks: cluster and member.
/// Each one after it begins with a byte: 1 a Raft message, 2 a question to the leader, 3 the answer. What can't
/// be sent is dropped: Raft sends again.
///
/// With credentials each connection is TLS, and both ends show a certificate of the members' own authority.
final class Peers: Sendable {
    enum Frame {
        case message(Message)
        case question(number: Int, LeaderQuestion)
        case answer(number: Int, Int64?)
    }

    private let settings: StoreSettings
    private let tls: StoreCredentials.PeerContexts?
    private let loop: any EventLoop
    private let log: Logger
    private let state: NIOLoopBound<State>

    /// Touched on the loop only.
    private final class State {
        var links: [MemberID: Link] = [:]
        var listener: (any Channel)?
        var questions: [Int: EventLoopPromise<Int64?>] = [:]
        var nextQuestion = 1
        var isClosed = false
    }

    private final class Link {
        var channel: (any Channel)?
        var isDialing = false
        var pauseMilliseconds = 50
        var needsFlush = false
    }

    /// Call it on the loop.
    init(
        settings: StoreSettings, tls: StoreCredentials.PeerContexts?, loop: any EventLoop, log: Logger
    ) {
        self.settings = settings
        self.tls = tls
        self.loop = loop
        self.log = log
        let state = State()
        for member in settings.members where member.id != settings.id { state.links[member.id] = Link() }
        self.state = NIOLoopBound(state, eventLoop: loop)
    }

    /// Members that this one's messages reach. On the loop only.
    var connected: [MemberID] {
        state.value.links.filter { $0.value.channel?.isActive == true }.keys.sorted()
    }

    // MARK: Starting and stopping

    /// Listens for the others and begins to dial them.
    func start(for member: Member) async throws {
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = self.tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: tls.listening))
                    }
                    let handler = PeerHandler(cluster: self.settings.clusterID) { from, frame in
                        self.received(frame, from: from, for: member)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        let listener = try await bootstrap.bind(host: settings.peer.host, port: settings.peer.port).get()
        try await loop.submit {
            self.state.value.listener = listener
            for id in self.state.value.links.keys.sorted() { self.dial(id) }
        }.get()
    }

    func close() async {
        try? await loop.submit {
            self.state.value.isClosed = true
            self.state.value.listener?.close(promise: nil)
            for link in self.state.value.links.values { link.channel?.close(promise: nil) }
            for question in self.state.value.questions.values { question.succeed(nil) }
            self.state.value.questions = [:]
        }.get()
    }

    private func dial(_ id: MemberID) {
        guard !state.value.isClosed, let link = state.value.links[id], !link.isDialing,
            let address = settings.members.first(where: { $0.id == id })?.peerAddress
        else { return }
        link.isDialing = true
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.encipher(channel, to: id, address) }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in self.dialed(id, result) }
    }

    private func encipher(_ channel: any Channel, to id: MemberID, _ address: HostPort) throws {
        if let tls {
            // Without a name the certificate is compared with the address.
            let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(
                    context: tls.dialling, serverHostname: isName ? address.host : nil))
        }
        try channel.pipeline.syncOperations.addHandler(
            DiallingHandler { self.log.error("member \(id) at \(address): \($0)") })
    }

    private func dialed(_ id: MemberID, _ result: Result<any Channel, any Error>) {
        guard let link = state.value.links[id] else { return }
        link.isDialing = false
        switch result {
        case .failure:
            link.pauseMilliseconds = min(link.pauseMilliseconds * 2, 1000)
            loop.scheduleTask(in: .milliseconds(Int64(link.pauseMilliseconds))) { self.dial(id) }
        case .success(let channel):
            link.channel = channel
            link.pauseMilliseconds = 50
            log.info("peer connected", metadata: ["member": "\(id)"])
            var hello = ByteWriter()
            hello.int(settings.clusterID)
            hello.int(settings.id)
            write(hello.bytes, to: id)
            channel.closeFuture.whenComplete { _ in
                self.log.info("peer lost", metadata: ["member": "\(id)"])
                self.state.value.links[id]?.channel = nil
                self.loop.scheduleTask(in: .milliseconds(50)) { self.dial(id) }
            }
        }
    }

    // MARK: Sending

    /// On the loop only.
    func send(_ message: Message) {
        write([1] + message.encoded, to: message.to)
    }

    private func write(_ bytes: [UInt8], to id: MemberID) {
        guard let link = state.value.links[id], let channel = link.channel,
            channel.isWritable || bytes.count < 1024
        else { return }
        var buffer = channel.allocator.buffer(capacity: bytes.count + 4)
        buffer.writeInteger(UInt32(bytes.count))
        buffer.writeBytes(bytes)
        channel.write(buffer, promise: nil)
        // One flush for all messages of a turn of the loop.
        guard !link.needsFlush else { return }
        link.needsFlush = true
        loop.execute {
            self.state.value.links[id]?.needsFlush = false
            channel.flush()
        }
    }

    /// Asks the leader something; nil where it answers that it is none, or not in time.
    func ask(_ leader: MemberID, _ question: LeaderQuestion) async throws -> Int64? {
        try await loop.flatSubmit {
            let promise = self.loop.makePromise(of: Int64?.self)
            let number = self.state.value.nextQuestion
            self.state.value.nextQuestion += 1
            self.state.value.questions[number] = promise
            self.write(Frame.question(number: number, question).encoded, to: leader)
            self.loop.scheduleTask(in: .seconds(1)) {
                self.state.value.questions.removeValue(forKey: number)?.succeed(nil)
            }
            return promise.futureResult
        }.get()
    }

    // MARK: Receiving

    private func received(_ frame: Frame, from: MemberID, for member: Member) {
        switch frame {
        case .message(let message):
            guard message.from == from else { return }
            member.assumeIsolated { $0.received(message) }
        case .question(let number, let question):
            let answer = member.assumeIsolated { $0.answer(question) }
            write(Frame.answer(number: number, answer).encoded, to: from)
        case .answer(let number, let answer):
            state.value.questions.removeValue(forKey: number)?.succeed(answer)
        }
    }
}

extension Peers.Frame {
    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .message(let message): return [1] + message.encoded
        case .question(let number, let question):
            writer.byte(2)
            writer.int(number)
            switch question {
            case .keepAlive(let id):
                writer.byte(1)
                writer.int(id)
            case .timeLeft(let id):
                writer.byte(2)
                writer.int(id)
            }
        case .answer(let number, let answer):
            writer.byte(3)
            writer.int(number)
            writer.optional(answer.map(Int.init))
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        switch try reader.byte() {
        case 1: self = .message(try Message(decoding: reader.rest()))
        case 2:
            let number = try reader.int()
            let kind = try reader.byte()
            let id = Int64(try reader.int())
            self = .question(number: number, kind == 1 ? .keepAlive(id) : .timeLeft(id))
        case 3: self = .answer(number: try reader.int(), try reader.optional().map(Int64.init))
        default: throw ByteReader.Malformed(offset: 0)
        }
    }
}

/// Tells why a connection to a peer ends: a certificate that is refused, most of all.
private final class DiallingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let tell: (any Error) -> Void

    init(tell: @escaping (any Error) -> Void) { self.tell = tell }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        tell(error)
        context.close(promise: nil)
    }
}

/// Cuts what a peer sends into frames. A stranger, or one that speaks nonsense, is hung up on.
private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    static let frameBytesMax = 1 << 30

    private let cluster: Int
    private let deliver: (MemberID, Peers.Frame) -> Void
    private var peer: MemberID?
    private var pending = ByteBuffer()

    init(cluster: Int, deliver: @escaping (MemberID, Peers.Frame) -> Void) {
        self.cluster = cluster
        self.deliver = deliver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        do {
            while let frame = try nextFrame() { try handle(frame) }
        } catch {
            context.close(promise: nil)
        }
        pending.discardReadBytes()
    }

    private func nextFrame() throws -> [UInt8]? {
        guard let length = pending.getInteger(at: pending.readerIndex, as: UInt32.self) else { return nil }
        guard length <= Self.frameBytesMax else { throw ByteReader.Malformed(offset: 0) }
        guard pending.readableBytes >= 4 + Int(length) else { return nil }
        pending.moveReaderIndex(forwardBy: 4)
        return pending.readBytes(length: Int(length))
    }

    private func handle(_ bytes: [UInt8]) throws {
        if let peer { return deliver(peer, try Peers.Frame(decoding: bytes)) }
        var reader = ByteReader(bytes)
        guard try reader.int() == cluster else { throw ByteReader.Malformed(offset: 0) }
        peer = try reader.int()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
