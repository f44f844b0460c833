import JSON

/// A refusal, as the wire has it: an HTTP code and a `Status` object. kubectl prints the message
/// verbatim.
public struct StatusError: Error, Hashable, Sendable {
    /// The HTTP status code.
    public let code: Int
    /// A machine-readable word: `NotFound`, `Invalid`, …
    public let reason: String
    public let message: String
    /// The `details` member: name, group, kind, causes; nil where there are none.
    public let details: JSON?

    public init(code: Int, reason: String, message: String, details: JSON? = nil) {
        (self.code, self.reason, self.message, self.details) = (code, reason, message, details)
    }

    /// The body to send.
    public var status: JSON {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason),
        ]
        status["details"] = details
        status["code"] = JSON(code)
        return status
    }
}

extension StatusError {
    /// 400: the request cannot be understood.
    public static func badRequest(_ message: String) -> StatusError {
        StatusError(code: 400, reason: "BadRequest", message: message)
    }

    public static func notFound(_ kind: Kind, name: String) -> StatusError {
        about(kind, name, 404, "NotFound", "\(kind.qualifiedPlural) \"\(name)\" not found")
    }

    public static func alreadyExists(_ kind: Kind, name: String) -> StatusError {
        about(
            kind, name, 409, "AlreadyExists", "\(kind.qualifiedPlural) \"\(name)\" already exists")
    }

    /// 409: the object changed since it was read.
    public static func conflict(_ kind: Kind, name: String) -> StatusError {
        conflict(
            kind, name: name,
            "the object has been modified; please apply your changes to the latest version and try again"
        )
    }

    public static func conflict(_ kind: Kind, name: String, _ why: String) -> StatusError {
        about(
            kind, name, 409, "Conflict",
            "Operation cannot be fulfilled on \(kind.qualifiedPlural) \"\(name)\": \(why)")
    }

    public static func forbidden(_ kind: Kind, name: String, _ why: String) -> StatusError {
        let thing =
            name.isEmpty
            ? "\(kind.qualifiedPlural) is forbidden"
            : "\(kind.qualifiedPlural) \"\(name)\" is forbidden"
        return about(kind, name, 403, "Forbidden", "\(thing): \(why)")
    }

    /// 410: the revision asked for is compacted away.
    public static func expired(_ message: String) -> StatusError {
        StatusError(code: 410, reason: "Expired", message: message)
    }

    public static func methodNotAllowed() -> StatusError {
        StatusError(
            code: 405, reason: "MethodNotAllowed",
            message: "the server does not allow this method on the requested resource")
    }

    /// 404 for a path that names no resource.
    public static func noSuchResource() -> StatusError {
        StatusError(
            code: 404, reason: "NotFound",
            message: "the server could not find the requested resource")
    }

    public static func unsupportedMediaType(_ message: String) -> StatusError {
        StatusError(code: 415, reason: "UnsupportedMediaType", message: message)
    }

    /// 406: no form of the answer that the client takes.
    public static func notAcceptable(_ accepted: [String]) -> StatusError {
        StatusError(
            code: 406, reason: "NotAcceptable",
            message:
                "only the following media types are accepted: \(accepted.joined(separator: ", "))")
    }

    public static func internalError(_ message: String) -> StatusError {
        StatusError(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
            details: ["causes": [["message": .string(message)]]])
    }

    /// 422: the object was understood and is not allowed, one cause a field.
    public static func invalid(_ kind: Kind, name: String, _ errors: [FieldError]) -> StatusError {
        let texts = errors.map { $0.description }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        var details = JSON.object(JSONObject())
        details["name"] = .string(name)
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        details["kind"] = .string(kind.kind)
        details["causes"] = .array(errors.map(\.cause))
        return StatusError(
            code: 422, reason: "Invalid",
            message: "\(kind.qualifiedKind) \"\(name)\" is invalid: \(list)", details: details)
    }

    private static func about(
        _ kind: Kind, _ name: String, _ code: Int, _ reason: String, _ message: String
    ) -> StatusError {
        var details = JSON.object(JSONObject())
        if !name.isEmpty { details["name"] = .string(name) }
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        details["kind"] = .string(kind.plural)
        return StatusError(code: code, reason: reason, message: message, details: details)
    }
}
