// MVCC as etcd has it: every change gets a revision, and the past can be read until it is compacted away.
#if canImport(Glibc)
    import Glibc
#endif

/// A key: bytes, ordered as memcmp orders them.
public struct Key: Hashable, Comparable, Sendable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    public init(_ text: String) { bytes = Array(text.utf8) }

    public static func < (left: Key, right: Key) -> Bool {
        let common = min(left.bytes.count, right.bytes.count)
        let order = left.bytes.withUnsafeBytes { a in
            right.bytes.withUnsafeBytes { b in
                common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
            }
        }
        return order != 0 ? order < 0 : left.bytes.count < right.bytes.count
    }
}

/// The keys that a request means, by etcd's convention of `key` and `range_end`.
public struct KeyRange: Hashable, Sendable {
    public var start: Key
    /// The first key not meant; nil: everything from `start` on.
    public var end: Key?
    /// Only the key itself.
    public var isSingle: Bool

    /// - Parameter rangeEnd: empty: the key alone; one zero byte: all from the key on; else up to and without it.
    public init(key: [UInt8], rangeEnd: [UInt8]) {
        start = Key(key)
        isSingle = rangeEnd.isEmpty
        end = rangeEnd == [0] ? nil : Key(rangeEnd)
        if isSingle { end = nil }
    }

    /// No key can be in it: the end is not after the start.
    public var isEmpty: Bool { end.map { $0 <= start } ?? false }

    public func contains(_ key: Key) -> Bool {
        if isSingle { return key == start }
        if key < start { return false }
        guard let end else { return true }
        return key < end
    }
}

/// Keys in order, in chunks, so that an insertion moves a few hundred of them at most.
struct SortedKeys: Sendable {
    private var chunks: [[Key]] = []
    private static let chunkMax = 512

    private(set) var count = 0

    mutating func insert(_ key: Key) {
        guard let place = chunkIndex(for: key) else {
            chunks = [[key]]
            count = 1
            return
        }
        let index = Self.lowerBound(chunks[place], key)
        if index < chunks[place].count, chunks[place][index] == key { return }
        chunks[place].insert(key, at: index)
        count += 1
        guard chunks[place].count > Self.chunkMax else { return }
        let half = Self.chunkMax / 2
        chunks.insert(Array(chunks[place][half...]), at: place + 1)
        chunks[place].removeSubrange(half...)
    }

    mutating func remove(_ key: Key) {
        guard let place = chunkIndex(for: key) else { return }
        let index = Self.lowerBound(chunks[place], key)
        guard index < chunks[place].count, chunks[place][index] == key else { return }
        chunks[place].remove(at: index)
        count -= 1
        if chunks[place].isEmpty { chunks.remove(at: place) }
    }

    /// Calls `body` with every key of a range, in order, until it answers false.
    func forEach(in range: KeyRange, _ body: (Key) -> Bool) {
        guard var place = chunkIndex(for: range.start) else { return }
        var index = Self.lowerBound(chunks[place], range.start)
        while place < chunks.count {
            while index < chunks[place].count {
                let key = chunks[place][index]
                guard range.contains(key), body(key) else { return }
                index += 1
            }
            place += 1
            index = 0
        }
    }

    /// The last chunk that begins at or before the key, or the first; nil where there is none.
    private func chunkIndex(for key: Key) -> Int? {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if key < chunks[middle][0] { high = middle } else { low = middle + 1 }
        }
        return chunks.isEmpty ? nil : max(0, low - 1)
    }

    private static func lowerBound(_ keys: [Key], _ key: Key) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
