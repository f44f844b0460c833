/// Reads JSON text into a tree.
///
/// A recursive descent over bytes, one function a production of RFC 8259's grammar. Depth is bounded, so that
/// a body of a million `[` is an error and not a stack overflow.
public struct JSONParser {
    /// What was wrong with a text, and where.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let message: String
        /// Counted from 1.
        public let line: Int
        /// Counted from 1, in bytes.
        public let column: Int
        public var description: String { "line \(line), column \(column): \(message)" }
    }

    /// How deep objects and lists may stand in one another.
    public static let depthMax = 100
    /// More members that stand twice are not told of.
    private static let duplicatesMax = 100

    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    private var depth = 0
    /// Where a member stands twice, the path of the second one, as Kubernetes writes it: `spec.replicas`.
    public private(set) var duplicates: [String] = []
    private var path: [String] = []

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Parses one whole document and lists members that stand twice in an object (the last one counts).
    public static func parse(_ bytes: [UInt8]) throws(Failure) -> (
        value: JSON, duplicates: [String]
    ) {
        let result: Result<(JSON, [String]), Failure> = bytes.withUnsafeBytes { buffer in
            var parser = JSONParser(buffer)
            do throws(Failure) {
                let value = try parser.document()
                return .success((value, parser.duplicates))
            } catch {
                return .failure(error)
            }
        }
        let (value, duplicates) = try result.get()
        return (value, duplicates)
    }

    private mutating func document() throws(Failure) -> JSON {
        let value = try self.value()
        skipSpace()
        guard at == bytes.count else { throw fail("unexpected text after the document") }
        return value
    }

    private mutating func value() throws(Failure) -> JSON {
        skipSpace()
        guard at < bytes.count else { throw fail("unexpected end of the text") }
        switch bytes[at] {
        case UInt8(ascii: "{"):
            return try nested { (parser) throws(Failure) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(Failure) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw fail("unexpected character '\(Unicode.Scalar(bytes[at]))'")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(Failure) -> JSON
    ) throws(Failure) -> JSON {
        guard depth < Self.depthMax else {
            throw fail("nested deeper than \(Self.depthMax) levels")
        }
        depth += 1
        at += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(Failure) -> JSON {
        var object = JSONObject()
        skipSpace()
        if take("}") { return .object(JSONObject()) }
        repeat {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw fail("expected a member name in quotes")
            }
            let name = try string()
            skipSpace()
            guard take(":") else { throw fail("expected ':' after \"\(name)\"") }
            path.append(name)
            let value = try self.value()
            if object.put(name, value), duplicates.count < Self.duplicatesMax {
                duplicates.append(pathText)
            }
            path.removeLast()
            skipSpace()
        } while take(",")
        guard take("}") else { throw fail("expected ',' or '}'") }
        return .object(object)
    }

    /// `spec.containers[0].name`
    private var pathText: String {
        path.reduce(into: "") { text, part in
            if !text.isEmpty, part.utf8.first != UInt8(ascii: "[") { text += "." }
            text += part
        }
    }

    private mutating func array() throws(Failure) -> JSON {
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            path.append("[\(elements.count)]")
            elements.append(try value())
            path.removeLast()
            skipSpace()
        } while take(",")
        guard take("]") else { throw fail("expected ',' or ']'") }
        return .array(elements)
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(Failure) -> JSON {
        let end = at + text.utf8CodeUnitCount
        guard end <= bytes.count,
            (at..<end).allSatisfy({ bytes[$0] == text.utf8Start[$0 - at] })
        else { throw fail("unexpected word") }
        at = end
        return value
    }

    private mutating func number() throws(Failure) -> String {
        let start = at
        _ = take("-")
        if take("0") {
            // A leading zero stands alone.
        } else {
            guard takeDigits() else { throw fail("expected a digit") }
        }
        if take(".") {
            guard takeDigits() else { throw fail("expected a digit after '.'") }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard takeDigits() else { throw fail("expected a digit in the exponent") }
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func takeDigits() -> Bool {
        let start = at
        while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
            at += 1
        }
        return at > start
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private func fail(_ message: String) -> Failure {
        let before = bytes[..<min(at, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Failure(message: message, line: line, column: at - lineStart + 1)
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(Failure) -> String {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") {
            guard bytes[at] >= 0x20 else { throw fail("control character in a string") }
            at += 1
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {  // the common case: no escapes
            let text = try utf8(bytes[start..<at])
            at += 1
            return text
        }
        return try escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) throws(Failure) -> String {
        var text = [UInt8](bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                let result = try text.withUnsafeBytesTyped { (raw) throws(Failure) in
                    try utf8(raw[...])
                }
                at += 1
                return result
            case UInt8(ascii: "\\"):
                at += 1
                try escape(into: &text)
            case 0..<0x20:
                throw fail("control character in a string")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw fail("the string has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        guard at < bytes.count else { throw fail("the string has no end") }
        let letter = bytes[at]
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicodeEscape()).utf8)
        default: throw fail("unknown escape")
        }
    }

    /// Four hex digits, or two groups of four that form a surrogate pair. A lone surrogate is an error.
    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try hex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else {
            throw fail("half of a surrogate pair")
        }
        let second = try hex4()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fail("half of a surrogate pair") }
        return scalar
    }

    private mutating func hex4() throws(Failure) -> UInt32 {
        guard at + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
            bytes[at] != UInt8(ascii: "+")
        else { throw fail("expected four hex digits") }
        at += 4
        return value
    }

    private func utf8(_ slice: Slice<UnsafeRawBufferPointer>) throws(Failure) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw fail("a string is not valid UTF-8")
        }
        return text
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with a typed error.
    fileprivate func withUnsafeBytesTyped<Result>(
        _ body: (UnsafeRawBufferPointer) throws(JSONParser.Failure) -> Result
    ) throws(JSONParser.Failure) -> Result {
        let outcome: Swift.Result<Result, JSONParser.Failure> = withUnsafeBytes { buffer in
            do throws(JSONParser.Failure) { return .success(try body(buffer)) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}

extension JSON {
    /// Parses a document; where a member stands twice, the last one counts.
    public init(parsing bytes: [UInt8]) throws(JSONParser.Failure) {
        self = try JSONParser.parse(bytes).value
    }

    public init(parsing text: String) throws(JSONParser.Failure) {
        try self.init(parsing: Array(text.utf8))
    }
}
