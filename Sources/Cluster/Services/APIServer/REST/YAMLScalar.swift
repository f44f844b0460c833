import JSON

/// What words without quotes mean, by YAML 1.1 as kubectl and the stock server read it.
///
///     yes → true    ~ → null    0644 → 420    0x1F → 31    1_000 → 1000    .5 → 0.5    1.2.3 → "1.2.3"
///
/// Source: gopkg.in/yaml.v2, resolve.go, on which sigs.k8s.io/yaml stands.
enum YAMLScalar {
    static func value(of text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": true
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": false
        default: number(text).map { .number($0) } ?? .string(text)
        }
    }

    /// As JSON writes it; nil for what is no number.
    private static func number(_ text: String) -> String? {
        var digits = text.utf8.filter { $0 != UInt8(ascii: "_") }[...]
        let sign = digits.first == UInt8(ascii: "-") ? "-" : ""
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") {
            digits.removeFirst()
        }
        guard let first = digits.first, first.isDigit || first == UInt8(ascii: ".") else {
            return nil
        }
        return (whole(digits) ?? decimal(digits)).map { sign + $0 }
    }

    /// Of another base than ten: by its prefix, where a zero alone says eight.
    private static func whole(_ digits: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: digits, as: UTF8.self).lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)] {
            let rest = text.utf8.dropFirst(prefix.utf8.count)
            guard text.utf8.starts(with: prefix.utf8), let first = rest.first, first.isLetterOrDigit
            else { continue }
            return Int(Substring(rest), radix: radix).map { String($0) }
        }
        return nil
    }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> String? {
        var rest = digits
        let whole = rest.takeDigits()
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.takeDigits()
        }
        if whole.isEmpty, fraction.isEmpty { return nil }
        var exponent = ""
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            exponent = "e"
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
                exponent += rest.removeFirst() == UInt8(ascii: "-") ? "-" : ""
            }
            let power = rest.takeDigits()
            if power.isEmpty { return nil }
            exponent += String(decoding: power, as: UTF8.self)
        }
        guard rest.isEmpty else { return nil }
        // JSON wants a digit in front, and none but a lone zero to begin.
        let start = whole.drop { $0 == UInt8(ascii: "0") }
        let front = start.isEmpty ? "0" : String(decoding: start, as: UTF8.self)
        let back = fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self)
        return front + back + exponent
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetterOrDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func takeDigits() -> ArraySlice<UInt8> {
        let digits = prefix(while: \.isDigit)
        removeFirst(digits.count)
        return digits
    }
}
