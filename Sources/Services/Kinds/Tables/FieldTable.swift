/// The model of the field tables.
///
/// A table is text, so that it reads as a table. A line that starts in the first column opens a
/// message (`*`
/// after its name: it has apiVersion and kind); the lines below it are its fields:
///
///     Volume | A named source of files.
///     1    name      string!                  | What volumeMounts call it.
///     2.2  emptyDir  EmptyDirVolumeSource?    | An empty directory that lives as long as the pod.
///
/// - number: of the protobuf field. `2.2` is field 2 of a message in field 2 whose members JSON
///   writes in line.
///   `1.* Container` takes in all fields of another message in the same way.
/// - type: string bool int32 int64 double bytes time microTime duration quantity intOrString json,
///   or a message;
///   `[T]` is a list, `{T}` a map from strings. `?` after it: absent and zero are different things;
///   `!`: always written, zero too. Neither: zero is as good as absent.
/// - options: `merge=KEY` a strategic merge patch merges this list by KEY, `merge` a list of plain
///   values as a set,
///   `retainKeys`; `keys=A,B` the list's identity for server-side apply, where it is not the merge
///   key.
/// - rules: what its values must be like (`FieldRule`): `required`, `1..65535`, `0..`, `in=A,B`, `is=label`.
///   A `!` is only about how zero is written; what the server refuses is what a rule says.
/// - `notYet`: the server takes the field and nothing of the kit acts on it, so who sets it is warned;
///   `notYet=A,B`: but for these values, which ask for what is done anyway. Whoever makes the kit honour the
///   field takes the word away.
public struct Message: Sendable {
    public let name: String
    /// `io.k8s.api.core.v1`: the name that OpenAPI gives the package.
    public let package: String
    public let isObject: Bool
    public let fields: [Field]
    public let doc: String
    private let byName: [String: Int]
    /// Those that have rules, or messages that may.
    let checked: [Field]
    /// Those that are written even where they are zero.
    let always: [Field]

    init(name: String, package: String, isObject: Bool, fields: [Field], doc: String) {
        (self.name, self.package, self.isObject, self.doc) = (name, package, isObject, doc)
        self.fields = fields
        checked = fields.filter { !$0.rules.isEmpty || $0.type.messageName != nil }
        always = fields.filter { $0.presence == .always }
        byName = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    public subscript(_ name: String) -> Field? { byName[name].map { fields[$0] } }
}

/// One line of a table.
public struct Field: Hashable, Sendable {
    public let name: String
    public let type: FieldType
    public let number: Int
    /// The number of the in-line message that the field is in, on the wire; nil for most.
    public let within: Int?
    public let presence: Presence
    public let mergeKey: String?
    /// A strategic merge patch adds to this list; without a merge key, as to a set.
    public let isMerged: Bool
    public let retainsKeys: Bool
    /// What tells elements of a list apart in server-side apply.
    public let listMapKeys: [String]
    /// What its values must be like.
    public let rules: [FieldRule]
    /// nil for a field that is honoured; else the values that ask for nothing.
    public let notYet: [String]?
    public let doc: String
}

/// Whether a zero says something.
public enum Presence: Hashable, Sendable {
    /// Zero is as good as absent: Go's `omitempty` on a plain value.
    case omitsZero
    /// Absent and zero are different things: Go's pointers.
    case optional
    /// Always written.
    case always
}

/// The type of a field, as a table writes it.
public indirect enum FieldType: Hashable, Sendable {
    case string, bool, int32, int64, double, bytes, time, microTime, duration, quantity,
        intOrString, json
    case message(String)
    case list(FieldType)
    case map(FieldType)

    init(_ text: Substring) {
        switch (text.first, text.last) {
        case ("[", "]"): self = .list(FieldType(text.dropFirst().dropLast()))
        case ("{", "}"): self = .map(FieldType(text.dropFirst().dropLast()))
        default: self = Self.plain[String(text)] ?? .message(String(text))
        }
    }

    private static let plain: [String: FieldType] = [
        "string": .string, "bool": .bool, "int32": .int32, "int64": .int64, "double": .double,
        "bytes": .bytes,
        "time": .time, "microTime": .microTime, "duration": .duration, "quantity": .quantity,
        "intOrString": .intOrString, "json": .json,
    ]

    /// The message at the end of lists and maps.
    var messageName: String? {
        switch self {
        case .message(let name): name
        case .list(let element), .map(let element): element.messageName
        default: nil
        }
    }
}
