import ContractServiceDNAT

/// A text for iptables-restore(8), taken apart by chain, so that two can be compared.
public struct RuleText: Sendable {
    /// Table and chain to the chain's lines, in order.
    private var tables: [Table: [String: [Substring]]] = [:]

    public init(_ text: String) {
        var table: Table?
        for line in text.split(separator: "\n") {
            switch line.utf8.first {
            case UInt8(ascii: "*"): table = Table(rawValue: String(line.dropFirst()))
            case UInt8(ascii: ":"):
                if let table {
                    tables[table, default: [:]][Self.word(line.dropFirst()), default: []] += []
                }
            case UInt8(ascii: "-"):
                if let table {
                    tables[table, default: [:]][Self.word(line.dropFirst(3)), default: []].append(
                        line)
                }
            default: break
            }
        }
    }

    private static func word(_ line: Substring) -> String {
        String(decoding: line.utf8.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// What `iptables-restore --noflush` needs to get from the rules `old` to the rules `new`:
    /// chains that changed are
    /// emptied and written again, chains that are gone are removed, and the others keep their rules
    /// and counters.
    ///
    /// A Service that gets one endpoint more costs a few lines, however many Services there are.
    public static func delta(from old: RuleText, to new: RuleText) -> String {
        Table.allCases.map { table in
            let (before, after) = (old.tables[table] ?? [:], new.tables[table] ?? [:])
            let changed = after.keys.filter { before[$0] != after[$0] }.sorted()
            let gone = before.keys.filter { after[$0] == nil }.sorted()
            if changed.isEmpty, gone.isEmpty { return "" }
            var lines = ["*\(table.rawValue)"]
            lines += (changed + gone).map { ":\($0) - [0:0]" }
            for chain in changed { lines += (after[chain] ?? []).map(String.init) }
            lines += gone.map { "-X \($0)" }
            lines.append("COMMIT\n")
            return lines.joined(separator: "\n")
        }.joined()
    }
}
