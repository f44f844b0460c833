import JSON
import Objects

/// What `rows[].object` of a Table holds: the query parameter `includeObject`.
public enum IncludeObject: String, Sendable {
    case metadata = "Metadata"
    case object = "Object"
    case none = "None"
}

/// How a kind is shown as a line of `kubectl get`: its columns.
public struct Printer: Sendable {
    let columns: [Column]

    /// From left to right.
    public init(_ columns: Column...) { self.columns = columns }

    static let nameAndAge = Printer(.name, .age)
}

/// One column: its head, and how its cell is made from an object.
public struct Column: Sendable {
    let name: String
    var type = "string"
    var format = ""
    /// 0 is always shown, 1 with `-o wide`.
    var priority = 0
    /// `now` is in seconds since 1970.
    let cell: @Sendable (_ object: JSON, _ now: Int) -> JSON

    /// - Parameter cell: from the object.
    public init(_ name: String, _ cell: @escaping @Sendable (JSON) -> JSON) {
        self.name = name
        self.cell = { object, _ in cell(object) }
    }

    init(_ name: String, aged cell: @escaping @Sendable (JSON, Int) -> JSON) {
        (self.name, self.cell) = (name, cell)
    }

    /// Shown with `-o wide` only.
    public var wide: Column {
        var column = self
        column.priority = 1
        return column
    }

    /// A column of numbers.
    static func count(_ name: String, _ cell: @escaping @Sendable (JSON) -> Int) -> Column {
        var column = Column(name) { JSON(cell($0)) }
        column.type = "integer"
        return column
    }

    /// The object's name, in the first column of most kinds.
    public static let name: Column = {
        var column = Column("Name") { $0.at("metadata", "name") ?? "" }
        column.format = "name"
        return column
    }()

    /// How long ago the object was made.
    public static let age = Column(
        "Age",
        aged: { object, now in
            .string(Age.since(object.at("metadata", "creationTimestamp"), now))
        })

    var definition: JSON {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(name),
            "priority": JSON(priority),
        ]
    }
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
        let columns = printer.columns
        let rows = objects.map { object -> JSON in
            var row: JSON = ["cells": .array(columns.map { $0.cell(object, now) })]
            row["object"] = shown(object, include)
            return row
        }
        let definitions: JSON = withColumns ? .array(columns.map(\.definition)) : .null
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": Kind.listMetadata(resourceVersion, continueToken, remaining),
            "columnDefinitions": definitions, "rows": .array(rows),
        ]
    }

    private func shown(_ object: JSON, _ include: IncludeObject) -> JSON? {
        switch include {
        case .none: return nil
        case .object: return object
        case .metadata:
            var metadata = object["metadata"] ?? [:]
            metadata["managedFields"] = nil
            return [
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata,
            ]
        }
    }
}

/// Spans of time as kubectl shows them: two units at most, fewer as they grow.
enum Age {
    /// From a timestamp until now; `<unknown>` where there is none.
    static func since(_ timestamp: JSON?, _ now: Int) -> String {
        guard let text = timestamp?.string, let time = Timestamp(text) else { return "<unknown>" }
        return Self.text(now - time.seconds)
    }

    /// `45s`, `2m30s`, `12m`, `3h5m`, `20h`, `2d4h`, `12d`, `2y10d`, `9y`.
    static func text(_ seconds: Int) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        func two(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
        }
        switch true {
        case seconds < 120: return "\(seconds)s"
        case minutes < 10: return two(minutes, "m", seconds % 60, "s")
        case minutes < 180: return "\(minutes)m"
        case hours < 8: return two(hours, "h", minutes % 60, "m")
        case hours < 48: return "\(hours)h"
        case hours < 192: return two(days, "d", hours % 24, "h")
        case days < 730: return "\(days)d"
        case days < 2920: return two(days / 365, "y", days % 365, "d")
        default: return "\(days / 365)y"
        }
    }
}
