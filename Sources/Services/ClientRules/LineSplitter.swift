/// Cuts a stream of bytes, which arrives in pieces of any size, into lines.
public struct LineSplitter {
    private var pending: [UInt8] = []
    /// Where in `pending` the search for a newline goes on: what was searched once is not searched again.
    private var searched = 0

    public init() {}

    public mutating func append(_ bytes: some Sequence<UInt8>) { pending.append(contentsOf: bytes) }

    /// The next whole line without its newline; nil until there is one. Empty lines are skipped.
    public mutating func next() -> [UInt8]? {
        while let newline = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(pending[..<newline])
            pending.removeSubrange(...newline)
            searched = 0
            if !line.isEmpty { return line }
        }
        searched = pending.count
        return nil
    }
}
