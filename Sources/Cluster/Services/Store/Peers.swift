import Bytes
import Consensus
import ContractRaft
import EtcdAPI
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import StoreRules

/// The members' own protocol: frames over TCP, one connection from each member to each other one.
///
/// A frame is a length (4 bytes, big-endian) and that many bytes. The first frame says who speaks: cluster, member and
/// disk. The one who accepted the connection answers whether it knows the speaker by that disk; after that it only
/// sends back beats, by which both sides notice a peer or a network that is dead without a word. What can't be sent is
/// dropped: Raft sends again.
///
/// With credentials each connection is TLS, and both ends show a certificate of the members' own authority.
final class Peers: Sendable {

    /// A link on which nothing is heard for so long is given up, and dialled anew.
    private static let silenceMax = TimeAmount.seconds(5)
    private static let pauseMillisecondsMin = 50
    /// What may wait to be sent on one link. Entries and pieces of snapshots under way are bounded well below it.
    private static let unsentBytes = ChannelOptions.Types.WriteBufferWaterMark(
        low: 8 << 20, high: 32 << 20)

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
        /// From a random number on: an answer to a question of a former life must not be taken for another's.
        var nextQuestion = Int.random(in: 0..<1 << 62)
        var isClosed = false
    }

    private final class Link {
        var channel: (any Channel)?
        var isDialing = false
        /// Before it is dialled anew: longer each time until the peer has let this member in.
        var pauseMilliseconds = Peers.pauseMillisecondsMin
        var needsFlush = false
        /// The peer has let this member in.
        var isWelcome = false
    }

    /// Call it on the loop.
    init(
        settings: StoreSettings, tls: StoreCredentials.PeerContexts?, loop: any EventLoop,
        log: Logger
    ) {
        self.settings = settings
        self.tls = tls
        self.loop = loop
        self.log = log
        let state = State()
        for member in settings.members where member.id != settings.id {
            state.links[member.id] = Link()
        }
        self.state = NIOLoopBound(state, eventLoop: loop)
    }

    /// Members that this one's messages reach. On the loop only.
    var connected: [MemberID] {
        state.value.links.filter { $0.value.isWelcome && $0.value.channel?.isActive == true }
            .keys.sorted()
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
                    let handler = PeerHandler(cluster: self.settings.clusterID, member: member) {
                        from, frame in
                        self.received(frame, from: from, for: member)
                    }
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: Self.silenceMax), handler)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        let listener = try await bootstrap.bind(host: settings.peer.host, port: settings.peer.port)
            .get()
        try await loop.submit {
            self.state.value.listener = listener
            for id in self.state.value.links.keys.sorted() { self.dial(id, for: member) }
            self.beat()
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

    private func dial(_ id: MemberID, for member: Member) {
        guard !state.value.isClosed, let link = state.value.links[id], !link.isDialing,
            let address = settings.members.first(where: { $0.id == id })?.peerAddress
        else { return }
        link.isDialing = true
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: Self.unsentBytes)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.encipher(channel, to: address)
                    let handler = LinkHandler {
                        self.answered($0, by: id, for: member)
                    } failed: {
                        self.log.error("member \(id) at \(address): \($0)")
                    }
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: Self.silenceMax), handler)
                }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in self.dialed(id, for: member, result) }
    }

    private func encipher(_ channel: any Channel, to address: HostPort) throws {
        guard let tls else { return }
        // Without a name the certificate is compared with the address.
        let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(
                context: tls.dialling, serverHostname: isName ? address.host : nil))
    }

    /// Every second, so that on every link there is something to hear in both directions.
    private func beat() {
        guard !state.value.isClosed else { return }
        for id in state.value.links.keys.sorted() { write(PeerFrame.beat.encoded, to: id) }
        loop.scheduleTask(in: .seconds(1)) { self.beat() }
    }

    /// What the one who was dialled has to say.
    private func answered(_ frame: PeerFrame, by id: MemberID, for member: Member) {
        switch frame {
        case .welcome:
            state.value.links[id]?.isWelcome = true
            state.value.links[id]?.pauseMilliseconds = Self.pauseMillisecondsMin
            member.assumeIsolated { $0.welcomed(by: id) }
        case .refusal: member.assumeIsolated { $0.refused(by: id) }
        default: break
        }
    }

    private func dialed(
        _ id: MemberID, for member: Member, _ result: Result<any Channel, any Error>
    ) {
        guard let link = state.value.links[id] else { return }
        link.isDialing = false
        switch result {
        case .failure: dialLater(id, for: member)
        case .success(let channel):
            link.channel = channel
            log.info("peer connected", metadata: ["member": "\(id)"])
            var hello = ByteWriter()
            hello.int(settings.clusterID)
            hello.int(settings.id)
            hello.int(member.diskNumber)
            write(hello.bytes, to: id)
            channel.closeFuture.whenComplete { _ in
                self.log.info("peer lost", metadata: ["member": "\(id)"])
                self.state.value.links[id]?.channel = nil
                self.state.value.links[id]?.isWelcome = false
                self.dialLater(id, for: member)
            }
        }
    }

    private func dialLater(_ id: MemberID, for member: Member) {
        guard let link = state.value.links[id] else { return }
        let pause = link.pauseMilliseconds
        link.pauseMilliseconds = min(pause * 2, 1000)
        loop.scheduleTask(in: .milliseconds(Int64(pause))) { self.dial(id, for: member) }
    }

    // MARK: Sending

    /// On the loop only.
    func send(_ message: Message) {
        write(PeerFrame.message(message).encoded, to: message.to)
    }

    /// On the loop only.
    func send(_ message: SnapshotMessage) {
        write(PeerFrame.snapshot(message).encoded, to: message.to)
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
            self.write(PeerFrame.question(number: number, question).encoded, to: leader)
            self.loop.scheduleTask(in: .seconds(1)) {
                self.state.value.questions.removeValue(forKey: number)?.succeed(nil)
            }
            return promise.futureResult
        }.get()
    }

    // MARK: Receiving

    private func received(_ frame: PeerFrame, from: MemberID, for member: Member) {
        switch frame {
        case .message(let message):
            guard message.from == from else { return }
            member.assumeIsolated { $0.received(message) }
        case .snapshot(let message):
            guard message.from == from else { return }
            member.assumeIsolated { $0.received(message) }
        case .question(let number, let question):
            let answer = member.assumeIsolated { $0.answer(question) }
            write(PeerFrame.answer(number: number, answer).encoded, to: from)
        case .answer(let number, let answer):
            state.value.questions.removeValue(forKey: number)?.succeed(answer)
        case .beat, .welcome, .refusal: break
        }
    }
}
