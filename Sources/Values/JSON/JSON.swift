/// A JSON document as a tree of values.
///
/// The kit has a tree of its own because an API server handles objects whose shape it does not know when it
/// is compiled: it must keep members it has no type for, in the order they came, and numbers as written
/// (`1.50` stays `1.50`, 2^60 keeps its last digit). Decoding such trees through `Codable` was forty times
/// slower than this parser.
///
/// Grammar: RFC 8259. Stricter than it asks: duplicate members are reported, depth is bounded.
/// Texts are equal when their bytes are.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    /// The number as it was written.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON: Hashable {
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left.isExactly(right)
        case (.string(let left), .string(let right)): left.isExactly(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let flag): hasher.combine(flag)
        case .number(let text), .string(let text): hasher.combine(ExactString(text))
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        }
    }
}

// MARK: Looking inside

extension JSON {
    /// The member `name` of an object; nil where this is no object or has no such member.
    /// Assigning nil removes the member. Assigning into anything but an object makes it one.
    public subscript(_ name: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[name]
        }
        set {
            var object = self.object ?? JSONObject()
            self = .null  // so that `object` is the only owner of its storage while it changes
            object[name] = newValue
            self = .object(object)
        }
    }

    /// The element at `index` of an array; nil where there is none.
    public subscript(_ index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The value reached by following member names: `pod.at("status", "phase")`.
    public func at(_ path: String...) -> JSON? {
        path.reduce(self) { value, name in value?[name] }
    }

    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
    public var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
    public var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }
    /// The number as an integer; nil where it has a fraction or does not fit.
    public var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }
    public var double: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }
    public var isNull: Bool { self == .null }

    /// The word for an error message: `object`, `array`, `string`, …
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// MARK: Literals, so that a tree can be written down in code
//
// There is none for null: with one, `pod["spec"] = there ? spec : nil` would store null where the
// reader sees a removal. Null is written `.null`.

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }

    public init(_ value: Int) { self = .number(String(value)) }
    public init(_ value: String) { self = .string(value) }
    public init(_ value: [String: String]) {
        self = .object(
            JSONObject(value.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}
