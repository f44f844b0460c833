import JSON

/// How names of a kind are restricted.
public enum NameRule: Sendable {
    /// RFC 1123 subdomain: `a.b-c`, at most 253.
    case subdomain
    /// RFC 1123 label: at most 63, no dots.
    case label
    /// RFC 1035 label: starts with a letter.
    case label1035
    /// RBAC names: any path segment.
    case pathSegment
    /// Objects without a name of their own (reviews).
    case none
}

/// The syntax of names and labels, with Kubernetes' own complaints; nil where all is well.
/// Source: k8s.io/apimachinery, pkg/util/validation; RFC 1123, RFC 1035.
enum Names {
    static func complaint(_ name: String, _ rule: NameRule) -> String? {
        switch rule {
        case .subdomain: subdomain(name)
        case .label: label(name)
        case .label1035: label1035(name)
        case .pathSegment: pathSegment(name)
        case .none: nil
        }
    }

    static func subdomain(_ name: String) -> String? {
        if name.utf8.count > 253 { return "must be no more than 253 bytes" }
        let parts = name.pieces(between: ".", keepingEmpty: true)
        if parts.allSatisfy({ isLabel($0) }) { return nil }
        return
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
            + #"validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
    }

    static func label(_ name: String) -> String? {
        if name.utf8.count > 63 { return "must be no more than 63 bytes" }
        if isLabel(Substring(name)) { return nil }
        return
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
            + "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
            + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    }

    static func label1035(_ name: String) -> String? {
        if name.utf8.count > 63 { return "must be no more than 63 bytes" }
        if isLabel(Substring(name)), name.utf8.first.map(isLower) == true { return nil }
        return
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
            + "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
            + "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    }

    static func pathSegment(_ name: String) -> String? {
        if name == "." || name == ".." { return "may not be '\(name)'" }
        if name.utf8.contains(UInt8(ascii: "/")) { return "may not contain '/'" }
        if name.utf8.contains(UInt8(ascii: "%")) { return "may not contain '%'" }
        return nil
    }

    /// A label's or annotation's key: `app`, `example.com/app`.
    static func qualified(_ name: String) -> String? {
        let parts = name.pieces(between: "/", keepingEmpty: true)
        if parts.count == 2 {
            if parts[0].isEmpty { return "prefix part must be non-empty" }
            if let complaint = subdomain(String(parts[0])) { return "prefix part \(complaint)" }
        }
        let local = parts[parts.count - 1]
        if parts.count <= 2 {
            if local.isEmpty { return "name part must be non-empty" }
            if local.utf8.count > 63 { return "name part must be no more than 63 bytes" }
            if isWord(local) { return nil }
        }
        let words =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        if parts.count <= 2 { return "name part \(words)" }
        return
            "a qualified name \(words) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    }

    static func labelValue(_ value: String) -> String? {
        if value.utf8.count > 63 { return "must be no more than 63 bytes" }
        if value.isEmpty || isWord(Substring(value)) { return nil }
        return
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
            + "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
            + "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    }

    static func configKey(_ key: String) -> String? {
        if key.utf8.count > 253 { return "must be no more than 253 bytes" }
        if key == "." || key == ".." { return "must not be '\(key)'" }
        if !key.isEmpty, key.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) }) {
            return nil
        }
        return
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    }

    /// A port's name: RFC 6335, at most 15 characters with a letter among them.
    static func portName(_ name: String) -> String? {
        if name.utf8.count > 15 { return "must be no more than 15 bytes" }
        if !isLabel(Substring(name)) {
            return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
        }
        if !name.utf8.contains(where: isLower) { return "must contain at least one letter (a-z)" }
        return nil
    }

    /// Four numbers with dots.
    static func isIPv4(_ text: String) -> Bool {
        let parts = text.pieces(between: ".", keepingEmpty: true)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy(isDigit) && UInt8(part) != nil
                    && (part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"))
            }
    }

    static func isLowerOrDigit(_ byte: UInt8) -> Bool { isLower(byte) || isDigit(byte) }

    private static func isLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
            && text.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || (65...90).contains(byte)
    }
}
