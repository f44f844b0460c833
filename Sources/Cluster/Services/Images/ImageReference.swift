/// An image's name, completed the way Docker and the kubelet complete it.
///
///     web              docker.io/library/web:latest
///     drydock/web:v1   docker.io/drydock/web:v1
///     host:5000/a/b    host:5000/a/b:latest
///     a@sha256:…       docker.io/library/a@sha256:…
///
/// The first part is a host only if it has a dot or a colon, or is `localhost`.
/// Source: github.com/distribution/reference, `reference.go` and `normalize.go`.
public struct ImageReference: Hashable, Sendable {
    /// With host: `docker.io/drydock/web`.
    public let repository: String
    /// Nil only where a digest is given without a tag.
    public let tag: String?
    /// `sha256:…`; when it is given, it decides and the tag is only told.
    public let digest: String?

    /// - Throws: `ImageError.invalidName`.
    public init(_ name: String) throws(ImageError) {
        func invalid(_ reason: String) -> ImageError { .invalidName(name, reason) }
        var rest = name.utf8[...]
        digest = try Self.cutDigest(&rest, invalid)
        let lastPart = rest.suffix(
            from: rest.lastIndex(of: UInt8(ascii: "/")).map(rest.index(after:)) ?? rest.startIndex)
        if let colon = lastPart.firstIndex(of: UInt8(ascii: ":")) {
            let tag = String(Substring(lastPart.suffix(from: lastPart.index(after: colon))))
            guard Self.isTag(tag) else { throw invalid("\"\(tag)\" is not a tag") }
            self.tag = tag
            rest = rest[..<colon]
        } else {
            tag = digest == nil ? "latest" : nil
        }
        var parts = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        if parts.count < 2 || !Self.looksLikeHost(parts[0]) { parts.insert("docker.io", at: 0) }
        if parts[0] == "docker.io" && parts.count == 2 { parts.insert("library", at: 1) }
        guard Self.isHost(parts[0]) else { throw invalid("\"\(parts[0])\" is not a host") }
        for part in parts.dropFirst() where !Self.isPathPart(part) {
            throw invalid(
                part.isEmpty
                    ? "an empty part" : "\"\(part)\" is not lower-case letters, digits, . _ -")
        }
        repository = parts.joined(separator: "/")
    }

    /// The full name, which finds the image in an index.
    public var text: String {
        repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// The name without tag and digest.
    static func repository(ofFullName name: String) -> String {
        (try? ImageReference(name))?.repository ?? name
    }

    private static func cutDigest(
        _ rest: inout Substring.UTF8View, _ invalid: (String) -> ImageError
    ) throws(ImageError) -> String? {
        guard let at = rest.firstIndex(of: UInt8(ascii: "@")) else { return nil }
        let text = String(Substring(rest.suffix(from: rest.index(after: at))))
        guard Digest(text) != nil else {
            throw invalid("\"\(text)\" is not sha256: and 64 hex digits")
        }
        rest = rest[..<at]
        return text
    }

    private static func looksLikeHost(_ part: String) -> Bool {
        part == "localhost"
            || part.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    }

    /// Labels of letters, digits and hyphens, and perhaps a port.
    private static func isHost(_ part: String) -> Bool {
        let halves = part.utf8.split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let labels = halves[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        func isPort(_ digits: Substring.UTF8View) -> Bool {
            digits.allSatisfy { (48...57).contains($0) } && UInt16(Substring(digits)) != nil
        }
        return labels.allSatisfy { label in
            !label.isEmpty && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        } && (halves.count == 1 || halves.count == 2 && isPort(halves[1]))
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...128).contains(text.utf8.count) else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    private static func isPathPart(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        func isLower(_ byte: UInt8) -> Bool { isAlphanumeric(byte) && !(65...90).contains(byte) }
        return isLower(first) && isLower(last)
            && text.utf8.allSatisfy { isLower($0) || "._-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
