import Linux

/// Cuts one stream of output into CRI log lines: `2026-01-01T00:00:00.000000000Z stdout F text`,
/// with P for a line that goes on in the next record.
struct LineFramer {
    /// A line longer than this is written in pieces, as containerd does.
    static let lineBytesMax = 16 << 10

    private let tag: [UInt8]
    private var pending: [UInt8] = []

    /// - Parameter stream: `stdout` or `stderr`.
    init(stream: String) { tag = Array(" \(stream) ".utf8) }

    /// Appends the records of `chunk` to `out`; an unfinished last line waits for the next chunk.
    mutating func take(_ chunk: [UInt8], time: [UInt8], into out: inout [UInt8]) {
        for byte in chunk {
            if byte == UInt8(ascii: "\n") {
                record(UInt8(ascii: "F"), time, &out)
            } else {
                if pending.count == Self.lineBytesMax { record(UInt8(ascii: "P"), time, &out) }
                pending.append(byte)
            }
        }
    }

    /// The stream has ended: what has no newline is written as a piece, so that no byte is made up.
    mutating func finish(time: [UInt8], into out: inout [UInt8]) {
        if !pending.isEmpty { record(UInt8(ascii: "P"), time, &out) }
    }

    private mutating func record(_ kind: UInt8, _ time: [UInt8], _ out: inout [UInt8]) {
        out += time
        out += tag
        out.append(kind)
        out.append(UInt8(ascii: " "))
        out += pending
        out.append(UInt8(ascii: "\n"))
        pending.removeAll(keepingCapacity: pending.capacity <= 4096)
    }
}

/// The log file and its predecessor. A full disk loses log lines, never the container: it must not
/// block.
struct LogFile: ~Copyable {
    private let path: String
    private let bytesMax: Int
    private var file: FileDescriptor
    private var bytes: Int

    init(path: String, bytesMax: Int) throws(SystemError) {
        (self.path, self.bytesMax) = (path, bytesMax)
        file = try Self.open(path)
        var info = stat()
        bytes = fstat(file.raw, &info) == 0 ? Int(info.st_size) : 0
    }

    private static func open(_ path: String) throws(SystemError) -> FileDescriptor {
        try .open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
    }

    mutating func append(_ records: [UInt8]) {
        if bytes > 0, bytes + records.count > bytesMax { rotate() }
        if (try? file.write(records)) != nil { bytes += records.count }
    }

    private mutating func rotate() {
        guard rename(path, "\(path).1") == 0, let fresh = try? Self.open(path) else { return }
        file = fresh
        bytes = 0
    }
}

/// The time of day as CRI logs and Kubernetes statuses write it, nanoseconds included.
func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
    let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
    return "\(padded(date[0], 4))-\(padded(date[1], 2))-\(padded(date[2], 2))"
        + "T\(padded(time[0], 2)):\(padded(time[1], 2)):\(padded(time[2], 2))"
        + ".\(padded(now.tv_nsec, 9))Z"
}
