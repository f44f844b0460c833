import Objects

/// Which part of a container's log is asked for, and how: the query of `GET …/log`.
public struct LogSelection: Sendable {
    public var tailLines: Int?
    public var hasTimestamps = false
    /// Nothing older than this.
    public var since: Timestamp?
    public var limitBytes: Int?

    public init() {}

    /// What a reader sees of whole CRI log records (`TIME stdout F text`), in one go.
    public func select(_ records: [UInt8]) -> [UInt8] {
        var lines = records.split(separator: UInt8(ascii: "\n"))
        if let tailLines { lines = Self.tail(lines, tailLines) }
        var out: [UInt8] = []
        for line in lines { append(line, to: &out) }
        return limitBytes.map { Array(out.prefix(max(0, $0))) } ?? out
    }

    /// The last `count` lines; a line in pieces counts once.
    private static func tail(_ lines: [ArraySlice<UInt8>], _ count: Int) -> [ArraySlice<UInt8>] {
        guard count > 0 else { return [] }
        var left = count
        var index = lines.count
        while index > 0 {
            let isWhole = CRIRecord(lines[index - 1])?.isWhole ?? true
            if isWhole || index == lines.count {
                if left == 0 { break }
                left -= 1
            }
            index -= 1
        }
        return Array(lines[index...])
    }

    private func append(_ line: ArraySlice<UInt8>, to out: inout [UInt8]) {
        guard let record = CRIRecord(line) else { return }
        if let since, let time = Timestamp(String(decoding: record.time, as: UTF8.self)),
            time < since
        {
            return
        }
        if hasTimestamps {
            out += record.time
            out.append(UInt8(ascii: " "))
        }
        out += record.text
        if record.isWhole { out.append(UInt8(ascii: "\n")) }
    }
}

/// One line of a CRI log file.
struct CRIRecord {
    let time: ArraySlice<UInt8>
    /// False for a piece of a line that goes on in the next record.
    let isWhole: Bool
    let text: ArraySlice<UInt8>

    init?(_ line: ArraySlice<UInt8>) {
        let parts = line.split(
            separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        (time, isWhole, text) = (parts[0], parts[2].first == UInt8(ascii: "F"), parts[3])
    }
}
