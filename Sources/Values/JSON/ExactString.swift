/// Text compared, ordered and hashed by its bytes, as everybody but Swift does it.
///
/// To Swift's `==` the letter é is the same as e followed by a combining accent. To the kernel, to Go and to
/// whoever wrote it they are two names.
public struct ExactString: Hashable, Comparable, Sendable {
    public let text: String
    public init(_ text: String) { self.text = text }

    public static func == (left: ExactString, right: ExactString) -> Bool {
        left.text.isExactly(right.text)
    }

    public static func < (left: ExactString, right: ExactString) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether both are the same bytes.
    public func isExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The pieces between ASCII separators, found among the bytes: to `split(separator:)` a separator that a
    /// combining mark follows is another character, and none.
    public func pieces(
        between separator: Unicode.Scalar, maxSplits: Int = .max, keepingEmpty: Bool = false
    ) -> [Substring] {
        Substring(self).utf8.split(
            separator: UInt8(ascii: separator), maxSplits: maxSplits,
            omittingEmptySubsequences: !keepingEmpty
        ).map { Substring($0) }
    }
}
