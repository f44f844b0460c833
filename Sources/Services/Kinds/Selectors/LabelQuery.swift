import JSON

/// A label selector in its query form: `app=web,tier in (a,b),!canary`.
public struct LabelQuery: Hashable, Sendable {
    /// - Throws: 400 with the stock server's words.
    public init(_ text: String) throws(StatusError) {}

    /// Whether the labels in the object's metadata satisfy every requirement.
    public func matches(_ object: JSON) -> Bool { true }
}

/// A field selector: `status.phase!=Running,spec.nodeName=node-1`.
public struct FieldQuery: Hashable, Sendable {
    /// - Throws: 400 for syntax and for fields that the kind cannot be selected by.
    public init(_ text: String, for kind: Kind) throws(StatusError) {}

    public func matches(_ object: JSON) -> Bool { true }

    /// The name that an object must have, where the selector says so: lets a server read one key, not all.
    public var name: String? { nil }
}
