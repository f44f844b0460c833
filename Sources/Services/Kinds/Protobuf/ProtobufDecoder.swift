import JSON
import Objects

/// Kubernetes' protobuf bodies as JSON trees, by the numbers in the tables.
///
/// A body is the four bytes `k8s\0` and a `runtime.Unknown`: typeMeta = 1 {apiVersion = 1, kind =
/// 2}, raw = 2 (the
/// message itself), contentEncoding = 3, contentType = 4. Go's encoder writes zeros of plain fields
/// too, so
/// zeros are dropped where the table says that they mean nothing.
struct ProtobufDecoder {
    let tables: FieldTables
    static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    /// Deeper messages are an attack.
    private static let depthMax = 60

    /// The tree of a whole body; apiVersion and kind come from its envelope.
    func object(_ body: [UInt8], _ messageName: String) throws(ProtobufFailure) -> JSON {
        guard body.starts(with: Self.magic) else {
            throw ProtobufFailure(message: "it does not begin with \"k8s\\0\"")
        }
        var raw: ArraySlice<UInt8> = []
        var type: [Int: String] = [:]
        var reader = ProtobufReader(body[4...])
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 1 { type = try strings(bytes) }
            if number == 2 { raw = bytes }
        }
        guard let message = tables[messageName] else {
            throw ProtobufFailure(message: "no table for \(messageName)")
        }
        var tree = try decode(raw, message, depth: 0)
        if let apiVersion = type[1] { tree["apiVersion"] = .string(apiVersion) }
        if let kind = type[2] { tree["kind"] = .string(kind) }
        return tree
    }

    /// The string fields of a small message, by number.
    private func strings(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> [Int: String]
    {
        var found: [Int: String] = [:]
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if case .bytes(let text) = value {
                found[number] = String(decoding: text, as: UTF8.self)
            }
        }
        return found
    }

    private func decode(
        _ bytes: ArraySlice<UInt8>, _ message: Message, depth: Int
    ) throws(ProtobufFailure) -> JSON {
        guard depth < Self.depthMax else { throw ProtobufFailure(message: "nested too deep") }
        var tree = JSON.object(JSONObject())
        try fill(&tree, from: bytes, message, within: nil, depth: depth)
        return tree
    }

    /// Reads the fields of a message, or of the in-line message `within`, into one tree.
    private func fill(
        _ tree: inout JSON, from bytes: ArraySlice<UInt8>, _ message: Message, within: Int?,
        depth: Int
    ) throws(ProtobufFailure) {
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if let field = message.fields.first(where: {
                $0.number == number && $0.within == within
            }) {
                try set(field, value, in: &tree, depth: depth)
            } else if within == nil, case .bytes(let inner) = value,
                message.fields.contains(where: { $0.within == number })
            {
                try fill(&tree, from: inner, message, within: number, depth: depth)
            }  // A field that the table does not have is newer than the table: dropped, as a struct drops it.
        }
    }

    private func set(
        _ field: Field, _ value: ProtobufReader.Value, in tree: inout JSON, depth: Int
    ) throws(ProtobufFailure) {
        switch field.type {
        case .list(let element):
            var elements = tree[field.name]?.array ?? []
            tree[field.name] = nil
            if case .bytes(let packed) = value, element == .int32 || element == .int64 {
                elements += try integers(packed)
            } else {
                elements.append(try single(value, element, depth: depth))
            }
            tree[field.name] = .array(elements)
        case .map(let element):
            guard case .bytes(let entry) = value else { return }
            var map = tree[field.name] ?? [:]
            let (key, item) = try mapEntry(entry, element, depth: depth)
            map[key] = item
            tree[field.name] = map
        default:
            let decoded = try single(value, field.type, depth: depth)
            if field.presence == .omitsZero, decoded.isZero(field.type) { return }
            if decoded.isNull { return }
            if field.presence == .omitsZero, decoded == [:], field.type.messageName != nil {
                return
            }
            tree[field.name] = decoded
        }
    }

    private func integers(_ packed: ArraySlice<UInt8>) throws(ProtobufFailure) -> [JSON] {
        // A packed list is varints without tags: give each the tag of field 1 and read them as
        // fields.
        var numbers: [JSON] = []
        var start = packed.startIndex
        for at in packed.indices where packed[at] < 0x80 {
            var reader = ProtobufReader([0x08] + packed[start...at])
            if case .varint(let number)? = try reader.next()?.value {
                numbers.append(JSON(Int(Int64(bitPattern: number))))
            }
            start = at + 1
        }
        return numbers
    }

    private func mapEntry(
        _ bytes: ArraySlice<UInt8>, _ element: FieldType, depth: Int
    ) throws(ProtobufFailure) -> (String, JSON) {
        var key = ""
        var item: JSON?
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if number == 1, case .bytes(let text) = value {
                key = String(decoding: text, as: UTF8.self)
            }
            if number == 2 { item = try mapValue(value, element, depth: depth) }
        }
        return (key, item ?? (element.messageName == nil ? "" : [:]))
    }

    /// A list in a map is a message with the list in field 1 (`ExtraValue`).
    private func mapValue(
        _ value: ProtobufReader.Value, _ element: FieldType, depth: Int
    ) throws(ProtobufFailure) -> JSON {
        guard case .list(let inner) = element, case .bytes(let bytes) = value else {
            return try single(value, element, depth: depth)
        }
        var elements: [JSON] = []
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if number == 1 { elements.append(try single(value, inner, depth: depth)) }
        }
        return .array(elements)
    }

    private func single(
        _ value: ProtobufReader.Value, _ type: FieldType, depth: Int
    ) throws(ProtobufFailure) -> JSON {
        switch (type, value) {
        case (.string, .bytes(let bytes)):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ProtobufFailure(message: "a string is not valid UTF-8")
            }
            return .string(text)
        case (.bytes, .bytes(let bytes)): return .string(Base64.encode(bytes))
        case (.bool, .varint(let number)): return .bool(number != 0)
        case (.int32, .varint(let number)): return JSON(Int(Int32(truncatingIfNeeded: number)))
        case (.int64, .varint(let number)): return JSON(Int(Int64(bitPattern: number)))
        case (.double, .fixed64(let bits)): return .number(String(Double(bitPattern: bits)))
        case (.message(let name), .bytes(let bytes)):
            guard let message = tables[name] else { return .null }
            return try decode(bytes, message, depth: depth + 1)
        case (.time, .bytes(let bytes)), (.microTime, .bytes(let bytes)):
            return try time(bytes, isMicro: type == .microTime)
        case (.quantity, .bytes(let bytes)): return .string(try strings(bytes)[1] ?? "0")
        case (.intOrString, .bytes(let bytes)): return try intOrString(bytes)
        case (.duration, .bytes(let bytes)): return .string(try duration(bytes))
        case (.json, .bytes(let bytes)): return try embedded(bytes)
        default: throw ProtobufFailure(message: "a field has another wire type than \(type)")
        }
    }
}

