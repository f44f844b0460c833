import Linux

/// What extended headers say of an entry, by key. Source: pax(1), "pax Extended Header".
struct PaxRecords {
    private var values: [[UInt8]: [UInt8]] = [:]

    init() {}

    /// Records `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record and VALUE may hold any
    /// byte. Nil for anything else.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            guard digits.count < 10, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 2, length <= rest.count,
                rest[rest.startIndex + length - 1] == 10, rest[digits.endIndex] == 32,
                let equals = rest.prefix(length).firstIndex(of: 61)
            else { return nil }
            let key = Array(rest[(digits.endIndex + 1)..<max(equals, digits.endIndex + 1)])
            values[key] = Array(rest[(equals + 1)..<(rest.startIndex + length - 1)])
            rest = rest.dropFirst(length)
        }
    }

    /// Nil where there is none. An empty value takes an earlier one back.
    subscript(_ key: String) -> [UInt8]? {
        get { values[Array(key.utf8)].flatMap { $0.isEmpty ? nil : $0 } }
        set { values[Array(key.utf8)] = newValue }
    }

    mutating func take(_ later: PaxRecords) { values.merge(later.values) { $1 } }
    mutating func giveWay(to earlier: PaxRecords) { values.merge(earlier.values) { own, _ in own } }

    /// GNU tar's ways to write a file with holes: the data that follows is a map and the pieces.
    var isSparse: Bool { values.keys.contains { $0.starts(with: "GNU.sparse.".utf8) } }

    /// The extended attributes; a name that is no UTF-8 is none that is carried.
    var attributes: [String: [UInt8]] {
        var attributes: [String: [UInt8]] = [:]
        let prefix = "SCHILY.xattr."
        for (key, value) in values where key.starts(with: prefix.utf8) {
            let name = key.dropFirst(prefix.utf8.count)
            guard !name.contains(0), let text = String(validating: name, as: UTF8.self) else {
                continue
            }
            attributes[text] = value
        }
        return attributes
    }
}

/// A decimal number as pax writes it: `12`, `-1.5`. What is beyond nanoseconds is cut off.
struct Decimal {
    /// Rounded down: -2 for -1.5.
    let whole: Int
    /// From `whole` on: 500 000 000 for -1.5.
    let nanoseconds: Int

    init(_ whole: Int) { (self.whole, nanoseconds) = (whole, 0) }

    /// Nil for what is no number, and for what is too large to be a time or a size.
    init?(_ text: [UInt8]) {
        let isNegative = text.first == UInt8(ascii: "-")
        let pieces = text.dropFirst(isNegative ? 1 : 0)
            .split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard !pieces[0].isEmpty, pieces[0].count < 18,
            pieces.joined().allSatisfy({ (48...57).contains($0) })
        else { return nil }
        func number(_ digits: some Sequence<UInt8>) -> Int {
            digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        let magnitude = number(pieces[0])
        let zeros = [UInt8](repeating: 48, count: 9)
        let fraction = pieces.count > 1 ? number((pieces[1] + zeros).prefix(9)) : 0
        if isNegative {
            whole = fraction > 0 ? -magnitude - 1 : -magnitude
            nanoseconds = fraction > 0 ? 1_000_000_000 - fraction : 0
        } else {
            (whole, nanoseconds) = (magnitude, fraction)
        }
    }
}
