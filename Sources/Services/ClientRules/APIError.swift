import JSON

/// What the API server answered instead of the object: its `Status`.
public struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The HTTP status: 404.
    public let code: Int
    /// The word for programs: `NotFound`, `AlreadyExists`, `Conflict`, `Expired`.
    public let reason: String
    /// The sentence for people.
    public let message: String

    public init(code: Int, reason: String, message: String) {
        (self.code, self.reason, self.message) = (code, reason, message)
    }

    /// Reads a `Status`; makes one up where the body is none (a proxy's page, say).
    public init(status: JSON?, code: Int) {
        self.init(
            code: status?["code"]?.int ?? code,
            reason: status?["reason"]?.string ?? "Unknown",
            message: status?["message"]?.string ?? "the server answered \(code)")
    }

    public var description: String { "\(reason) (\(code)): \(message)" }
    public var isNotFound: Bool { code == 404 }
    /// The object changed since it was read: read it again.
    public var isConflict: Bool { code == 409 && reason != "AlreadyExists" }
    public var isAlreadyExists: Bool { code == 409 && reason == "AlreadyExists" }
    /// The resourceVersion is compacted away: list again.
    public var isGone: Bool { code == 410 }
    /// Asking again, as it is, may succeed.
    public var isTransient: Bool { code == 429 || code >= 500 }
}
