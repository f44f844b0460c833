import Bytes
import ContractRaft

extension Message {
    /// The message as members send it to each other.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.int(from)
        writer.int(to)
        writer.int(term)
        body.encode(to: &writer)
        return writer.bytes
    }

    /// - Throws: `ByteReader.Malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        from = try reader.int()
        to = try reader.int()
        term = try reader.int()
        body = try Body(from: &reader)
        guard reader.isAtEnd else { throw ByteReader.Malformed(offset: bytes.count) }
    }
}

extension Message.Body {
    func encode(to writer: inout ByteWriter) {
        switch self {
        case .voteRequest(let request):
            writer.byte(1)
            writer.int(request.electionTerm)
            writer.int(request.lastIndex)
            writer.int(request.lastTerm)
            writer.bool(request.isPreVote)
            writer.bool(request.isHandOver)
        case .voteReply(let reply):
            writer.byte(2)
            writer.int(reply.electionTerm)
            writer.bool(reply.isPreVote)
            writer.bool(reply.granted)
        case .append(let append):
            writer.byte(3)
            append.encode(to: &writer)
        case .appendReply(let reply):
            writer.byte(4)
            writer.int(reply.matchIndex)
            writer.int(reply.round)
            writer.optional(reply.refusedIndex)
            writer.optional(reply.hint.term)
            writer.int(reply.hint.index)
        case .snapshot(let snapshot, let round):
            writer.byte(5)
            writer.int(snapshot.index)
            writer.int(snapshot.term)
            writer.int(round)
            writer.blob(snapshot.data)
        case .forward(let payloads):
            writer.byte(6)
            writer.int(payloads.count)
            for payload in payloads { writer.blob(payload) }
        case .readRequest(let context):
            writer.byte(7)
            writer.int(context)
        case .readReply(let context, let index):
            writer.byte(8)
            writer.int(context)
            writer.int(index)
        case .timeoutNow:
            writer.byte(9)
        }
    }

    init(from reader: inout ByteReader) throws {
        switch try reader.byte() {
        case 1:
            self = .voteRequest(
                VoteRequest(
                    electionTerm: try reader.int(), lastIndex: try reader.int(),
                    lastTerm: try reader.int(), isPreVote: try reader.bool(),
                    isHandOver: try reader.bool()))
        case 2:
            self = .voteReply(
                VoteReply(
                    electionTerm: try reader.int(), isPreVote: try reader.bool(),
                    granted: try reader.bool()))
        case 3: self = .append(try Append(from: &reader))
        case 4:
            self = .appendReply(
                AppendReply(
                    matchIndex: try reader.int(), round: try reader.int(),
                    refusedIndex: try reader.optional(),
                    hint: ConflictHint(term: try reader.optional(), index: try reader.int())))
        case 5:
            let (index, term, round) = (try reader.int(), try reader.int(), try reader.int())
            self = .snapshot(Snapshot(index: index, term: term, data: try reader.blob()), round: round)
        case 6: self = .forward(try (0..<(try reader.count())).map { _ in try reader.blob() })
        case 7: self = .readRequest(context: try reader.int())
        case 8: self = .readReply(context: try reader.int(), index: try reader.int())
        case 9: self = .timeoutNow
        default: throw ByteReader.Malformed(offset: 0)
        }
    }
}

extension Append {
    func encode(to writer: inout ByteWriter) {
        writer.int(previousIndex)
        writer.int(previousTerm)
        writer.int(commitIndex)
        writer.int(round)
        writer.int(entries.count)
        // The entries follow `previousIndex` without a gap, so their indices need not be said.
        for entry in entries {
            writer.int(entry.term)
            writer.blob(entry.payload)
        }
    }

    init(from reader: inout ByteReader) throws {
        let (previousIndex, previousTerm) = (try reader.int(), try reader.int())
        let (commitIndex, round) = (try reader.int(), try reader.int())
        let entries = try (0..<(try reader.count())).map {
            Entry(index: previousIndex + 1 + $0, term: try reader.int(), payload: try reader.blob())
        }
        self.init(
            previousIndex: previousIndex, previousTerm: previousTerm, entries: entries,
            commitIndex: commitIndex, round: round)
    }
}

extension ByteReader {
    /// A number of things that follow.
    mutating func count() throws(Malformed) -> Int {
        let count = try int()
        guard count >= 0, count < 1 << 24 else { throw Malformed(offset: 0) }
        return count
    }
}
