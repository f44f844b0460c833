/// One mistake: some bytes of a file, and what stands there instead.
public struct Edit: Hashable, Sendable {
    /// UTF-8 offsets in the file.
    public var range: Range<Int>
    public var text: String
    /// What kind of mistake it is, in a few words: `comparison`, `constant by one`.
    public var kind: String

    public init(_ range: Range<Int>, _ text: String, _ kind: String) {
        (self.range, self.text, self.kind) = (range, text, kind)
    }
}

/// A reference with one mistake in one of its holes.
public struct Variant: Codable, Hashable, Sendable {
    /// From 1 on, in the order of the files and of the places in them.
    public var number: Int
    /// `17.3`
    public var step: String
    /// `Load.swift`
    public var file: String
    /// From 1 on.
    public var line: Int
    /// The function that the mistake is in.
    public var function: String
    public var kind: String
    /// The lines that the mistake changes, as one, and what became of them.
    public var before: String
    public var after: String
}

/// The bytes of a text.
struct Bytes {
    let all: [UInt8]
    init(_ text: String) { all = Array(text.utf8) }

    func text(_ range: Range<Int>) -> String { String(decoding: all[range], as: UTF8.self) }

    /// From 1 on.
    func line(at offset: Int) -> Int { 1 + all[..<offset].count { $0 == UInt8(ascii: "\n") } }

    /// Whole lines around a range, without the newline after them.
    func lines(around range: Range<Int>) -> Range<Int> {
        let newline = UInt8(ascii: "\n")
        let start = all[..<range.lowerBound].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = all[range.upperBound...].firstIndex(of: newline) ?? all.count
        return start..<end
    }

    /// A part of the text after an edit in it.
    func text(_ range: Range<Int>, after edit: Edit) -> String {
        text(range.lowerBound..<edit.range.lowerBound) + edit.text
            + text(edit.range.upperBound..<range.upperBound)
    }
}

/// A text as one line: every run of white space is one space.
func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
