/// Cuts a stream of bytes, which arrives in pieces of any size, into lines.
public struct LineSplitter {
    private var pending: [UInt8] = []
    /// Where the line that is not handed out yet begins.
    private var start = 0
    /// Where in `pending` the search for a newline goes on: what was searched once is not searched again.
    private var searched = 0

    public init() {}

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        pending.removeSubrange(..<start)
        (start, searched) = (0, searched - start)
        pending.append(contentsOf: bytes)
    }

    /// The next whole line without its newline; nil until there is one. Empty lines are skipped.
    public mutating func next() -> [UInt8]? {
        while let newline = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = pending[start..<newline]
            (start, searched) = (newline + 1, newline + 1)
            if !line.isEmpty { return Array(line) }
        }
        searched = pending.count
        return nil
    }
}
