import JSON

@testable import Kinds

/// Makes objects from the tables: one that is as small as it may be, with one field more.
enum Sampling {
    /// A way to a field: members, and the first elements of lists.
    struct Place: Sendable {
        var path: [Field]
        var field: Field { path[path.count - 1] }
        var text: String { path.map(\.name).joined(separator: ".") }
    }

    /// What stands beside a field, where an object without it would be refused for another reason.
    private static let companions: [String: JSON] = [
        "Probe": ["tcpSocket": ["port": 80]],
        "VolumeMount": ["name": "v", "mountPath": "/v"],
        "LabelSelectorRequirement": ["key": "a", "operator": "Exists"],
        "HPAScalingPolicy": ["type": "Pods", "value": 1, "periodSeconds": 1],
    ]

    /// Every field below a message. A message that can be reached in several ways is entered once.
    static func places(in message: String, skipping: Set<String> = []) -> [Place] {
        var entered = skipping.union([message])
        return places(FieldTables.builtIn[message]!, [], &entered)
    }

    private static func places(
        _ message: Message, _ path: [Field], _ entered: inout Set<String>
    ) -> [Place] {
        var all: [Place] = []
        for field in message.fields {
            let here = Place(path: path + [field])
            all.append(here)
            guard let name = field.type.messageName, entered.insert(name).inserted,
                let inner = FieldTables.builtIn[name]
            else { continue }
            all += places(inner, here.path, &entered)
        }
        return all
    }

    /// `object` with `value` at a place, and there whatever else is needed; nil takes the member out.
    static func put(_ value: JSON?, at path: ArraySlice<Field>, in object: JSON) -> JSON {
        guard let field = path.first else { return object }
        var object = object
        if path.count == 1 {
            object[field.name] = value
            return object
        }
        let message = FieldTables.builtIn[field.type.messageName!]!
        switch field.type {
        case .list:
            var elements = object[field.name]?.array ?? []
            let first = elements.isEmpty ? smallest(message) : elements.removeFirst()
            object[field.name] = .array([put(value, at: path.dropFirst(), in: first)] + elements)
        case .map:
            object[field.name] = [
                "a": put(value, at: path.dropFirst(), in: smallest(message))
            ]
        default:
            let inner = object[field.name] ?? smallest(message)
            object[field.name] = put(value, at: path.dropFirst(), in: inner)
        }
        return object
    }

    /// With what a rule demands, and no more.
    private static func smallest(_ message: Message) -> JSON {
        var object = companions[message.name] ?? [:]
        for field in message.fields where object[field.name] == nil {
            if field.rules.contains(.required) || field.type == .intOrString {
                object[field.name] = plain(field, field.type)
            }
        }
        return object
    }

    private static func plain(_ field: Field, _ type: FieldType) -> JSON {
        switch type {
        case .message(let name): smallest(FieldTables.builtIn[name]!)
        case .list(let element): .array([plain(field, element)])
        case .map(let element): ["a": plain(field, element)]
        case .int32, .int64, .double, .intOrString: 1
        case .bool: true
        case .quantity: "1"
        case .bytes: "AA=="
        case .time, .microTime: "2026-11-22T05:00:00Z"
        default: .string(word(field.rules))
        }
    }

    private static func word(_ rules: [FieldRule]) -> String {
        for rule in rules {
            switch rule {
            case .oneOf(let allowed): return allowed[0]
            case .form(.ip): return "1.2.3.4"
            case .form(.absolute): return "/a"
            case .form(.resourceField): return "limits.cpu"
            default: continue
            }
        }
        return "a"
    }

    /// A value that asks for something.
    static func asking(_ field: Field) -> JSON {
        let words = field.rules.flatMap(words) + [plain(field, field.type), false]
        return words.first { field.notYet == nil ? true : field.isIdle(for: $0) } ?? words[0]
    }

    /// What stands at a place, in the first elements of lists.
    static func value(at path: ArraySlice<Field>, in object: JSON) -> JSON? {
        path.reduce(object as JSON?) { value, field in
            let member = (value?.array?.first ?? value)?[field.name]
            guard case .map = field.type, field.name != path.last?.name else { return member }
            return member?["a"]
        }
    }

    /// What a field is tried with: left out, empty, and at the ends of its type.
    static func values(for field: Field) -> [JSON?] { [nil, .null] + values(field, field.type) }

    private static func values(_ field: Field, _ type: FieldType) -> [JSON] {
        switch type {
        case .int32: ends(Int(Int32.min), Int(Int32.max))
        case .int64: ends(.min, .max)
        case .double: [0, -1, .number("1e308"), .number("1e999")]
        case .intOrString:
            ends(Int(Int32.min), Int(Int32.max)) + [
                "", "0%", "100%", "101%", "9223372036854775807%", "99999999999999999999%", "a",
            ]
        case .quantity:
            [
                "0", "-1", "1n", "0.0000000001", "5P", "10Pi", "1Ei", "9E", "1e18", "1e-2147483648",
                "10e9223372036854775807", "9223372036854775807", "1.5e-9223372036854775808",
                "99999999999999999999999999999999999999999", .number("1e30"), 1,
            ]
        case .time, .microTime:
            [
                "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59",
                "11476-08-20T05:34:26Z",
            ]
        case .string, .duration:
            ["", "a", "A", "é", "e\u{301}", "..", "a/b/c", "9223372036854775808"]
                + field.rules.flatMap(words)
        case .bytes: ["", "AA==", "A"]
        case .bool: [true, false]
        case .json: [[:], 1]
        case .message(let name): [[:], smallest(FieldTables.builtIn[name]!)]
        case .list(let element):
            [[]] + (values(field, element) + [plain(field, element), .null]).map { .array([$0]) }
        case .map(let element):
            [[:]] + (values(field, element) + [plain(field, element), .null]).map { ["a": $0] }
        }
    }

    private static func words(_ rule: FieldRule) -> [JSON] {
        if case .oneOf(let words) = rule { words.map { .string($0) } } else { [] }
    }

    private static func ends(_ least: Int, _ most: Int) -> [JSON] {
        let beyond: [JSON] = [
            .number(most == .max ? "9223372036854775808" : "\(most + 1)"),
            .number("1000000000000000000000000000000"),
        ]
        return [least, -1, 0, 1, 65535, 65536, most].map { JSON($0) } + beyond
    }
}
