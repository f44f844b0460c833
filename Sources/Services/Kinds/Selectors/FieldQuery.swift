import JSON

/// A field selector: `status.phase!=Running,spec.nodeName=node-1`; all terms hold together.
public struct FieldQuery: Hashable, Sendable {
    struct Term: Hashable, Sendable {
        let path: [String]
        let isEqual: Bool
        let value: String
    }

    let terms: [Term]

    /// - Throws: 400 for syntax and for fields that the kind cannot be selected by.
    public init(_ text: String, for kind: Kind) throws(StatusError) {
        var terms: [Term] = []
        for part in text.pieces(between: ",") {
            let term = try Self.term(part)
            guard kind.isSelectable(by: term.path.joined(separator: ".")) else {
                throw .badRequest("field label not supported: \(term.path.joined(separator: "."))")
            }
            terms.append(term)
        }
        self.terms = terms
    }

    public var isEmpty: Bool { terms.isEmpty }

    private static func term(_ part: Substring) throws(StatusError) -> Term {
        let (equals, not) = (UInt8(ascii: "="), UInt8(ascii: "!"))
        guard let sign = part.utf8.firstIndex(of: equals) else {
            throw .badRequest("invalid selector: '\(part)'; can't understand '\(part)'")
        }
        var field = part.utf8[..<sign]
        var value = part.utf8[part.utf8.index(after: sign)...]
        let isEqual = field.last != not
        if !isEqual { field.removeLast() }
        if isEqual, value.first == equals { value.removeFirst() }
        let path = Substring(field).pieces(between: ".").map(String.init)
        return Term(path: path, isEqual: isEqual, value: String(Substring(value)))
    }

    public func matches(_ object: JSON) -> Bool {
        terms.allSatisfy { $0.found(in: object).isExactly($0.value) == $0.isEqual }
    }

    /// The name that an object must have, where the selector says so: lets a server read one key,
    /// not all.
    public var name: String? {
        terms.first { $0.isEqual && $0.path == ["metadata", "name"] }?.value
    }

    /// The namespace that an object must be in, where the selector says so.
    public var namespace: String? {
        terms.first { $0.isEqual && $0.path == ["metadata", "namespace"] }?.value
    }
}

extension FieldQuery.Term {
    /// An absent field counts as "", a number or flag as its text.
    func found(in object: JSON) -> String {
        let value = path.reduce(object as JSON?) { $0?[$1] }
        switch value {
        case .string(let text)?: return text
        case nil, .null?:
            return path == ["spec", "unschedulable"] || path == ["spec", "hostNetwork"]
                ? "false" : ""
        case let other?: return other.text
        }
    }
}

extension Kind {
    func isSelectable(by field: String) -> Bool {
        field == "metadata.name" || field == "metadata.namespace" || selectableFields.contains(field)
    }
}
