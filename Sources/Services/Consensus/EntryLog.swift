import ContractRaft

/// The entries after the snapshot, and the terms of them all as runs.
public struct EntryLog: Sendable {
    /// What the rules get to see.
    public private(set) var shape: LogShape
    /// From `firstIndex` on.
    public private(set) var entries: [Entry]

    public init(snapshotIndex: Int = 0, snapshotTerm: Int = 0, entries: [Entry] = []) {
        shape = LogShape(
            snapshotIndex: snapshotIndex, snapshotTerm: snapshotTerm, lastIndex: snapshotIndex)
        self.entries = []
        append(entries)
    }

    public var firstIndex: Int { shape.snapshotIndex + 1 }
    public var lastIndex: Int { shape.lastIndex }
    public var lastTerm: Int { shape.lastTerm }
    public func term(at index: Int) -> Int? { shape.term(at: index) }

    public subscript(index: Int) -> Entry { entries[index - firstIndex] }

    /// At least one entry from `index` on, more up to the two limits; empty where there is none.
    public func slice(from index: Int, countMax: Int, bytesMax: Int) -> [Entry] {
        var taken: [Entry] = []
        var bytes = 0
        var next = index
        while next <= lastIndex, taken.count < countMax {
            let entry = self[next]
            bytes += entry.payload.count
            if bytes > bytesMax, !taken.isEmpty { break }
            taken.append(entry)
            next += 1
        }
        return taken
    }

    /// The entries follow the last one without a gap.
    mutating func append(_ more: some Sequence<Entry>) {
        for entry in more {
            if entry.term != shape.lastTerm || shape.runs.isEmpty {
                shape.runs.append(TermRun(firstIndex: entry.index, term: entry.term))
            }
            shape.lastIndex = entry.index
            entries.append(entry)
        }
    }

    /// Cuts the log before `index`.
    mutating func truncate(from index: Int) {
        entries.removeSubrange((index - firstIndex)...)
        shape.lastIndex = index - 1
        shape.runs.removeAll { $0.firstIndex >= index }
    }

    /// Forgets entries up to `index`, which a snapshot covers.
    mutating func compact(to index: Int) {
        guard index > shape.snapshotIndex, let term = term(at: index) else { return }
        entries.removeFirst(index - shape.snapshotIndex)
        shape.snapshotIndex = index
        shape.snapshotTerm = term
        let before = shape
        shape.runs.removeAll { (before.lastIndex(ofTerm: $0.term) ?? before.lastIndex) <= index }
        if let first = shape.runs.first, first.firstIndex <= index {
            shape.runs[0].firstIndex = index + 1
        }
    }
}
