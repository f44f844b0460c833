import ContractServiceDNAT

/// What goes to iptables-restore in one call: the rendered rules, the jumps that are missing, and
/// the end of chains nobody needs any more.
public enum SyncText {
    /// The chains that belong to single Services; the others stay as long as the proxy does.
    static let ownPrefixes = ["KUBE-SVC-", "KUBE-SEP-", "KUBE-EXT-", "KUBE-SVL-"]

    /// The chains of single Services among `chains`.
    public static func own(_ chains: [String]) -> Set<String> {
        Set(chains.filter { name in ownPrefixes.contains { name.hasPrefix($0) } })
    }

    /// The chains of single Services that a text declares. Reads the declarations only: texts get
    /// long.
    public static func own(inText text: String) -> Set<String> {
        let declared = text.split(separator: "\n").filter { $0.utf8.first == UInt8(ascii: ":") }
        return own(declared.map { String($0.dropFirst().prefix { $0 != " " }) })
    }

    /// - Parameters:
    ///   - rendered: the text of lab 14's part.
    ///   - present: the chains of Services that the kernel has.
    ///   - missing: the jumps that the kernel doesn't have yet.
    public static func make(rendered: String, present: Set<String>, missing: [Jump]) -> String {
        let stale = present.isEmpty ? [] : present.subtracting(own(inText: rendered)).sorted()
        // Bytes, and whole runs of them: with 10,000 Services there are 150,000 lines.
        let bytes = Array(rendered.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 4096)
        var table: Table?
        var (start, copied) = (0, 0)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
            let next = min(end + 1, bytes.count)
            switch bytes[start] {
            case UInt8(ascii: "*"):
                table = Table(rawValue: String(decoding: bytes[start + 1..<end], as: UTF8.self))
                out += bytes[copied..<next]
                copied = next
                if table == .nat { append(stale.map { ":\($0) - [0:0]" }, to: &out) }
            case UInt8(ascii: "C"):
                out += bytes[copied..<start]
                copied = start
                append(closing(table, stale, missing), to: &out)
            default: break
            }
            start = next
        }
        out += bytes[copied...]
        if out.last != newline { out.append(newline) }
        return String(decoding: out, as: UTF8.self)
    }

    private static let newline = UInt8(ascii: "\n")

    private static func append(_ lines: [String], to out: inout [UInt8]) {
        for line in lines { out += line.utf8 + [newline] }
    }

    /// What comes before a table's COMMIT.
    private static func closing(_ table: Table?, _ stale: [String], _ missing: [Jump]) -> [String] {
        // Each goes in front of the one before it, so the last comes first.
        var lines = missing.reversed().filter { $0.table == table }.map {
            "-I \($0.chain) 1 \($0.rule)"
        }
        // A chain can go only when no rule jumps to it: it is emptied above, and so are its users.
        if table == .nat { lines += stale.map { "-X \($0)" } }
        return lines
    }

    /// The text that takes everything of the proxy away again.
    public static func removal(of present: Ruleset, jumps: [Jump]) -> String {
        var lines: [String] = []
        for table in Table.allCases {
            let chains = present.chains(in: table).filter { $0.hasPrefix("KUBE-") }
            lines.append("*\(table.rawValue)")
            lines += chains.map { ":\($0) - [0:0]" }
            lines += jumps.filter { $0.table == table && present.has($0) }
                .map { "-D \($0.chain) \($0.rule)" }
            lines += chains.map { "-X \($0)" }
            lines.append("COMMIT")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
