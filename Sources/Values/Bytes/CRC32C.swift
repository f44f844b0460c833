/// The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4), as iSCSI, ext4 and many stores use it: it notices any
/// damage of up to 32 bits in a row, and of the rest all but one in four thousand million.
///
///     var checksum = CRC32C()
///     checksum.add(Array("123456789".utf8))
///     checksum.value == 0xE306_9283
public struct CRC32C: Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    public init() {}

    public var value: UInt32 { ~state }

    public mutating func add(_ bytes: [UInt8]) {
        Self.table.withUnsafeBufferPointer { table in
            for byte in bytes {
                state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
            }
        }
    }

    /// The eight bytes of a number, the lowest first.
    public mutating func add(_ number: some FixedWidthInteger) {
        var rest = UInt64(truncatingIfNeeded: number)
        for _ in 0..<8 {
            state =
                state >> 8
                ^ Self.table[
                    Int(UInt8(truncatingIfNeeded: state) ^ UInt8(truncatingIfNeeded: rest))]
            rest >>= 8
        }
    }

    /// What one byte makes of the state: the remainder of its division by the polynomial, its bits reversed.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
}
