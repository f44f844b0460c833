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
    /// As it stands in the tar, a directory's without the trailing slash.
    public var path: String
    public var kind: Kind
    /// Permission bits, with set-user-id, set-group-id and sticky.
    public var mode: UInt32
    public var user: UInt32
    public var group: UInt32
    /// Seconds since 1970.
    public var modified: Int
    /// Bytes of data that follow; 0 for anything but a file.
    public var size: Int
    /// Extended attributes, from pax records SCHILY.xattr.NAME.
    public var attributes: [String: [UInt8]]

    public init(
        _ path: String, _ kind: Kind, mode: UInt32 = 0o644, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int = 0, size: Int = 0, attributes: [String: [UInt8]] = [:]
    ) {
        (self.path, self.kind, self.mode, self.user, self.group) = (path, kind, mode, user, group)
        (self.modified, self.size, self.attributes) = (modified, size, attributes)
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

    func text(_ field: Range<Int>) -> String {
        String(decoding: bytes[field].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal digits, or GNU's base 256 where the first bit is set; nil for anything else.
    func number(_ field: Range<Int>) -> Int? {
        let field = bytes[field]
        if field.first! & 0x80 != 0 {
            guard field.first! == 0x80, field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else {
                return nil
            }
            return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        if digits.isEmpty { return 0 }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
    }

    /// Cuts what does not fit: the writer has put it into an extended header before.
    mutating func put(_ text: String, _ field: Range<Int>) {
        for (index, byte) in zip(field, text.utf8) { bytes[index] = byte }
    }

    mutating func put(octal value: Int, _ field: Range<Int>) {
        let digits = String(value, radix: 8)
        put(String(repeating: "0", count: max(0, field.count - 1 - digits.count)) + digits, field)
    }

    mutating func seal() {
        put(octal: computedChecksum, Self.checksum.lowerBound..<Self.checksum.upperBound - 1)
        bytes[Self.checksum.upperBound - 1] = 32
    }
}
