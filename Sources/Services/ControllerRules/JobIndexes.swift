/// The completed indexes of a Job, as its status has them: `1,3-5`.
///
/// Kept as ranges, for a Job may have a hundred thousand of them.
public struct JobIndexes: Equatable, Sendable, CustomStringConvertible {
    private(set) var ranges: [ClosedRange<Int>] = []

    public init() {}

    /// What is no number or range is passed over, and so is what doesn't ascend: anybody may have written it.
    public init(_ text: String) {
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            let ends = part.split(separator: UInt8(ascii: "-")).map { Int(Substring($0)) }
            guard (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1],
                first >= 0, first <= last, last < PartBounds.count,
                first > ranges.last?.upperBound ?? -1
            else { continue }
            ranges.append(first...last)
        }
    }

    public func contains(_ index: Int) -> Bool { ranges.contains { $0.contains(index) } }

    public mutating func insert(_ index: Int) {
        guard index >= 0, !contains(index) else { return }
        let place = ranges.firstIndex { $0.lowerBound > index } ?? ranges.count
        ranges.insert(index...index, at: place)
        ranges = ranges.reduce(into: []) { merged, range in
            if let last = merged.last, last.upperBound + 1 >= range.lowerBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
    }

    /// The lowest `count` indexes below `completions` that are neither in here nor in `taken`.
    public func free(_ count: Int, below completions: Int, taken: Set<Int>) -> [Int] {
        var free: [Int] = []
        var index = 0
        while free.count < count, index < completions {
            if let done = ranges.first(where: { $0.contains(index) }) {
                index = done.upperBound
            } else if !taken.contains(index) {
                free.append(index)
            }
            index += 1
        }
        return free
    }

    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
