// Further forms of names.

extension Names {
    /// An HTTP header's name.
    static func header(_ name: String) -> String? {
        name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            ? nil
            : "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', "
                + "regex used for validation is '[-A-Za-z0-9]+')"
    }

    /// An environment variable's name: printable ASCII but `=`.
    static func environment(_ name: String) -> String? {
        name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
            ? nil
            : "a valid environment variable name must consist only of printable ASCII characters other than '='"
    }

    /// A kernel parameter: `net.core.somaxconn`, with dots or slashes.
    static func sysctl(_ name: String) -> String? {
        let parts = name.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
        }
        let isFine = parts.allSatisfy { part in
            guard let first = part.first, let last = part.last else { return false }
            return isLowerOrDigit(first) && isLowerOrDigit(last)
                && part.allSatisfy { isLowerOrDigit($0) || "-_".utf8.contains($0) }
        }
        if isFine, name.utf8.count <= 253 { return nil }
        return
            #"must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*"#
            + #"[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"#
    }

    /// What resourceFieldRef can ask for.
    static func resourceField(_ name: String) -> String? {
        let kinds = ["limits", "requests"]
        let resources = ["cpu", "memory", "ephemeral-storage"]
        let known = kinds.flatMap { kind in resources.map { "\(kind).\($0)" } }
        let isHugePages = kinds.contains { name.hasPrefix("\($0).hugepages-") }
        if known.contains(name) || isHugePages { return nil }
        return "supported values: " + known.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// The standard resources of a container, or a qualified name of somebody else's.
    static func resource(_ name: String) -> String? {
        if let complaint = qualified(name) { return complaint }
        if ["cpu", "memory", "ephemeral-storage"].contains(name) || name.hasPrefix("hugepages-") {
            return nil
        }
        return name.utf8.contains(UInt8(ascii: "/"))
            ? nil : "must be a standard resource type or fully qualified"
    }

    /// Groups of hex digits with colons, `::` once, and perhaps four numbers with dots at the end.
    static func isIPv6(_ text: String) -> Bool {
        let halves = halves(text)
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.utf8.split(
                separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            for (number, part) in parts.enumerated() {
                let isLast = index == halves.count - 1 && number == parts.count - 1
                if isLast, isIPv4(String(Substring(part))) {
                    groups += 2
                } else if (1...4).contains(part.count), part.allSatisfy(isHex) {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups < 8 : groups == 8
    }

    /// What stands on both sides of `::`.
    private static func halves(_ text: String) -> [Substring] {
        let bytes = Array(text.utf8)
        var halves: [Substring] = []
        var start = text.utf8.startIndex
        var at = 0
        while at + 1 < bytes.count {
            guard bytes[at] == UInt8(ascii: ":"), bytes[at + 1] == UInt8(ascii: ":") else {
                at += 1
                continue
            }
            let end = text.utf8.index(text.utf8.startIndex, offsetBy: at)
            halves.append(text[start..<end])
            start = text.utf8.index(end, offsetBy: 2)
            at += 2
        }
        return halves + [text[start...]]
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte) || (65...70).contains(byte)
    }
}
