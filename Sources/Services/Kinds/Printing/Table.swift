import JSON

/// What `rows[].object` of a Table holds: the query parameter `includeObject`.
public enum IncludeObject: String, Sendable {
    case metadata = "Metadata"
    case object = "Object"
    case none = "None"
}

/// How a kind is shown as a line of `kubectl get`.
struct Printer: Sendable {
    /// The columns; those of priority 1 are shown with `-o wide`.
    let columns: [Column]
    /// One cell a column; `now` is in seconds since 1970.
    let cells: @Sendable (_ object: JSON, _ now: Int) -> [JSON]

    static let nameAndAge = Printer(columns: []) { _, _ in [] }
}

struct Column: Sendable {
    let name: String
    var type = "string"
    var format = ""
    var priority = 0
    var description = ""
}

extension Kind {
    /// A `meta.k8s.io/v1` Table of objects.
    /// - Parameters:
    ///   - now: seconds since 1970, for ages.
    ///   - withColumns: a watch sends the columns with its first event only.
    public func table(
        _ objects: [JSON], now: Int, resourceVersion: String? = nil, continueToken: String? = nil,
        remaining: Int? = nil, include: IncludeObject = .metadata, withColumns: Bool = true
    ) -> JSON {
        .null
    }
}
