import Linux

/// Reads a tar entry by entry from a descriptor that need not seek.
///
/// `next()` gives an entry; its data is taken with `read` before the next `next()`, which skips
/// what is left.
public struct TarReader: ~Copyable {
    /// An extended header is a few hundred bytes; more than this is an attack on our memory.
    static let extensionBytesMax = 1 << 20

    private let input: FileDescriptor
    private var buffer: [UInt8] = []
    private var used = 0
    private var offset = 0
    private var dataLeft = 0
    private var padding = 0
    private var globals: [String: [UInt8]] = [:]

    public init(_ input: consuming FileDescriptor) { self.input = input }

    /// The next entry; nil at the end.
    /// - Throws: `SnapshotError.brokenTar`, `.unsupportedEntry`, `SystemError`.
    public mutating func next() throws -> TarEntry? {
        var records = globals
        while true {
            try skip(dataLeft + padding)
            (dataLeft, padding) = (0, 0)
            let start = offset
            guard let header = try header() else { return nil }
            guard let size = header.number(TarHeader.length), size < 1 << 50 else {
                throw SnapshotError.brokenTar(offset: start, "the size is no number")
            }
            (dataLeft, padding) = (size, -size & 511)
            switch header.bytes[TarHeader.type] {
            case UInt8(ascii: "x"): records.merge(try pax()) { $1 }
            case UInt8(ascii: "g"):
                globals.merge(try pax()) { $1 }
                records.merge(globals) { old, _ in old }
            case UInt8(ascii: "L"): records["path"] = Array(try allData().prefix { $0 != 0 })
            case UInt8(ascii: "K"): records["linkpath"] = Array(try allData().prefix { $0 != 0 })
            default: return try entry(header, records, at: start)
            }
        }
    }

    /// At most `count` bytes of the current entry's data; empty at its end.
    public mutating func read(upTo count: Int) throws -> ArraySlice<UInt8> {
        if dataLeft == 0 { return [] }
        if used == buffer.count { try fill() }
        let chunk = buffer[used..<min(buffer.count, used + min(count, dataLeft))]
        guard !chunk.isEmpty else { throw truncated() }
        advance(chunk.count)
        dataLeft -= chunk.count
        return chunk
    }

    // MARK: Headers

    /// Nil at the end of the tar: a block of zeros, or the end of the file between two entries.
    private mutating func header() throws -> TarHeader? {
        let start = offset
        let bytes = try take(TarHeader.size)
        if bytes.isEmpty { return nil }
        guard bytes.count == TarHeader.size else { throw truncated() }
        let header = TarHeader(bytes)
        if header.isEnd { return nil }
        guard header.number(TarHeader.checksum) == header.computedChecksum else {
            throw SnapshotError.brokenTar(
                offset: start, "the header's checksum is wrong: is this a tar?")
        }
        return header
    }

    private mutating func entry(
        _ header: TarHeader, _ records: [String: [UInt8]], at start: Int
    ) throws -> TarEntry {
        func text(_ key: String) -> String? {
            records[key].map { String(decoding: $0, as: UTF8.self) }
        }
        func number(_ key: String, _ field: Range<Int>) throws -> Int {
            // A time may have a fraction.
            let given = text(key).map { Int($0.split(separator: ".").first ?? "") }
            guard let value = given ?? header.number(field) else {
                throw SnapshotError.brokenTar(offset: start, "\(key) is no number")
            }
            return value
        }
        var path = text("path") ?? header.text(TarHeader.name)
        if records["path"] == nil, header.isPOSIX, header.bytes[TarHeader.prefix.lowerBound] != 0 {
            path = "\(header.text(TarHeader.prefix))/\(path)"
        }
        let type = header.bytes[TarHeader.type]
        let isDirectory = type == UInt8(ascii: "5") || (type == 0 && path.utf8.last == 47)
        while path.utf8.count > 1, path.utf8.last == 47 { path.removeLast() }
        let link = text("linkpath") ?? header.text(TarHeader.linkName)
        // Whatever is not UTF-8 has been replaced by this character, and would be another file's name.
        guard !path.contains("\u{FFFD}"), !link.contains("\u{FFFD}") else {
            throw SnapshotError.hostileEntry(path, "its name is not UTF-8")
        }
        let kind = isDirectory ? .directory : try kind(type, header, link: link, path: path)
        let size = try number("size", TarHeader.length)
        guard size >= 0, size < 1 << 50 else {
            throw SnapshotError.brokenTar(offset: start, "the size is no number")
        }
        (dataLeft, padding) = kind == .file ? (size, -size & 511) : (0, 0)
        return TarEntry(
            path, kind,
            mode: UInt32(truncatingIfNeeded: try number("mode", TarHeader.mode)) & 0o7777,
            user: UInt32(truncatingIfNeeded: try number("uid", TarHeader.user)),
            group: UInt32(truncatingIfNeeded: try number("gid", TarHeader.group)),
            modified: try number("mtime", TarHeader.modified), size: dataLeft,
            attributes: attributes(records))
    }

