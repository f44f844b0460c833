/// The grammar of label queries (k8s.io/apimachinery, pkg/labels):
///
///     query       = [ requirement { "," requirement } ]
///     requirement = "!" key | key [ ("=" | "==" | "!=" | "<" | ">") value | ("in" | "notin")
///   values ]
///     values      = "(" [ value { "," value } ] ")"
struct LabelQueryParser {
    private let tokens: [String]
    private var at = 0

    private static let symbols: Set<String> = ["(", ")", ",", "!", "!=", "=", "==", "<", ">"]

    init(_ text: String) {
        var tokens: [String] = []
        var word: [UInt8] = []
        func flush() {
            if !word.isEmpty { tokens.append(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        for byte in text.utf8 {
            switch Unicode.Scalar(byte) {
            case " ", "\t", "\n", "\r": flush()
            case "(", ")", ",", "!", "<", ">":
                flush()
                tokens.append(String(Unicode.Scalar(byte)))
            case "=":
                flush()
                if tokens.last == "=" || tokens.last == "!" {
                    tokens[tokens.count - 1] += "="
                } else {
                    tokens.append("=")
                }
            default: word.append(byte)
            }
        }
        flush()
        self.tokens = tokens
    }

    mutating func parse() throws(StatusError) -> [LabelQuery.Requirement] {
        var requirements: [LabelQuery.Requirement] = []
        if tokens.isEmpty { return [] }
        while true {
            requirements.append(try requirement())
            guard let next = take() else { break }
            guard next == "," else { throw unexpected(next, "',' or 'end of string'") }
            guard peek != nil else { throw unexpected("", "identifier after ','") }
        }
        return requirements.sorted { $0.key < $1.key }
    }

    private mutating func requirement() throws(StatusError) -> LabelQuery.Requirement {
        if peek == "!" {
            at += 1
            return .init(key: try key(), operator: .doesNotExist, values: [])
        }
        let key = try key()
        guard let word = peek, word != "," else {
            return .init(key: key, operator: .exists, values: [])
        }
        at += 1
        switch word {
        case "=", "==": return .init(key: key, operator: .in, values: [try value(key)])
        case "!=": return .init(key: key, operator: .notIn, values: [try value(key)])
        case "<", ">": return try comparison(key, word == "<" ? .less : .greater)
        case "in": return .init(key: key, operator: .in, values: try values(key))
        case "notin": return .init(key: key, operator: .notIn, values: try values(key))
        default: throw unexpected(word, "in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func comparison(
        _ key: String, _ operator: LabelQuery.Requirement.Operator
    ) throws(StatusError) -> LabelQuery.Requirement {
        let value = try value(key)
        guard Int(value) != nil else {
            throw Self.invalid(
                "values[0][\(key)]", value, "for 'Gt', 'Lt' operators, the value must be an integer"
            )
        }
        return .init(key: key, operator: `operator`, values: [value])
    }

    private mutating func key() throws(StatusError) -> String {
        guard let key = take(), !Self.symbols.contains(key) else {
            throw unexpected(at > 0 ? tokens[min(at, tokens.count) - 1] : "", "identifier")
        }
        if let complaint = Names.qualified(key) { throw Self.invalid("<nil>", key, complaint) }
        return key
    }

    /// A value may be absent: `a=` asks for the empty value.
    private mutating func value(_ key: String) throws(StatusError) -> String {
        guard let next = peek, next != ",", next != ")" else { return "" }
        guard !Self.symbols.contains(next) else { throw unexpected(next, "identifier") }
        at += 1
        if let complaint = Names.labelValue(next) {
            throw Self.invalid("values[0][\(key)]", next, complaint)
        }
        return next
    }

    private mutating func values(_ key: String) throws(StatusError) -> [String] {
        let open = take()
        guard open == "(" else { throw unexpected(open ?? "", "'('") }
        var values: [String] = []
        repeat {
            values.append(try value(key))
            guard let next = take() else { throw unexpected("", "',' or ')'") }
            if next == ")" { return values }
            guard next == "," else { throw unexpected(next, "',' or ')'") }
        } while true
    }

    private var peek: String? { at < tokens.count ? tokens[at] : nil }

    private mutating func take() -> String? {
        guard let token = peek else { return nil }
        at += 1
        return token
    }

    private func unexpected(_ found: String, _ expected: String) -> StatusError {
        .badRequest("unable to parse requirement: found '\(found)', expected: \(expected)")
    }

    private static func invalid(_ field: String, _ value: String, _ why: String) -> StatusError {
        .badRequest("unable to parse requirement: \(field): Invalid value: \"\(value)\": \(why)")
    }
}
