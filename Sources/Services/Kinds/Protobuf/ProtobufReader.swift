/// Why bytes are no protobuf.
struct ProtobufFailure: Error {
    let message: String
}

/// The wire format: fields one after the other, each a tag (number and wire type) and a value.
/// Source: protobuf.dev, "Encoding".
struct ProtobufReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    /// A value as the wire has it; the table says what it means.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    /// The next field; nil at the end.
    mutating func next() throws(ProtobufFailure) -> (number: Int, value: Value)? {
        guard at < bytes.endIndex else { return nil }
        let tag = try varint()
        let number = Int(truncatingIfNeeded: tag >> 3)
        guard number > 0 else { throw ProtobufFailure(message: "field number 0") }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - at) else { throw Self.tooShort }
            defer { at += Int(length) }
            return (number, .bytes(bytes[at..<at + Int(length)]))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw ProtobufFailure(message: "wire type \(tag & 7) of field \(number)")
        }
    }

    private static let tooShort = ProtobufFailure(message: "it ends in the middle of a field")

    private mutating func varint() throws(ProtobufFailure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard at < bytes.endIndex else { throw Self.tooShort }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw ProtobufFailure(message: "a number of more than ten bytes")
    }

    /// Little-endian.
    private mutating func fixed(_ count: Int) throws(ProtobufFailure) -> UInt64 {
        guard bytes.endIndex - at >= count else { throw Self.tooShort }
        defer { at += count }
        return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
