// A compact binary form for what members say to each other and keep: variable-length whole numbers (LEB128,
// zigzag for signed ones) and byte strings with their length before them.

/// Builds bytes.
public struct ByteWriter {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func byte(_ value: UInt8) { bytes.append(value) }

    public mutating func int(_ value: some FixedWidthInteger & SignedInteger) {
        let wide = Int64(value)
        var rest = UInt64(bitPattern: (wide << 1) ^ (wide >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    public mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    public mutating func blob(_ value: [UInt8]) {
        int(value.count)
        bytes += value
    }

    /// Bytes without their length: the last thing in a message.
    public mutating func raw(_ value: [UInt8]) { bytes += value }

    /// nil as a zero byte, else a one and the number.
    public mutating func optional(_ value: Int?) {
        bool(value != nil)
        if let value { int(value) }
    }
}

/// Takes bytes apart again.
public struct ByteReader {
    /// The bytes end too early, or hold no such value.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        public let offset: Int
        public init(offset: Int) { self.offset = offset }
        public var description: String { "malformed bytes at offset \(offset)" }
    }

    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var isAtEnd: Bool { offset == bytes.count }

    public mutating func byte() throws(Malformed) -> UInt8 {
        guard offset < bytes.count else { throw Malformed(offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    public mutating func int() throws(Malformed) -> Int {
        var rest: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw Malformed(offset: offset) }
            rest |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { break }
            shift += 7
        }
        return Int(Int64(bitPattern: rest >> 1) ^ -Int64(bitPattern: rest & 1))
    }

    public mutating func bool() throws(Malformed) -> Bool { try byte() != 0 }

    public mutating func blob() throws(Malformed) -> [UInt8] {
        let count = try int()
        guard count >= 0, count <= bytes.count - offset else { throw Malformed(offset: offset) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    public mutating func optional() throws(Malformed) -> Int? { try bool() ? try int() : nil }

    /// What is left.
    public mutating func rest() -> [UInt8] {
        defer { offset = bytes.count }
        return Array(bytes[offset...])
    }
}
