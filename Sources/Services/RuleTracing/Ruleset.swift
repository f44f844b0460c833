import ContractServiceDNAT

/// The chains and rules of a text that iptables-save(8) wrote or iptables-restore(8) reads.
public struct Ruleset: Sendable {
    /// One rule, as it was written after `-A CHAIN`.
    public struct Rule: Hashable, Sendable {
        public let text: String
        /// Its words, quotes taken off. Split when asked for: most rules of a long text never are.
        public var words: [String] { Ruleset.words(text) }
    }
    /// Table and chain to the chain's rules, in order.
    public private(set) var tables: [Table: [String: [Rule]]] = [:]
    /// Chains with a line of their own (`:NAME - [0:0]`): the kernel takes no rule in another.
    private(set) var declared: [Table: Set<String>] = [:]

    /// Counters, comments and tables of other names are left out; -I puts a rule first.
    public init(_ text: String) {
        var table: Table?
        for line in text.split(separator: "\n") {
            switch line.utf8.first {
            case UInt8(ascii: "*"): table = Table(rawValue: String(line.dropFirst()))
            case UInt8(ascii: ":"):
                if let table {
                    let name = Self.firstWord(line.dropFirst())
                    tables[table, default: [:]][name, default: []] += []
                    declared[table, default: []].insert(name)
                }
            case UInt8(ascii: "-"): if let table { add(line, to: table) }
            default: break
            }
        }
    }

    private mutating func add(_ line: Substring, to table: Table) {
        guard line.hasPrefix("-A ") || line.hasPrefix("-I ") else { return }
        let rest = line.dropFirst(3)
        let chain = Self.firstWord(rest)
        let text = String(decoding: rest.utf8.dropFirst(chain.utf8.count + 1), as: UTF8.self)
        if line.hasPrefix("-I ") {
            tables[table, default: [:]][chain, default: []].insert(Rule(text: text), at: 0)
        } else {
            tables[table, default: [:]][chain, default: []].append(Rule(text: text))
        }
    }

    private static func firstWord(_ line: Substring) -> String {
        String(decoding: line.utf8.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// Puts the jumps from the kernel's own chains in front.
    public mutating func add(_ jumps: [Jump]) {
        for jump in jumps.reversed() { add("-I \(jump.chain) \(jump.rule)", to: jump.table) }
    }

    public func chain(_ name: String, in table: Table) -> [Rule] { tables[table]?[name] ?? [] }

    /// The names of the table's chains, sorted.
    public func chains(in table: Table) -> [String] { (tables[table] ?? [:]).keys.sorted() }

    /// Splits at blanks; what stands in double quotes is one word.
    public static func words(_ text: String) -> [String] {
        var words: [String] = []
        for (index, piece) in text.split(separator: "\"", omittingEmptySubsequences: false)
            .enumerated()
        {
            if index % 2 == 1 {
                words.append(String(piece))
            } else {
                words += piece.split(separator: " ").map(String.init)
            }
        }
        return words
    }
}
