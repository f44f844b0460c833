import JSON

/// A label selector: all requirements hold together.
///
/// In queries it is a text, `app=web,tier in (a,b),!canary`; in specs a tree of matchLabels and
/// matchExpressions. Both become requirements.
public struct LabelQuery: Hashable, Sendable, CustomStringConvertible {
    /// What one label must be like. A label that is not there satisfies `!=` and `notin`.
    struct Requirement: Hashable, Sendable {
        enum Operator: Hashable, Sendable { case `in`, notIn, exists, doesNotExist, greater, less }
        let key: String
        let `operator`: Operator
        let values: [String]
        /// The values again, for a look at each of many objects; compared as bytes.
        private let set: Set<ExactString>

        init(key: String, operator: Operator, values: [String]) {
            (self.key, self.operator, self.values) = (key, `operator`, values)
            set = Set(values.map(ExactString.init))
        }

        func has(_ value: String) -> Bool { set.contains(ExactString(value)) }
    }

    let requirements: [Requirement]

    /// - Throws: 400 with the stock server's words.
    public init(_ text: String) throws(StatusError) {
        var parser = LabelQueryParser(text)
        requirements = try parser.parse()
    }

    /// From a spec's selector. An unknown operator matches nothing, for it has no values.
    public init(selector: JSON) {
        var requirements: [Requirement] = []
        for (key, value) in selector["matchLabels"]?.object ?? JSONObject() {
            requirements.append(Requirement(key: key, operator: .in, values: [value.string ?? ""]))
        }
        for one in selector.list("matchExpressions") {
            let operators: [String: Requirement.Operator] = [
                "In": .in, "NotIn": .notIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
            ]
            let known = operators[one.text("operator")]
            let values = known == nil ? [] : one.list("values").compactMap(\.string)
            requirements.append(
                Requirement(key: one.text("key"), operator: known ?? .in, values: values))
        }
        self.requirements = requirements.sorted { $0.key < $1.key }
    }

    public var isEmpty: Bool { requirements.isEmpty }

    /// Whether the labels in the object's metadata satisfy every requirement.
    public func matches(_ object: JSON) -> Bool {
        requirements.isEmpty || matches(labels: object.at("metadata", "labels") ?? [:])
    }

    /// Whether a tree of labels satisfies every requirement.
    public func matches(labels: JSON) -> Bool {
        requirements.allSatisfy { $0.holds(for: labels[$0.key]?.string) }
    }

    /// The query form: `app=web,tier in (a,b)`.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelQuery.Requirement: CustomStringConvertible {
    func holds(for value: String?) -> Bool {
        switch `operator` {
        case .in: value.map(has) ?? false
        case .notIn: value.map { !has($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .greater, .less:
            if let number = value.flatMap({ Int($0) }),
                let bound = values.first.flatMap({ Int($0) })
            {
                `operator` == .greater ? number > bound : number < bound
            } else {
                false
            }
        }
    }

    var description: String {
        switch `operator` {
        case .in where values.count == 1: "\(key)=\(values[0])"
        case .in: "\(key) in (\(values.sorted().joined(separator: ",")))"
        case .notIn where values.count == 1: "\(key)!=\(values[0])"
        case .notIn: "\(key) notin (\(values.sorted().joined(separator: ",")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .greater: "\(key)>\(values.first ?? "")"
        case .less: "\(key)<\(values.first ?? "")"
        }
    }
}
