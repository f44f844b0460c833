import CLinux

// Paths that come from outside, as lists of names. A Swift `Character` is a grapheme: in "a/\u{301}b" no character is
// "/", and `split(separator: "/")` finds nothing to split at. The kernel looks at bytes, and finds one. So text from
// outside becomes a path here, byte by byte, and nowhere else.

private let slash = UInt8(ascii: "/")

/// One name in a directory: any bytes but `/` and NUL, and at least one, which is all that the kernel asks of a name.
public struct PathName: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Nil for what is no name.
    public init?(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        if self.bytes.isEmpty || self.bytes.contains(where: { $0 == slash || $0 == 0 }) {
            return nil
        }
    }

    public init?(_ text: String) { self.init(text.utf8) }

    /// `..`, which names the directory above.
    public var isParent: Bool { bytes == Array("..".utf8) }
    /// `.`, which names the directory itself.
    public var isSelf: Bool { bytes == Array(".".utf8) }

    /// For messages; what is no UTF-8 is shown as U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    public func withCString<Result>(
        _ body: (UnsafePointer<CChar>) throws -> Result
    ) rethrows -> Result { try withZero(bytes, body) }
}

/// A path by its names, from wherever it is taken. Neither `//` nor `.` is a name; `..` is one like any other, for what
/// it leads to is known only once links are followed.
public struct RelativePath: Hashable, Sendable {
    public var names: [PathName]

    /// No name: the place that paths are taken from.
    public init() { names = [] }

    public init(_ names: some Sequence<PathName>) { self.names = Array(names) }

    /// Nil for text with a NUL, at which the kernel would stop reading.
    public init?(_ bytes: some Collection<UInt8>) {
        if bytes.contains(0) { return nil }
        names = bytes.split(separator: slash).compactMap { PathName($0) }.filter { !$0.isSelf }
    }

    public init?(_ text: String) { self.init(text.utf8) }

    public var isEmpty: Bool { names.isEmpty }
    public var last: PathName? { names.last }
    /// Without the last name.
    public var parent: RelativePath { RelativePath(names.dropLast()) }
    public var goesUp: Bool { names.contains { $0.isParent } }
    /// `a`, `a/b`, `a/b/c` of `a/b/c`.
    public var prefixes: [RelativePath] { names.indices.map { RelativePath(names[...$0]) } }

    public static func + (path: RelativePath, name: PathName) -> RelativePath {
        RelativePath(path.names + [name])
    }

    /// Each `..` with the name before it taken away: only right where no link is on the way.
    public var withoutParents: RelativePath {
        RelativePath(
            names.reduce(into: [PathName]()) { kept, name in
                if !name.isParent { kept.append(name) } else if !kept.isEmpty { kept.removeLast() }
            })
    }

    public func isBelow(_ other: RelativePath) -> Bool {
        names.count > other.names.count && names.starts(with: other.names)
    }

    /// With a slash between two names; nothing for no name.
    public var bytes: [UInt8] { Array(names.map(\.bytes).joined(separator: [slash])) }
    /// Nil where a name is no UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }
    /// From a root: `/a/b`; `/` for no name.
    public var absolute: String { "/\(self)" }

    /// From a root, as bytes for the kernel: `/a/b`.
    public func withRootedCString<Result>(
        _ body: (UnsafePointer<CChar>) throws -> Result
    ) rethrows -> Result { try withZero([slash] + bytes, body) }

    /// `.` for no name.
    public func withCString<Result>(
        _ body: (UnsafePointer<CChar>) throws -> Result
    ) rethrows -> Result { try withZero(isEmpty ? [UInt8(ascii: ".")] : bytes, body) }
}

extension PathName: CustomStringConvertible, Comparable {
    public static func < (left: PathName, right: PathName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension RelativePath: CustomStringConvertible {
    /// For messages, as with a name.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

private func withZero<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws -> Result
) rethrows -> Result {
    try (bytes + [0]).withUnsafeBytes {
        try body($0.baseAddress!.assumingMemoryBound(to: CChar.self))
    }
}

extension StringProtocol {
    /// Whether the text begins with these bytes: `hasPrefix`, but not by graphemes.
    public func startsWithBytes(of other: some StringProtocol) -> Bool {
        utf8.starts(with: other.utf8)
    }

    /// Whether the text begins with `/`, as the kernel sees it.
    public var isAbsolutePath: Bool { utf8.first == slash }

    /// The texts between the bytes `separator`; empty ones are left out.
    public func fields(at separator: Unicode.Scalar) -> [String] {
        utf8.split(separator: UInt8(ascii: separator)).map { String(decoding: $0, as: UTF8.self) }
    }
}
