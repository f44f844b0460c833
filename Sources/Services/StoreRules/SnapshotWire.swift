import Bytes
import ContractRaft

extension SnapshotMessage {
    /// The message as members send it to each other.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        for number in [from, to, term, name.index, name.term] { writer.int(number) }
        switch body {
        case .offer(let pieces):
            writer.byte(1)
            writer.int(pieces)
        case .ask(let numbers):
            writer.byte(2)
            for number in numbers { writer.int(number) }
        case .piece(let number, let bytes):
            writer.byte(3)
            writer.int(number)
            writer.raw(bytes)
        }
        return writer.bytes
    }

    /// - Throws: `ByteReader.Malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        (from, to, term) = (try reader.int(), try reader.int(), try reader.int())
        name = SnapshotName(index: try reader.int(), term: try reader.int())
        switch try reader.byte() {
        case 1: body = .offer(pieces: try reader.int())
        case 2:
            var numbers: [Int] = []
            while !reader.isAtEnd { numbers.append(try reader.int()) }
            body = .ask(numbers)
        case 3: body = .piece(try reader.int(), bytes: reader.rest())
        default: throw ByteReader.Malformed(offset: 0)
        }
    }
}
