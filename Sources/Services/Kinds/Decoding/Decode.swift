import JSON

/// What to do about fields that the kind does not have: the query parameter `fieldValidation`.
public enum FieldValidation: String, Sendable {
    /// Refuse the request.
    case strict = "Strict"
    /// Drop them and say so in `Warning` headers.
    case warn = "Warn"
    /// Drop them.
    case ignore = "Ignore"

    /// From the query; nil or "" is the stock server's default, `Warn`.
    /// - Throws: 400 for an unknown word.
    public init(_ query: String?) throws(StatusError) {
        guard let query, !query.isEmpty else {
            self = .warn
            return
        }
        guard let value = FieldValidation(rawValue: query) else {
            throw .badRequest("invalid fieldValidation: \(query)")
        }
        self = value
    }
}

/// A body as the server goes on with it.
public struct Decoded: Sendable {
    /// The tree, without unknown fields and nulls; apiVersion and kind are filled in.
    public var object: JSON
    /// Texts for `Warning: 299 - "…"` headers.
    public var warnings: [String]
}

extension Kind {
    /// Reads a request body: JSON, or protobuf where the content type says so.
    /// - Throws: 400 for what cannot be read or has unknown fields under Strict, 415 for other content types.
    public func decode(
        _ bytes: [UInt8], contentType: String?, validation: FieldValidation
    ) throws(StatusError) -> Decoded {
        Decoded(object: (try? JSON(parsing: bytes)) ?? .null, warnings: [])
    }

    /// Checks a tree (the result of a patch, say) as `decode` checks a body.
    public func decode(tree: JSON, validation: FieldValidation) throws(StatusError) -> Decoded {
        Decoded(object: tree, warnings: [])
    }

    /// An object of this version as it is stored. The stored form has the storage version's apiVersion.
    public func toStorage(_ object: JSON) -> JSON { convertToStorage(object) }

    /// A stored object as this version shows it.
    public func fromStorage(_ object: JSON) -> JSON { convertFromStorage(object) }
}
