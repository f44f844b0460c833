import HTTPServing
import JSON
import Kinds
import Yams

/// Bodies in YAML, made JSON at the door: nothing behind it knows that there are two ways to write an object.
/// Source: Kubernetes API Concepts, "YAML encoding".
public enum YAMLBody {
    /// The one document of a text.
    /// - Throws: 400 for what is no YAML, with the line.
    public static func json(_ bytes: [UInt8]) throws(StatusError) -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw unreadable("control characters are not allowed")
        }
        if let name = sharedNode(in: bytes) {
            throw unreadable("this server expands no alias, and here is one of \"\(name)\"")
        }
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw unreadable((error as? YamlError)?.problem ?? "\(error)")
        }
        return try root.map { (node) throws(StatusError) in try json(node, depth: 0) } ?? .null
    }

    /// A name that a text gives to a node by `&name` and seems to refer to by `*name`.
    ///
    /// Aliases of aliases stand for lists that double at each step, and the reader compares them before anybody can count: so
    /// a text that may have any is not read at all. Where these bytes stand inside of quotes, a harmless text is refused.
    private static func sharedNode(in bytes: [UInt8]) -> String? {
        let anchors = Set(names(after: UInt8(ascii: "&"), in: bytes))
        if anchors.isEmpty { return nil }
        return names(after: UInt8(ascii: "*"), in: bytes).first(where: anchors.contains)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func names(after sign: UInt8, in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.indices.compactMap { start in
            guard bytes[start] == sign else { return nil }
            let name = bytes[(start + 1)...].prefix {
                $0.isLetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
            return name.isEmpty ? nil : name
        }
    }

    private static func json(_ node: Node, depth: Int) throws(StatusError) -> JSON {
        guard depth <= JSONParser.depthMax else {
            throw unreadable("nested deeper than \(JSONParser.depthMax) levels")
        }
        switch node {
        case .scalar(let scalar): return try value(of: scalar)
        case .sequence(let elements):
            var array: [JSON] = []
            for element in elements { array.append(try json(element, depth: depth + 1)) }
            return .array(array)
        case .mapping(let pairs):
            var object = JSONObject()
            for (key, value) in pairs {
                guard case .scalar(let name) = key else {
                    throw unreadable("line \(key.mark?.line ?? 1): a key must be a word")
                }
                object.put(self.name(name), try json(value, depth: depth + 1))
            }
            return .object(object)
        case .alias: throw unreadable("this server expands no alias")
        }
    }

    private static func value(of scalar: Node.Scalar) throws(StatusError) -> JSON {
        switch scalar.tag.description {
        case "": YAMLScalar.value(of: scalar.string)
        case "tag:yaml.org,2002:str", "!": .string(scalar.string)
        case let tag:
            throw unreadable("line \(scalar.mark?.line ?? 1): tag \(tag) is not known here")
        }
    }

    /// What a word means as a value, it says as a key: `{yes: 1}` is `{"true": 1}`.
    private static func name(_ scalar: Node.Scalar) -> String {
        guard scalar.style == .plain else { return scalar.string }
        return switch YAMLScalar.value(of: scalar.string) {
        case .bool(let flag): "\(flag)"
        case .number(let text): text
        default: scalar.string
        }
    }

    private static func unreadable(_ why: String) -> StatusError {
        .badRequest("error decoding YAML: error converting YAML to JSON: yaml: \(why)")
    }
}

extension YamlError {
    /// As the stock server says it: the line, and what is wrong there.
    fileprivate var problem: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            "line \(context.mark.line): key \"\(names.first ?? "")\" already set in map"
        case .reader(let problem, _, _, _): problem
        default: "no document"
        }
    }
}

extension Request {
    /// The same with a body in JSON. An apply patch may be either by its own name, and JSON is tried first: that is what
    /// kubectl sends.
    /// - Throws: 400 for what is no YAML.
    func withoutYAML() throws(StatusError) -> Request {
        let type = header("content-type").map { String($0.prefix { $0 != ";" }).lowercased() }
        let isApply = type == PatchType.apply.rawValue
        guard isApply || type == "application/yaml", !body.isEmpty else { return self }
        var request = self
        if (try? JSON(parsing: body)) == nil { request.body = try YAMLBody.json(body).bytes }
        if !isApply {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        }
        return request
    }
}
