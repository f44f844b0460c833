/// From an `Encodable` value to a tree.
extension JSON {
    /// The tree of `value`. Optionals that are nil leave no member.
    public init(encoding value: some Encodable) throws {
        let slot = Slot()
        try slot.box(value, at: [])
        self = slot.value
    }

    public func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? TreeEncoder else {
            throw EncodingError.invalidValue(
                self,
                .init(
                    codingPath: encoder.codingPath,
                    debugDescription: "JSON is written by its own encoder only"))
        }
        encoder.slot.value = self
    }
}

/// Where an encoder leaves what it made. A class, since `Encoder`'s containers write through a shared place.
private final class Slot {
    enum Content {
        case value(JSON)
        case members([(String, Slot)])
        case elements([Slot])
    }
    private var content = Content.value(.null)

    var value: JSON {
        get {
            switch content {
            case .value(let value): value
            case .members(let members): .object(JSONObject(members.map { ($0, $1.value) }))
            case .elements(let elements): .array(elements.map(\.value))
            }
        }
        set { content = .value(newValue) }
    }

    func box(_ value: some Encodable, at path: [any CodingKey]) throws {
        if let tree = value as? JSON {
            self.value = tree
        } else {
            try value.encode(to: TreeEncoder(slot: self, codingPath: path))
        }
    }

    func beginObject() { if case .members = content {} else { content = .members([]) } }
    func beginArray() { if case .elements = content {} else { content = .elements([]) } }

    func member(_ name: String) -> Slot {
        guard case .members(var members) = content else { fatalError("beginObject comes first") }
        content = .value(.null)
        let slot = Slot()
        members.append((name, slot))
        content = .members(members)
        return slot
    }

    func element() -> Slot {
        guard case .elements(var elements) = content else { fatalError("beginArray comes first") }
        content = .value(.null)
        let slot = Slot()
        elements.append(slot)
        content = .elements(elements)
        return slot
    }

    var count: Int { if case .elements(let elements) = content { elements.count } else { 0 } }
}

private struct TreeEncoder: Encoder {
    let slot: Slot
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.beginObject()
        return KeyedEncodingContainer(Members(slot: slot, codingPath: codingPath))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.beginArray()
        return Elements(slot: slot, codingPath: codingPath)
    }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension TreeEncoder: SingleValueEncodingContainer {
    func encodeNil() { slot.value = .null }
    func encode(_ value: Bool) { slot.value = .bool(value) }
    func encode(_ value: String) { slot.value = .string(value) }
    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: codingPath, debugDescription: "JSON has no \(value)"))
        }
        slot.value = .number(
            value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)")
    }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Int) { slot.value = .number("\(value)") }
    func encode(_ value: Int8) { slot.value = .number("\(value)") }
    func encode(_ value: Int16) { slot.value = .number("\(value)") }
    func encode(_ value: Int32) { slot.value = .number("\(value)") }
    func encode(_ value: Int64) { slot.value = .number("\(value)") }
    func encode(_ value: UInt) { slot.value = .number("\(value)") }
    func encode(_ value: UInt8) { slot.value = .number("\(value)") }
    func encode(_ value: UInt16) { slot.value = .number("\(value)") }
    func encode(_ value: UInt32) { slot.value = .number("\(value)") }
    func encode(_ value: UInt64) { slot.value = .number("\(value)") }
    func encode<T: Encodable>(_ value: T) throws { try slot.box(value, at: codingPath) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    let codingPath: [any CodingKey]

    private func encoder(_ key: any CodingKey) -> TreeEncoder {
        TreeEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
    }
    func encodeNil(forKey key: Key) throws { encoder(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try slot.member(key.stringValue).box(value, at: codingPath + [key])
    }
    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder(PathKey(stringValue: "super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct Elements: UnkeyedEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]
    var count: Int { slot.count }

    private func next() -> TreeEncoder {
        TreeEncoder(slot: slot.element(), codingPath: codingPath + [PathKey(intValue: count)])
    }
    func encodeNil() throws { next().encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try next().encode(value) }
    func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        next().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
    func superEncoder() -> any Encoder { next() }
}
