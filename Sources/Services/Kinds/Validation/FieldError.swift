import JSON

/// One thing wrong with one field, in Kubernetes' words.
public struct FieldError: Hashable, Sendable, CustomStringConvertible {
    /// `spec.template.metadata.labels`.
    public let field: String
    public let reason: Reason
    /// What follows the field's name in the message.
    public let text: String

    /// The words that `details.causes[].reason` may have.
    public enum Reason: String, Hashable, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case tooLong = "FieldValueTooLong"
        case notFound = "FieldValueNotFound"
        case typeInvalid = "FieldValueTypeInvalid"
    }

    public init(_ field: String, _ reason: Reason, _ text: String) {
        (self.field, self.reason, self.text) = (field, reason, text)
    }

    public var description: String { "\(field): \(text)" }

    /// An entry of `details.causes`.
    public var cause: JSON {
        ["reason": .string(reason.rawValue), "message": .string(text), "field": .string(field)]
    }
}

/// Errors as they are found, in the order of the fields.
public struct FieldErrors: Sendable {
    public private(set) var all: [FieldError] = []
    /// More are not told of: an object of a million bytes can have a hundred thousand.
    private static let most = 100

    public init() {}

    /// The field is missing or empty.
    public mutating func required(_ field: String, _ why: String = "") {
        add(field, .required, why.isEmpty ? "Required value" : "Required value: \(why)")
    }

    /// The field has a value that it must not have.
    public mutating func invalid(_ field: String, _ value: JSON?, _ why: String) {
        add(field, .invalid, "Invalid value: \(Self.shown(value)): \(why)")
    }

    /// The field must have one of `allowed`.
    public mutating func notSupported(_ field: String, _ value: JSON?, _ allowed: [String]) {
        let list = allowed.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        add(
            field, .notSupported,
            "Unsupported value: \(Self.shown(value)): supported values: \(list)")
    }

    public mutating func duplicate(_ field: String, _ value: JSON?) {
        add(field, .duplicate, "Duplicate value: \(Self.shown(value))")
    }

    public mutating func forbidden(_ field: String, _ why: String) {
        add(field, .forbidden, "Forbidden: \(why)")
    }

    public mutating func notFound(_ field: String, _ value: JSON?) {
        add(field, .notFound, "Not found: \(Self.shown(value))")
    }

    public mutating func tooLong(_ field: String, _ bytesMax: Int) {
        add(field, .tooLong, "Too long: may not be more than \(bytesMax) bytes")
    }

    private mutating func add(_ field: String, _ reason: FieldError.Reason, _ text: String) {
        guard all.count < Self.most else { return }
        let error = FieldError(field, reason, text)
        if !all.contains(error) { all.append(error) }
    }

    /// Text in quotes, numbers and trees as JSON.
    private static func shown(_ value: JSON?) -> String { (value ?? .null).text }
}