    private func kind(
        _ type: UInt8, _ header: TarHeader, link: String, path: String
    ) throws -> TarEntry.Kind {
        let major = UInt32(truncatingIfNeeded: header.number(TarHeader.major) ?? 0)
        let minor = UInt32(truncatingIfNeeded: header.number(TarHeader.minor) ?? 0)
        switch type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): return .file
        case UInt8(ascii: "1"): return .hardLink(target: link)
        case UInt8(ascii: "2"): return .symbolicLink(target: link)
        case UInt8(ascii: "3"): return .characterDevice(major: major, minor: minor)
        case UInt8(ascii: "4"): return .blockDevice(major: major, minor: minor)
        case UInt8(ascii: "6"): return .fifo
        default: throw SnapshotError.unsupportedEntry(path, type: Character(UnicodeScalar(type)))
        }
    }

    private func attributes(_ records: [String: [UInt8]]) -> [String: [UInt8]] {
        let prefix = "SCHILY.xattr."
        var attributes: [String: [UInt8]] = [:]
        for (key, value) in records where key.hasPrefix(prefix) {
            attributes[String(key.dropFirst(prefix.count))] = value
        }
        return attributes
    }

    /// Records `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record and VALUE may hold any
    /// byte.
    private mutating func pax() throws -> [String: [UInt8]] {
        let start = offset
        var rest = try allData()[...]
        var records: [String: [UInt8]] = [:]
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            guard let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 2,
                length <= rest.count, rest[rest.startIndex + length - 1] == 10,
                rest[digits.endIndex] == 32,
                let equals = rest.prefix(length).firstIndex(of: 61)
            else {
                throw SnapshotError.brokenTar(offset: start, "an extended header breaks its format")
            }
            let key = String(decoding: rest[(digits.endIndex + 1)..<equals], as: UTF8.self)
            records[key] = Array(rest[(equals + 1)..<(rest.startIndex + length - 1)])
            rest = rest.dropFirst(length)
        }
        return records
    }

    private mutating func allData() throws -> [UInt8] {
        guard dataLeft <= Self.extensionBytesMax else {
            throw SnapshotError.brokenTar(offset: offset, "an extended header of \(dataLeft) bytes")
        }
        var data: [UInt8] = []
        while dataLeft > 0 { data += try read(upTo: dataLeft) }
        return data
    }

    // MARK: Bytes

    private func truncated() -> SnapshotError {
        .brokenTar(offset: offset, "the file ends within an entry")
    }

    private mutating func advance(_ count: Int) {
        used += count
        offset += count
    }

    private mutating func fill() throws {
        buffer = try input.read(upTo: 1 << 17)
        used = 0
    }

    /// `count` bytes, or fewer where the file ends.
    private mutating func take(_ count: Int) throws -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < count {
            if used == buffer.count { try fill() }
            if buffer.isEmpty { break }
            let chunk = buffer[used..<min(buffer.count, used + count - taken.count)]
            taken += chunk
            advance(chunk.count)
        }
        return taken
    }

    private mutating func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            if used == buffer.count { try fill() }
            if buffer.isEmpty { throw truncated() }
            let step = min(left, buffer.count - used)
            advance(step)
            left -= step
        }
    }
}
