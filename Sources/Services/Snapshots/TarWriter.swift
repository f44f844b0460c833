import Linux

/// Writes a tar in POSIX's pax format. The same entries give the same bytes: nothing is taken from
/// the clock or the machine.
public struct TarWriter: ~Copyable {
    private let output: FileDescriptor
    private var pending: [UInt8] = []

    public init(_ output: consuming FileDescriptor) { self.output = output }

    /// An entry with all its data at hand; `size` is set from it.
    public mutating func add(_ entry: TarEntry, _ data: [UInt8] = []) throws {
        var entry = entry
        entry.size = data.count
        try begin(entry)
        try write(data[...])
        try end(entry)
    }

    /// A file's entry whose data, exactly `entry.size` bytes, is read from `file`.
    public mutating func add(_ entry: TarEntry, from file: borrowing FileDescriptor) throws {
        try begin(entry)
        var left = entry.size
        while left > 0 {
            let chunk = try file.read(upTo: min(left, 1 << 17))
            guard !chunk.isEmpty else {
                throw SnapshotError.brokenTar(
                    offset: 0, "\(entry.path) got shorter while it was read")
            }
            try write(chunk[...])
            left -= chunk.count
        }
        try end(entry)
    }

    /// Two blocks of zeros, which end a tar.
    public consuming func finish() throws {
        pending += [UInt8](repeating: 0, count: 2 * TarHeader.size)
        try output.write(pending)
    }

    private mutating func begin(_ entry: TarEntry) throws {
        let records = paxRecords(entry)
        if !records.isEmpty {
            var header = TarHeader()
            header.put("PaxHeaders/\(entry.path)", TarHeader.name)
            fill(&header, mode: 0o644, type: "x", size: records.count)
            try write(header.bytes[...])
            try write(records[...])
            try write([UInt8](repeating: 0, count: -records.count & 511)[...])
        }
        try write(header(entry).bytes[...])
    }

    private func header(_ entry: TarEntry) -> TarHeader {
        var header = TarHeader()
        header.put(entry.kind == .directory ? entry.path + "/" : entry.path, TarHeader.name)
        var type: Unicode.Scalar = "0"
        switch entry.kind {
        case .file: break
        case .directory: type = "5"
        case .fifo: type = "6"
        case .symbolicLink(let target):
            type = "2"
            header.put(target, TarHeader.linkName)
        case .hardLink(let target):
            type = "1"
            header.put(target, TarHeader.linkName)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            if case .characterDevice = entry.kind { type = "3" } else { type = "4" }
            header.put(octal: Int(major), TarHeader.major)
            header.put(octal: Int(minor), TarHeader.minor)
        }
        fill(
            &header, mode: Int(entry.mode), type: type, size: fitting(entry.size, 11),
            user: fitting(Int(entry.user), 7), group: fitting(Int(entry.group), 7),
            modified: fitting(entry.modified, 11))
        return header
    }

    private func fill(
        _ header: inout TarHeader, mode: Int, type: Unicode.Scalar, size: Int, user: Int = 0,
        group: Int = 0, modified: Int = 0
    ) {
        header.put(octal: mode, TarHeader.mode)
        header.put(octal: user, TarHeader.user)
        header.put(octal: group, TarHeader.group)
        header.put(octal: modified, TarHeader.modified)
        header.put(octal: size, TarHeader.length)
        header.bytes[TarHeader.type] = UInt8(ascii: type)
        header.put("ustar\u{0}00", TarHeader.magic.lowerBound..<TarHeader.magic.upperBound + 2)
        header.seal()
    }

    /// 0 where the number needs more octal digits than the field has: a pax record then has it.
    private func fitting(_ value: Int, _ digits: Int) -> Int {
        value >= 0 && value < 1 << (3 * digits) ? value : 0
    }

    /// What does not fit into the header.
    private func paxRecords(_ entry: TarEntry) -> [UInt8] {
        var records: [(String, [UInt8])] = []
        let path = entry.kind == .directory ? entry.path + "/" : entry.path
        if path.utf8.count > TarHeader.name.count { records.append(("path", Array(path.utf8))) }
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target):
            if target.utf8.count > TarHeader.linkName.count {
                records.append(("linkpath", Array(target.utf8)))
            }
        default: break
        }
        func number(_ key: String, _ value: Int, _ digits: Int) {
            if fitting(value, digits) != value { records.append((key, Array(String(value).utf8))) }
        }
        number("size", entry.size, 11)
        number("uid", Int(entry.user), 7)
        number("gid", Int(entry.group), 7)
        if entry.nanoseconds > 0 {
            records.append(("mtime", Array(decimal(entry.modified, entry.nanoseconds).utf8)))
        } else {
            number("mtime", entry.modified, 11)
        }
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key }) {
            records.append(("SCHILY.xattr.\(name)", value))
        }
        return records.flatMap { paxRecord($0.0, $0.1) }
    }

    /// `-1.5` is second -2 and half of the next.
    private func decimal(_ seconds: Int, _ nanoseconds: Int) -> String {
        let isBefore = seconds < 0
        let fraction = String(isBefore ? 1_000_000_000 - nanoseconds : nanoseconds)
        let zeros = String(repeating: "0", count: max(0, 9 - fraction.utf8.count))
        return
            "\(isBefore ? "-" : "")\((isBefore ? seconds + 1 : seconds).magnitude).\(zeros)\(fraction)"
    }

    /// The length in front counts its own digits: "9 a=b c\n" of 9 bytes may become "10 …" of 10.
    private func paxRecord(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let body = Array(" \(key)=".utf8) + value + [10]
        var length = body.count
        while length != body.count + String(length).utf8.count {
            length = body.count + String(length).utf8.count
        }
        return Array(String(length).utf8) + body
    }

    private mutating func end(_ entry: TarEntry) throws {
        try write([UInt8](repeating: 0, count: -entry.size & 511)[...])
    }

    private mutating func write(_ bytes: ArraySlice<UInt8>) throws {
        pending += bytes
        if pending.count >= 1 << 18 {
            try output.write(pending)
            pending.removeAll(keepingCapacity: true)
        }
    }
}
