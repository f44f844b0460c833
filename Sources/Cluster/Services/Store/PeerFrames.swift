import Bytes
import Consensus
import ContractRaft
import NIOCore
import StoreRules

/// What peers say to each other after the first word.
enum PeerFrame {
    case message(Message)
    case question(number: Int, LeaderQuestion)
    case answer(number: Int, Int64?)
    case snapshot(SnapshotMessage)
    /// Sent back by the one who gets it.
    case beat
    /// The speaker is known by its disk, or new.
    case welcome
    /// Another disk was known under the speaker's name.
    case refusal
}

extension PeerFrame {
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
        case .snapshot(let message): return [4] + message.encoded
        case .beat: return [5]
        case .welcome: return [6]
        case .refusal: return [7]
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
        case 4: self = .snapshot(try SnapshotMessage(decoding: reader.rest()))
        case 5: self = .beat
        case 6: self = .welcome
        case 7: self = .refusal
        default: throw ByteReader.Malformed(offset: 0)
        }
    }
}

/// Cuts a stream of bytes into frames.
struct FrameCutter {
    private static let frameBytesMax = 1 << 30
    private var pending = ByteBuffer()

    mutating func add(_ buffer: ByteBuffer) {
        var buffer = buffer
        pending.discardReadBytes()
        pending.writeBuffer(&buffer)
    }

    /// - Throws: `ByteReader.Malformed`.
    mutating func next() throws -> [UInt8]? {
        guard let length = pending.getInteger(at: pending.readerIndex, as: UInt32.self) else {
            return nil
        }
        guard length <= Self.frameBytesMax else { throw ByteReader.Malformed(offset: 0) }
        guard pending.readableBytes >= 4 + Int(length) else { return nil }
        pending.moveReaderIndex(forwardBy: 4)
        return pending.readBytes(length: Int(length))
    }
}

extension ChannelHandlerContext {
    func send(_ frame: PeerFrame) {
        let bytes = frame.encoded
        var buffer = channel.allocator.buffer(capacity: bytes.count + 4)
        buffer.writeInteger(UInt32(bytes.count))
        buffer.writeBytes(bytes)
        writeAndFlush(NIOAny(buffer), promise: nil)
    }
}

/// The side that was dialled. A stranger, one that speaks nonsense, and one with another disk is hung up on.
final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let cluster: Int
    private let member: Member
    private let deliver: (MemberID, PeerFrame) -> Void
    private var peer: MemberID?
    private var isWelcome = false
    private var frames = FrameCutter()

    init(cluster: Int, member: Member, deliver: @escaping (MemberID, PeerFrame) -> Void) {
        (self.cluster, self.member, self.deliver) = (cluster, member, deliver)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.add(unwrapInboundIn(data))
        do {
            while let frame = try frames.next() { try handle(frame, context) }
        } catch {
            context.close(promise: nil)
        }
    }

    private func handle(_ bytes: [UInt8], _ context: ChannelHandlerContext) throws {
        guard let peer else { return try greet(bytes, context) }
        let frame = try PeerFrame(decoding: bytes)
        if case .beat = frame { return context.send(.beat) }
        // What comes before the welcome is lost, as on any bad network.
        if isWelcome { deliver(peer, frame) }
    }

    private func greet(_ bytes: [UInt8], _ context: ChannelHandlerContext) throws {
        var reader = ByteReader(bytes)
        guard try reader.int() == cluster else { throw ByteReader.Malformed(offset: 0) }
        let peer = try reader.int()
        guard member.settings.members.contains(where: { $0.id == peer }) else {
            throw ByteReader.Malformed(offset: 0)
        }
        self.peer = peer
        let disk = try reader.int()
        let me = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        member.assumeIsolated { member in
            member.judge(peer, disk: disk) { isKnown in
                let (handler, context) = me.value
                handler.isWelcome = isKnown
                context.send(isKnown ? .welcome : .refusal)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// The side that dialled: it only hears whether it is welcome, and that the other side lives.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answered: (PeerFrame) -> Void
    private let failed: (any Error) -> Void
    private var frames = FrameCutter()

    /// - Parameter failed: hears why the link ends: a certificate that is refused, most of all.
    init(
        _ answered: @escaping (PeerFrame) -> Void, failed: @escaping (any Error) -> Void
    ) {
        (self.answered, self.failed) = (answered, failed)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.add(unwrapInboundIn(data))
        do {
            while let frame = try frames.next() { answered(try PeerFrame(decoding: frame)) }
        } catch {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed(error)
        context.close(promise: nil)
    }
}