// MARK: Values that JSON writes as text

extension ProtobufDecoder {
    private func numbers(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> [Int: Int] {
        var found: [Int: Int] = [:]
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if case .varint(let bits) = value { found[number] = Int(Int64(bitPattern: bits)) }
        }
        return found
    }

    /// {seconds = 1, nanos = 2}; empty is Go's zero time, which JSON leaves out.
    private func time(_ bytes: ArraySlice<UInt8>, isMicro: Bool) throws(ProtobufFailure)
        -> JSON
    {
        let parts = try numbers(bytes)
        guard let seconds = parts[1], (-62_135_596_800..<253_402_300_800).contains(seconds) else {
            return .null
        }
        let time = Timestamp(seconds: seconds, nanoseconds: max(0, min(parts[2] ?? 0, 999_999_999)))
        return .string(isMicro ? time.microText : Timestamp(seconds: seconds).description)
    }

    /// {type = 1 (0 is int), intVal = 2, strVal = 3}
    private func intOrString(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> JSON {
        let integers = try numbers(bytes)
        if integers[1] ?? 0 == 1 { return .string(try strings(bytes)[3] ?? "") }
        return JSON(integers[2] ?? 0)
    }

    /// {duration = 1}, in nanoseconds, as whole seconds: `30s`.
    private func duration(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> String {
        "\((try numbers(bytes)[1] ?? 0) / 1_000_000_000)s"
    }

    /// {raw = 1}: JSON text inside (fieldsV1, extensions).
    private func embedded(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> JSON {
        guard let text = try strings(bytes)[1] else { return .null }
        return (try? JSON(parsing: text)) ?? .null
    }
}
