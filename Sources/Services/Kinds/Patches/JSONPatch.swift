import JSON

/// JSON Patch: a list of operations at JSON pointers, all or none. Source: RFC 6902, RFC 6901.
public enum JSONPatch {
    /// Why a patch was not applied.
    public struct Failure: Error, Hashable, Sendable {
        public let message: String
        /// The patch itself is wrong, whatever the object.
        public let isMalformed: Bool
        /// More operations, copies or levels than one request may ask for.
        public var isTooLarge = false
    }

    /// As kube-apiserver has it.
    private static let operationsMax = 10_000
    /// What all copies of a patch may add up to: each may double what the one before it has made.
    private static let copiedBytesMax = 3 << 20

    /// - Throws: for a list that is none, an unknown operation, a path that is not there, a test
    ///   that fails.
    public static func apply(_ patch: JSON, to document: JSON) throws(Failure) -> JSON {
        guard let operations = patch.array else { throw malformed("a JSON patch must be a list") }
        guard operations.count <= operationsMax else {
            throw tooLarge(
                "The allowed maximum operations in a JSON patch is \(operationsMax), "
                    + "got \(operations.count)")
        }
        var document = document
        var room = copiedBytesMax
        for operation in operations { try apply(one: operation, to: &document, &room) }
        guard document.isNoDeeper(than: JSONParser.depthMax) else {
            throw tooLarge("the result is nested deeper than \(JSONParser.depthMax) levels")
        }
        return document
    }

    private static func apply(
        one operation: JSON, to document: inout JSON, _ room: inout Int
    ) throws(Failure) {
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
            let copied = try find(document, try pointer(operation, "from"))
            guard copied.takeSize(from: &room) else {
                throw tooLarge("the copies of a JSON patch are more than \(copiedBytesMax) bytes")
            }
            try change(&document, path[...], .add(copied))
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
            value = .null  // so that `elements` is the only owner of its storage while it changes
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
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw malformed("a JSON pointer must begin with '/': \(text)")
        }
        return text.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        ).map(unescaped)
    }

    private static func unescaped(_ part: Substring.UTF8View) -> String {
        var text: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "~"), rest.first == UInt8(ascii: "0") {
                text.append(UInt8(ascii: "~"))
                rest.removeFirst()
            } else if byte == UInt8(ascii: "~"), rest.first == UInt8(ascii: "1") {
                text.append(UInt8(ascii: "/"))
                rest.removeFirst()
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
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

    private static func tooLarge(_ message: String) -> Failure {
        Failure(message: message, isMalformed: false, isTooLarge: true)
    }

    private static func missing(_ name: String) -> Failure {
        unfit("doc is missing key: \(name): missing value")
    }
}

extension JSON {
    /// Takes the bytes of its text, about, from `room`; false, and no further look, where there isn't so much.
    fileprivate func takeSize(from room: inout Int) -> Bool {
        room -= 2
        switch self {
        case .null, .bool: break
        case .number(let text), .string(let text): room -= text.utf8.count
        case .array(let elements):
            for element in elements where room < 0 || !element.takeSize(from: &room) {
                return false
            }
        case .object(let object):
            for (name, value) in object {
                room -= name.utf8.count
                if room < 0 || !value.takeSize(from: &room) { return false }
            }
        }
        return room >= 0
    }

    fileprivate func isNoDeeper(than levels: Int) -> Bool {
        switch self {
        case .array(let elements):
            levels > 0 && elements.allSatisfy { $0.isNoDeeper(than: levels - 1) }
        case .object(let object):
            levels > 0 && object.members.allSatisfy { $0.value.isNoDeeper(than: levels - 1) }
        default: true
        }
    }
}
