import Linux

/// One entry of a tar: its header with all that extended headers add, without its data.
/// Source: pax(1), POSIX.1-2017; the GNU tar manual, "Basic Tar Format".
public struct TarEntry: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case file
        case directory
        case symbolicLink(target: String)
        /// Another name of an earlier entry.
        case hardLink(target: String)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }
    /// As it stands in the tar, a directory's without the trailing slash; without a NUL.
    public var path: String
    public var kind: Kind
    /// Permission bits, with set-user-id, set-group-id and sticky.
    public var mode: UInt32
    public var user: UInt32
    public var group: UInt32
    /// Seconds since 1970, and nanoseconds of the next one.
    public var modified: Int
    public var nanoseconds: Int
    /// Bytes of data that follow; 0 for anything but a file.
    public var size: Int
    /// Extended attributes, from pax records SCHILY.xattr.NAME.
    public var attributes: [String: [UInt8]]

    public init(
        _ path: String, _ kind: Kind, mode: UInt32 = 0o644, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int = 0, nanoseconds: Int = 0, size: Int = 0,
        attributes: [String: [UInt8]] = [:]
    ) {
        (self.path, self.kind, self.mode, self.user, self.group) = (path, kind, mode, user, group)
        (self.modified, self.nanoseconds) = (modified, nanoseconds)
        (self.size, self.attributes) = (size, attributes)
    }

    /// Whether an extended attribute goes into a layer and out of it again. Overlay's own never do:
    /// they would let a layer redirect a path.
    static func mayCarry(_ attribute: String) -> Bool {
        attribute.startsWithBytes(of: "user.") && !OnDisk.isOverlays(attribute)
            || attribute == "security.capability"
    }
}

/// Where the fields of a 512-byte header lie, and how numbers and names are written in it.
struct TarHeader {
    static let size = 512
    static let name = 0..<100
    static let mode = 100..<108
    static let user = 108..<116
    static let group = 116..<124
    static let length = 124..<136
    static let modified = 136..<148
    static let checksum = 148..<156
    static let type = 156
    static let linkName = 157..<257
    static let magic = 257..<263
    static let major = 329..<337
    static let minor = 337..<345
    static let prefix = 345..<500

    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init() { bytes = [UInt8](repeating: 0, count: Self.size) }

    /// Two blocks of zeros end a tar; one is enough for us, as it is for GNU tar.
    var isEnd: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The sum of all bytes, those of the checksum itself taken for spaces.
    var computedChecksum: Int {
        bytes.indices.reduce(0) { $0 + (Self.checksum.contains($1) ? 32 : Int(bytes[$1])) }
    }

    /// POSIX's `ustar` followed by a zero; GNU's is followed by a space and has no prefix field.
    var isPOSIX: Bool { Array(bytes[Self.magic]) == Array("ustar\0".utf8) }

    func text(_ field: Range<Int>) -> [UInt8] { Array(bytes[field].prefix { $0 != 0 }) }

    /// Octal digits, or GNU's base 256 where the first bit is set: a number of two's complement.
    /// Nil for anything else, and for what is too large.
    func number(_ field: Range<Int>) -> Int? {
        let field = bytes[field]
        if field.first! & 0x80 != 0 { return base256(field) }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        var value = 0
        for digit in digits {
            guard (48...55).contains(digit), value < 1 << 56 else { return nil }
            value = value << 3 | Int(digit - 48)
        }
        return value
    }

    private func base256(_ field: ArraySlice<UInt8>) -> Int? {
        let (fill, first): (UInt8, UInt8) = field.first! == 0xff ? (0xff, 0xff) : (0, 0x80)
        guard field.first! == first, field.dropFirst().dropLast(7).allSatisfy({ $0 == fill }) else {
            return nil
        }
        let start = fill == 0 ? 0 : -1
        return field.suffix(7).reduce(start) { $0 << 8 | Int($1) }
    }

    /// Cuts what does not fit: the writer has put it into an extended header before.
    mutating func put(_ text: String, _ field: Range<Int>) {
        for (index, byte) in zip(field, text.utf8) { bytes[index] = byte }
    }

    mutating func put(octal value: Int, _ field: Range<Int>) {
        let digits = String(value, radix: 8)
        put(
            String(repeating: "0", count: max(0, field.count - 1 - digits.utf8.count)) + digits,
            field)
    }

    mutating func seal() {
        put(octal: computedChecksum, Self.checksum.lowerBound..<Self.checksum.upperBound - 1)
        bytes[Self.checksum.upperBound - 1] = 32
    }
}
