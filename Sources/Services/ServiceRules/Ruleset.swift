import Contracts

/// The chains and rules of a text that iptables-save(8) wrote or iptables-restore(8) reads.
public struct Ruleset: Sendable {
    /// One rule: the words after `-A CHAIN`, quotes taken off.
    public struct Rule: Hashable, Sendable {
        public let words: [String]
        /// As it was written.
        public let text: String
    }
    /// Table and chain to the chain's rules, in order.
    public private(set) var tables: [Table: [String: [Rule]]] = [:]

    /// Counters, comments and tables of other names are left out; -I puts a rule first.
    public init(_ text: String) {
        var table: Table?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("*") {
                table = Table(rawValue: String(line.dropFirst()))
            } else if let table, line.hasPrefix(":") {
                let name = line.dropFirst().prefix { $0 != " " }
                tables[table, default: [:]][String(name), default: []] += []
            } else if let table, line.hasPrefix("-A ") || line.hasPrefix("-I ") {
                add(line, to: table)
            }
        }
    }

    private mutating func add(_ line: Substring, to table: Table) {
        let rest = line.dropFirst(3)
        let chain = String(rest.prefix { $0 != " " })
        let text = String(rest.dropFirst(chain.count + 1))
        let rule = Rule(words: Self.words(text), text: text)
        if line.hasPrefix("-I ") {
            tables[table, default: [:]][chain, default: []].insert(rule, at: 0)
        } else {
            tables[table, default: [:]][chain, default: []].append(rule)
        }
    }

    /// Puts the jumps from the kernel's own chains in front.
    public mutating func add(_ jumps: [Jump]) {
        for jump in jumps.reversed() { add("-I \(jump.chain) \(jump.rule)", to: jump.table) }
    }

    public func chain(_ name: String, in table: Table) -> [Rule] { tables[table]?[name] ?? [] }

    /// The names of the table's chains, sorted.
    public func chains(in table: Table) -> [String] { (tables[table] ?? [:]).keys.sorted() }

    /// Whether each chain of `other` is here too, with as many rules, and no further chain of
    /// single Services.
    /// The kernel gives rules back in words of its own, so they are counted and not compared.
    public func holds(_ other: Ruleset) -> Bool {
        SyncText.own(chains(in: .nat)) == SyncText.own(other.chains(in: .nat))
            && Table.allCases.allSatisfy { table in
                other.chains(in: table).allSatisfy {
                    chain($0, in: table).count == other.chain($0, in: table).count
                }
            }
    }

    /// Whether nobody but the proxy has chains or rules in these tables: then they may be replaced
    /// as a whole.
    public func isOnlyTheProxys(jumps: [Jump]) -> Bool {
        let builtIn: Set = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]
        return Table.allCases.allSatisfy { table in
            chains(in: table).filter { !$0.hasPrefix("KUBE-") }.allSatisfy { name in
                let own = jumps.filter { $0.table == table && $0.chain == name }.map {
                    Self.words($0.rule)
                }
                return builtIn.contains(name)
                    && chain(name, in: table).allSatisfy { own.contains($0.words) }
            }
        }
    }

    /// Whether this jump is among the chain's rules, as the kernel gives it back.
    public func has(_ jump: Jump) -> Bool {
        let words = Self.words(jump.rule)
        return chain(jump.chain, in: jump.table).contains { $0.words == words }
    }

    /// Splits at blanks; what stands in double quotes is one word.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var (quoted, started) = (false, false)
        for letter in text {
            if letter == "\"" {
                (quoted, started) = (!quoted, true)
            } else if letter == " ", !quoted {
                if started { words.append(word) }
                (word, started) = ("", false)
            } else {
                word.append(letter)
                started = true
            }
        }
        if started { words.append(word) }
        return words
    }
}
