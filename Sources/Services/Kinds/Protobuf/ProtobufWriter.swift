/// Writes fields of wire type 2 (strings and messages) one after the other: all that the kit sends.
struct ProtobufWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: Int, _ text: String) { write(number, Array(text.utf8)) }
    mutating func write(_ number: Int, message: ProtobufWriter) { write(number, message.bytes) }

    private mutating func write(_ number: Int, _ content: [UInt8]) {
        writeVarint(number << 3 | 2)
        writeVarint(content.count)
        bytes += content
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    private mutating func writeVarint(_ value: Int) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
