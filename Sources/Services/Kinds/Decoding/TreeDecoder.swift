import JSON
import Objects

/// Checks a tree against the tables and makes the tree that goes on: without unknown fields, nulls
/// and
/// zeros that say nothing, with quantities and times in their one written form. So two objects that
/// mean the
/// same are the same tree.
struct TreeDecoder {
    let tables: FieldTables
    /// Paths of fields that the tables do not have.
    private(set) var unknown: [String] = []
    /// Paths of fields that are set, and of which nothing of the kit takes notice yet.
    private(set) var notHonoured: [String] = []
    /// More than so many of each are not told of.
    private static let toldMax = 100
    private var path: [PathPart] = []

    init(_ tables: FieldTables) { self.tables = tables }

    private enum PathPart {
        case name(String)
        case index(Int)
    }

    /// Something that cannot be read at all, in the words of Go's decoder.
    struct Failure: Error {
        let message: String
    }

    mutating func decode(_ value: JSON, as name: String) throws(Failure) -> JSON {
        guard let message = tables[name] else {
            throw Failure(message: "no table for \(name)")
        }
        return try object(value, message, in: nil)
    }

    private mutating func object(
        _ value: JSON, _ message: Message, in owner: Owner?
    ) throws(Failure) -> JSON {
        guard case .object(let object) = value.isNull ? [:] : value else {
            throw mismatch(value, "v1.\(message.name)", owner)
        }
        var members: [(name: String, value: JSON)] = []
        members.reserveCapacity(object.count)
        for (name, value) in object {
            path.append(.name(name))
            defer { path.removeLast() }
            if message.isObject, name == "apiVersion" || name == "kind" {
                members.append((name, try text(value, Owner(message.name))))
            } else if let field = message[name] {
                if value.isNull { continue }
                let decoded = try self.value(value, field.type, Owner(message.name))
                if field.presence == .omitsZero, decoded.isZero(field.type) { continue }
                if field.isIdle(for: decoded), notHonoured.count < Self.toldMax {
                    notHonoured.append(pathText)
                }
                members.append((name, decoded))
            } else if unknown.count < Self.toldMax {
                unknown.append(pathText)
            }
        }
        let whole = JSONObject(unique: members)
        try addZeros(to: &members, whole, message)
        return .object(members.count == whole.count ? whole : JSONObject(unique: members))
    }

    /// Fields that are always written are written as zero where they were left out: whoever reads the object
    /// finds them.
    private mutating func addZeros(
        to members: inout [(name: String, value: JSON)], _ object: JSONObject, _ message: Message
    ) throws(Failure) {
        for field in message.always where object[field.name] == nil {
            guard let zero = try zero(of: field.type) else { continue }
            members.append((field.name, zero))
        }
    }

    private mutating func zero(of type: FieldType) throws(Failure) -> JSON? {
        switch type {
        case .string: ""
        case .bool: false
        case .int32, .int64, .intOrString: 0
        case .message(let name):
            try tables[name].map { (message) throws(Failure) in
                try object([:], message, in: nil)
            }
        default: nil
        }
    }

    /// The Go struct that a wrong value would have been a field of.
    private struct Owner {
        let name: String
        init(_ name: String) { self.name = name }
    }

    private mutating func value(
        _ value: JSON, _ type: FieldType, _ owner: Owner
    ) throws(Failure) -> JSON {
        switch type {
        case .message(let name):
            guard let message = tables[name] else { return value }
            return try object(value, message, in: owner)
        case .list(let element): return try list(value, element, owner)
        case .map(let element): return try map(value, element, owner)
        case .string: return try text(value, owner)
        case .bool:
            guard value.isNull || value.bool != nil else { throw mismatch(value, "bool", owner) }
            return value.isNull ? false : value
        case .int32: return try integer(value, "int32", owner) { Int32($0) != nil }
        case .int64: return try integer(value, "int64", owner) { Int64($0) != nil }
        case .double:
            guard value.isNull || value.double != nil else {
                throw mismatch(value, "float64", owner)
            }
            return value
        case .bytes: return try bytes(value, owner)
        case .time, .microTime: return try time(value, type, owner)
        case .quantity: return try quantity(value)
        case .intOrString: return try intOrString(value)
        case .duration: return try text(value, owner)
        case .json: return value
        }
    }

    private mutating func list(
        _ value: JSON, _ element: FieldType, _ owner: Owner
    ) throws(Failure) -> JSON {
        guard case .array(let elements) = value else {
            throw mismatch(value, "[]\(element.goName)", owner)
        }
        var decoded: [JSON] = []
        decoded.reserveCapacity(elements.count)
        for (index, item) in elements.enumerated() {
            path.append(.index(index))
            decoded.append(try self.value(item, element, owner))
            path.removeLast()
        }
        return .array(decoded)
    }

    private mutating func map(
        _ value: JSON, _ element: FieldType, _ owner: Owner
    ) throws(Failure) -> JSON {
        guard case .object(let object) = value else {
            throw mismatch(value, "map[string]\(element.goName)", owner)
        }
        var members: [(name: String, value: JSON)] = []
        members.reserveCapacity(object.count)
        for (name, item) in object {
            path.append(.name(name))
            members.append((name, try self.value(item, element, owner)))
            path.removeLast()
        }
        return .object(JSONObject(unique: members))
    }
}

