import Linux

/// Reads a tar entry by entry from a descriptor that need not seek.
///
/// `next()` gives an entry; its data is taken with `read` before the next `next()`, which skips
/// what is left.
public struct TarReader: ~Copyable {
    /// An extended header is a few hundred bytes; more than this is an attack on our memory.
    static let extensionBytesMax = 1 << 20
    static let bytesMax = (1 << 50) - 1

    private let input: FileDescriptor
    private var buffer: [UInt8] = []
    private var used = 0
    private var offset = 0
    private var dataLeft = 0
    private var padding = 0
    private var globals = PaxRecords()

    public init(_ input: consuming FileDescriptor) { self.input = input }

    /// The next entry; nil at the end.
    /// - Throws: `SnapshotError.brokenTar`, `.unsupportedEntry`, `SystemError`.
    public mutating func next() throws -> TarEntry? {
        var records = globals
        while true {
            try skip(dataLeft)
            try skipPadding()
            let start = offset
            guard let header = try header() else { return nil }
            guard let size = header.number(TarHeader.length), (0...Self.bytesMax).contains(size)
            else {
                throw SnapshotError.brokenTar(offset: start, "the size is no number")
            }
            (dataLeft, padding) = (size, -size & 511)
            switch header.bytes[TarHeader.type] {
            case UInt8(ascii: "x"): records.take(try pax())
            case UInt8(ascii: "g"):
                let more = try pax()
                globals.take(more)
                records.giveWay(to: more)
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
        _ header: TarHeader, _ records: PaxRecords, at start: Int
    ) throws -> TarEntry {
        func broken(_ what: String) -> SnapshotError { .brokenTar(offset: start, what) }
        func number(_ key: String, _ field: Range<Int>, _ range: ClosedRange<Int>) throws -> Int {
            let value = records[key].map { Decimal($0)?.whole } ?? header.number(field)
            guard let value, range.contains(value) else {
                throw broken("\(key) is no number, or too large")
            }
            return value
        }
        var path = records["path"] ?? name(header)
        let type = header.bytes[TarHeader.type]
        let isPlain = type == 0 || type == UInt8(ascii: "0")
        let isDirectory = type == UInt8(ascii: "5") || (isPlain && path.last == 47)
        while path.count > 1, path.last == 47 { path.removeLast() }
        let shown = try Self.text(path, of: path)
        let link = try Self.text(records["linkpath"] ?? header.text(TarHeader.linkName), of: path)
        if records.isSparse {
            throw SnapshotError.hostileEntry(shown, "a sparse file: pack it without --sparse")
        }
        let kind = isDirectory ? .directory : try kind(type, header, link: link, path: shown)
        let size = try number("size", TarHeader.length, 0...Self.bytesMax)
        (dataLeft, padding) = kind == .file ? (size, -size & 511) : (0, 0)
        // -1 is the id that chown(2) takes for "leave it as it is".
        let ids = 0...Int(UInt32.max - 1)
        let time =
            records["mtime"].map { Decimal($0) }
            ?? header.number(TarHeader.modified).map { Decimal($0) }
        guard let time else { throw broken("mtime is no number") }
        return TarEntry(
            shown, kind, mode: UInt32(try number("mode", TarHeader.mode, 0...0o7777777) & 0o7777),
            user: UInt32(try number("uid", TarHeader.user, ids)),
            group: UInt32(try number("gid", TarHeader.group, ids)),
            modified: time.whole, nanoseconds: time.nanoseconds, size: dataLeft,
            attributes: records.attributes)
    }

    /// The rules are asked in JSON, which is text; and the kernel would read a name up to a NUL.
    private static func text(_ bytes: [UInt8], of path: [UInt8]) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            let shown = String(decoding: path, as: UTF8.self)
            throw SnapshotError.hostileEntry(shown, "its name is not UTF-8, or has a NUL in it")
        }
        return text
    }

    private func name(_ header: TarHeader) -> [UInt8] {
        let name = header.text(TarHeader.name)
        let prefix = header.isPOSIX ? header.text(TarHeader.prefix) : []
        return prefix.isEmpty ? name : prefix + [47] + name
    }

    private func kind(
        _ type: UInt8, _ header: TarHeader, link: String, path: String
    ) throws -> TarEntry.Kind {
        switch type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): return .file
        case UInt8(ascii: "1"): return .hardLink(target: link)
        case UInt8(ascii: "2"): return .symbolicLink(target: link)
        case UInt8(ascii: "3"), UInt8(ascii: "4"):
            // As many bits as the kernel has for them.
            guard let major = header.number(TarHeader.major), (0...0xfff).contains(major),
                let minor = header.number(TarHeader.minor), (0...0xfffff).contains(minor)
            else {
                throw SnapshotError.hostileEntry(path, "a device with numbers that there aren't")
            }
            return type == UInt8(ascii: "3")
                ? .characterDevice(major: UInt32(major), minor: UInt32(minor))
                : .blockDevice(major: UInt32(major), minor: UInt32(minor))
        case UInt8(ascii: "6"): return .fifo
        default: throw SnapshotError.unsupportedEntry(path, type: type)
        }
    }

    private mutating func pax() throws -> PaxRecords {
        let start = offset
        guard let records = PaxRecords(try allData()) else {
            throw SnapshotError.brokenTar(offset: start, "an extended header breaks its format")
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

    /// A tar that is cut off in the padding of its last entry has lost nothing: some writers leave
    /// it out.
    private mutating func skipPadding() throws {
        _ = try take(padding)
        padding = 0
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
        dataLeft = 0
    }
}
