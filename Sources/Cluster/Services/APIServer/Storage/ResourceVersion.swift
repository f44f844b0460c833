import JSON

/// An object's bytes with its resourceVersion, which is not stored: it is the revision of the
/// store's own record.
///
/// It is put at the beginning of the metadata, or takes the place of the one that is there; no
/// object is parsed for it. The rest stays as it is, byte for byte.
///
///     {"kind":"Pod","metadata":{"name":"web"}}
///     {"kind":"Pod","metadata":{"resourceVersion":"17","name":"web"}}
package func withResourceVersion(_ value: [UInt8], _ revision: Int) -> [UInt8] {
    guard let start = startOfMetadata(value) else { return parsed(value, revision) }
    let label = Array("\"resourceVersion\":\"".utf8)
    var rest = value[start...]
    if rest.starts(with: label) {
        let digits = rest.dropFirst(label.count).drop { (48...57).contains($0) }
        rest = digits.dropFirst()  // the closing quote
        if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
    } else if contains(rest[..<endOfObject(value, start)], label) {
        return parsed(value, revision)  // somewhere else: not as this server writes it
    }
    var out = Array(value[..<start])
    out.reserveCapacity(value.count + label.count + 22)
    out += label
    out += Array(String(revision).utf8)
    out.append(UInt8(ascii: "\""))
    if rest.first != UInt8(ascii: "}") { out.append(UInt8(ascii: ",")) }
    out += rest
    return out
}

/// Where nothing can be told at a glance.
private func parsed(_ value: [UInt8], _ revision: Int) -> [UInt8] {
    guard var object = try? JSON(parsing: value) else { return value }
    object.setResourceVersion(revision)
    return object.bytes
}

private func contains(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    // A quote of its own begins each candidate: a value can't hold one that isn't escaped.
    var index = bytes.startIndex
    while let found = bytes[index...].firstIndex(of: word[0]) {
        if bytes[found...].starts(with: word) { return true }
        index = found + 1
    }
    return false
}

/// The first byte inside the braces of the member `metadata`; nil where there is none as this
/// server writes it, without blanks.
private func startOfMetadata(_ value: [UInt8]) -> Int? {
    let label = Array("\"metadata\":{".utf8)
    var (depth, index) = (0, 0)
    while index < value.count {
        switch value[index] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "\""):
            if depth == 1, value[index...].starts(with: label) { return index + label.count }
            index = endOfString(value, index)
        default: break
        }
        index += 1
    }
    return nil
}

/// The index of the brace that ends the object whose inside begins at `start`.
private func endOfObject(_ value: [UInt8], _ start: Int) -> Int {
    var (depth, index) = (1, start)
    while index < value.count {
        switch value[index] {
        case UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "}"):
            depth -= 1
            if depth == 0 { return index }
        case UInt8(ascii: "\""): index = endOfString(value, index)
        default: break
        }
        index += 1
    }
    return value.count
}

/// The index of the quote that ends the string that begins at `start`.
private func endOfString(_ value: [UInt8], _ start: Int) -> Int {
    var index = start + 1
    while index < value.count, value[index] != UInt8(ascii: "\"") {
        index += value[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return index
}

extension JSON {
    mutating func setResourceVersion(_ revision: Int) {
        var metadata = self["metadata"] ?? [:]
        metadata["resourceVersion"] = .string(String(revision))
        self["metadata"] = metadata
    }
}