// MARK: Leaves

extension TreeDecoder {
    private func text(_ value: JSON, _ owner: Owner) throws(Failure) -> JSON {
        if value.isNull { return "" }
        guard value.string != nil else { throw mismatch(value, "string", owner) }
        return value
    }

    private func integer(
        _ value: JSON, _ type: String, _ owner: Owner, fits: (String) -> Bool
    ) throws(Failure) -> JSON {
        if value.isNull { return 0 }
        guard case .number(let text) = value else { throw mismatch(value, type, owner) }
        guard fits(text) else { throw mismatch(value, type, owner, shown: "number \(text)") }
        return value
    }

    private func bytes(_ value: JSON, _ owner: Owner) throws(Failure) -> JSON {
        if value.isNull { return "" }
        guard let text = value.string else { throw mismatch(value, "[]uint8", owner) }
        guard Base64.decode(text) != nil else {
            throw Failure(message: "illegal base64 data in \(pathText)")
        }
        return value
    }

    private func time(_ value: JSON, _ type: FieldType, _ owner: Owner) throws(Failure) -> JSON {
        if value.isNull { return value }
        guard let text = value.string else { throw mismatch(value, "v1.Time", owner) }
        guard let time = Timestamp(text) else {
            throw Failure(
                message: "parsing time \"\(text)\" as \"2006-01-02T15:04:05Z07:00\": "
                    + "cannot parse \"\(text)\" as \"2006\"")
        }
        if type == .microTime { return .string(time.microText) }
        return .string(Timestamp(seconds: time.seconds).description)
    }

    private func quantity(_ value: JSON) throws(Failure) -> JSON {
        let text: String
        switch value {
        case .null: return "0"
        case .string(let written), .number(let written): text = written
        default: text = ""
        }
        guard let quantity = Quantity(text) else {
            throw Failure(
                message: "quantities must match the regular expression "
                    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
        }
        return .string(quantity.description)
    }

    private func intOrString(_ value: JSON) throws(Failure) -> JSON {
        switch value {
        case .string: return value
        case .number(let text) where Int32(text) != nil: return value
        case .number(let text):
            throw Failure(
                message: "json: cannot unmarshal number \(text) into Go value of type int32")
        default:
            throw Failure(
                message: "json: cannot unmarshal \(value.goKind) into Go value of type int32")
        }
    }

    /// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type
    /// int32`.
    private func mismatch(
        _ value: JSON, _ type: String, _ owner: Owner?, shown: String? = nil
    ) -> Failure {
        let names = path.compactMap { part in
            if case .name(let name) = part { name } else { nil }
        }
        let found = shown ?? value.goKind
        guard let owner else {
            return Failure(message: "json: cannot unmarshal \(found) into Go value of type \(type)")
        }
        let field = "\(owner.name).\(names.joined(separator: "."))"
        return Failure(
            message: "json: cannot unmarshal \(found) into Go struct field \(field) of type \(type)"
        )
    }

    /// `spec.template.spec.containers[0].foo`
    private var pathText: String {
        path.reduce(into: "") { text, part in
            switch part {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}

extension JSON {
    /// The word that Go's decoder has for a value.
    var goKind: String { kind == "boolean" ? "bool" : kind }

    /// Whether Go would leave the field out: empty text, list or map, 0, false. Messages are never
    /// left out.
    func isZero(_ type: FieldType) -> Bool {
        switch (self, type) {
        case (.null, _), (.bool(false), _): true
        case (.string(let text), _): text.isEmpty
        case (.number(let text), _): text == "0"
        case (.array(let elements), _): elements.isEmpty
        case (.object(let object), .map): object.isEmpty
        default: false
        }
    }
}

extension Field {
    /// Whether a value asks for something that nothing of the kit does yet.
    func isIdle(for value: JSON) -> Bool {
        guard let notYet else { return false }
        // "No" asks for nothing, but where "yes" is what is done anyway.
        if value == false { return notYet.contains("true") }
        if value.isZero(type) { return false }
        let asked = value.array ?? [value]
        return !asked.allSatisfy { notYet.contains($0.string ?? $0.text) }
    }
}

extension FieldType {
    /// The type as Go's decoder names it.
    var goName: String {
        switch self {
        case .message(let name): "v1.\(name)"
        case .list(let element): "[]\(element.goName)"
        case .map(let element): "map[string]\(element.goName)"
        case .bytes: "[]uint8"
        case .double: "float64"
        case .quantity: "resource.Quantity"
        case .intOrString: "intstr.IntOrString"
        case .time, .microTime, .duration: "v1.Time"
        case .json: "interface {}"
        case .string: "string"
        case .bool: "bool"
        case .int32: "int32"
        case .int64: "int64"
        }
    }
}

extension Timestamp {
    /// With six digits of a second, always: Kubernetes' MicroTime.
    var microText: String {
        let digits = String(nanoseconds / 1000)
        let whole = Timestamp(seconds: seconds).description.dropLast()
        return "\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }
}
