import JSON

/// JSON Patch: a list of operations at JSON pointers, all or none. Source: RFC 6902, RFC 6901.
public enum JSONPatch {
    /// Why a patch was not applied.
    public struct Failure: Error, Hashable, Sendable {
        public let message: String
        /// The patch itself is wrong, whatever the object.
        public let isMalformed: Bool
    }

    /// - Throws: for a list that is none, an unknown operation, a path that is not there, a test
    ///   that fails.
    public static func apply(_ patch: JSON, to document: JSON) throws(Failure) -> JSON {
        guard let operations = patch.array else { throw malformed("a JSON patch must be a list") }
        var document = document
        for operation in operations { try apply(one: operation, to: &document) }
        return document
    }

    private static func apply(one operation: JSON, to document: inout JSON) throws(Failure) {
        let path = try pointer(operation, "path")
        switch operation["op"]?.string {
        case "add": try change(&document, path[...], .add(try value(operation)))
        case "remove": try change(&document, path[...], .remove)
        case "replace": try change(&document, path[...], .replace(try value(operation)))
        case "move":
            let from = try pointer(operation, "from")
            guard !(path.count > from.count && path.starts(with: from)) else {
                throw malformed("a value cannot be moved into itself")
            }
            let moved = try find(document, from)
            try change(&document, from[...], .remove)
            try change(&document, path[...], .add(moved))
        case "copy":
            try change(
                &document, path[...], .add(try find(document, try pointer(operation, "from"))))
        case "test":
            guard try find(document, path) == operation["value"] ?? .null else {
                throw unfit("testing value /\(path.joined(separator: "/")) failed")
            }
        case let other: throw malformed("unexpected operation \(other ?? "")")
        }
    }

    private enum Change {
        case add(JSON)
        case replace(JSON)
        case remove
    }

    /// Follows the path down and changes what is at its end.
    private static func change(
        _ value: inout JSON, _ path: ArraySlice<String>, _ change: Change
    ) throws(Failure) {
        guard let name = path.first else {
            switch change {
            case .add(let new), .replace(let new): value = new
            case .remove: value = .null
            }
            return
        }
        switch value {
        case .object where path.count == 1: try changeMember(&value, name, change)
        case .array(var elements) where path.count == 1:
            value = .null
            try changeElement(&elements, name, change)
            value = .array(elements)
        case .object:
            guard var inner = value[name] else { throw missing(name) }
            value[name] = .null
            try self.change(&inner, path.dropFirst(), change)
            value[name] = inner
        case .array(var elements):
            let index = try index(name, below: elements.count)
            try self.change(&elements[index], path.dropFirst(), change)
            value = .array(elements)
        default: throw missing(name)
        }
    }

    private static func changeMember(
        _ value: inout JSON, _ name: String, _ change: Change
    ) throws(Failure) {
        switch change {
        case .add(let new): value[name] = new
        case .replace(let new):
            guard value[name] != nil else { throw missing(name) }
            value[name] = new
        case .remove:
            guard value[name] != nil else { throw missing(name) }
            value[name] = nil
        }
    }

    private static func changeElement(
        _ elements: inout [JSON], _ name: String, _ change: Change
    ) throws(Failure) {
        switch change {
        case .add(let new):
            if name == "-" { return elements.append(new) }
            elements.insert(new, at: try index(name, below: elements.count + 1))
        case .replace(let new): elements[try index(name, below: elements.count)] = new
        case .remove: elements.remove(at: try index(name, below: elements.count))
        }
    }

    private static func find(_ document: JSON, _ path: [String]) throws(Failure) -> JSON {
        var value = document
        for name in path {
            if let elements = value.array {
                value = elements[try index(name, below: elements.count)]
            } else if let member = value[name] {
                value = member
            } else {
                throw missing(name)
            }
        }
        return value
    }

    /// An index is digits without a leading zero.
    private static func index(_ name: String, below count: Int) throws(Failure) -> Int {
        guard let index = Int(name), name == String(index), (0..<count).contains(index) else {
            throw unfit("invalid index referenced: \(name)")
        }
        return index
    }

    /// `/a~1b/0` is the names `a/b` and `0`.
    private static func pointer(_ operation: JSON, _ member: String) throws(Failure) -> [String] {
        guard let text = operation[member]?.string else {
            throw malformed("an operation has no \(member)")
        }
        if text.isEmpty { return [] }
        guard text.first == "/" else {
            throw malformed("a JSON pointer must begin with '/': \(text)")
        }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(
            unescaped)
    }

    private static func unescaped(_ part: Substring) -> String {
        var text = ""
        var rest = part
        while let character = rest.popFirst() {
            if character == "~", let code = rest.first, code == "0" || code == "1" {
                rest.removeFirst()
                text.append(code == "0" ? "~" : "/")
            } else {
                text.append(character)
            }
        }
        return text
    }

    private static func value(_ operation: JSON) throws(Failure) -> JSON {
        guard let value = operation["value"] else { throw malformed("an operation has no value") }
        return value
    }

    private static func malformed(_ message: String) -> Failure {
        Failure(message: message, isMalformed: true)
    }

    private static func unfit(_ message: String) -> Failure {
        Failure(message: message, isMalformed: false)
    }

    private static func missing(_ name: String) -> Failure {
        unfit("doc is missing key: \(name): missing value")
    }
}
