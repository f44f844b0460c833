/// One rule, understood: what it asks of a packet, and what it does.
struct ParsedRule: Sendable {
    enum Match: Sendable {
        case source(String)
        case destination(String)
        case transport(String)
        case port(Int)
        case mark(UInt32, mask: UInt32)
        case local, ownSource
        case state(Set<Substring>)
        case seen
        case never
    }
    enum Effect {
        case goesOn, returns, ends
        case jumps(String)
    }

    /// Those that a Service's rules are made of; no iptables takes a name that it doesn't know.
    private static let modules: Set = [
        "addrtype", "comment", "conntrack", "mark", "recent", "sctp", "statistic", "tcp", "udp",
    ]

    private var matches: [(match: Match, negated: Bool)] = []
    private var probability = Fraction.one
    private var remembers = false
    private(set) var target = ""
    /// `-g`: the way back skips the chain that the packet came from.
    private(set) var isGoto = false
    private var options: [String: String] = [:]

    init(_ rule: Ruleset.Rule) throws(UnknownRule) {
        var words = rule.words[...]
        var negated = false
        while let word = words.popFirst() {
            if word == "!" {
                negated = true
                continue
            }
            try take(word, &words, negated, rule)
            negated = false
        }
    }

    private mutating func take(
        _ word: String, _ words: inout ArraySlice<String>, _ negated: Bool, _ rule: Ruleset.Rule
    ) throws(UnknownRule) {
        func next() throws(UnknownRule) -> String {
            guard let value = words.popFirst() else { throw UnknownRule(rule.text, word) }
            return value
        }
        func add(_ match: Match) { matches.append((match, negated)) }
        switch word {
        case "-m", "--match":
            let module = try next()
            guard Self.modules.contains(module) else {
                throw UnknownRule(rule.text, "there is no match \(module)")
            }
        case "--comment", "--mode", "--packet", "--mask": _ = try next()
        case "--random-fully", "--rsource", "--reap": break
        case "-s", "--source", "--src": add(.source(try next()))
        case "-d", "--destination", "--dst": add(.destination(try next()))
        case "-p", "--protocol": add(.transport(try next()))
        // The option is the protocol's own: without -p before it no iptables knows it.
        case "--dport", "--destination-port":
            guard hasProtocol else { throw UnknownRule(rule.text, "\(word) without -p before it") }
            add(.port(Int(try next()) ?? -1))
        case "--mark":
            let parts = try next().split(separator: "/").map(Self.number)
            add(.mark(parts.first ?? 0, mask: parts.count > 1 ? parts[1] : .max))
        case "--dst-type": add(try next() == "LOCAL" ? .local : .never)
        case "--src-type": add(try next() == "LOCAL" ? .ownSource : .never)
        case "--ctstate": add(.state(Set(try next().split(separator: ","))))
        case "--probability":
            guard let share = Fraction(probability: try next()) else {
                throw UnknownRule(rule.text, word)
            }
            probability = share
        case "--every": probability = Fraction(1, max(1, Int(try next()) ?? 1))
        case "--rcheck", "--update": add(.seen)
        case "--set": remembers = true
        // A protocol without ports has none to write over.
        case "--to-destination", "--to":
            let target = try next()
            guard hasProtocol || !target.utf8.contains(UInt8(ascii: ":")) else {
                throw UnknownRule(rule.text, "\(word) \(target) without -p before it")
            }
            // The tools take options as short as they are clear; --to many write so.
            options["--to-destination"] = target
        case "--name", "--seconds", "--or-mark", "--xor-mark", "--set-mark",
            "--set-xmark", "--reject-with":
            options[word] = try next()
        case "-j", "--jump": target = try next()
        case "-g", "--goto": (target, isGoto) = (try next(), true)
        default: throw UnknownRule(rule.text, word)
        }
    }

    /// Whether the rule is for one protocol that has ports.
    private var hasProtocol: Bool {
        matches.contains { match, negated in
            if case .transport(let name) = match {
                !negated && ["tcp", "udp", "sctp"].contains(name)
            } else {
                false
            }
        }
    }

    private static func number(_ text: some StringProtocol) -> UInt32 {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) ?? 0 : UInt32(text) ?? 0
    }

    /// How likely the rule takes this packet.
    func chance(for packet: Packet, _ machine: Machine) -> Fraction {
        let all = matches.allSatisfy { holds($0.match, packet, machine) != $0.negated }
        return all ? probability : .zero
    }

    private func holds(_ match: Match, _ packet: Packet, _ machine: Machine) -> Bool {
        switch match {
        case .source(let network): IPv4(packet.source)?.isIn(network) ?? false
        case .destination(let network): IPv4(packet.destination)?.isIn(network) ?? false
        case .transport(let name): packet.transport == name
        case .port(let number): packet.port == number
        case .mark(let value, let mask): packet.mark & mask == value
        case .ownSource: machine.addresses.contains(packet.source)
        case .local: machine.addresses.contains(packet.destination)
        case .state(let states): states.contains(packet.isEstablished ? "ESTABLISHED" : "NEW")
        case .seen: isRemembered(packet)
        case .never: false
        }
    }

    private func isRemembered(_ packet: Packet) -> Bool {
        guard let ago = packet.seen[options["--name"] ?? "DEFAULT"] else { return false }
        return ago <= options["--seconds"].flatMap { Int($0) } ?? .max
    }

    /// What the target does to a packet that matched.
    func perform(on walker: inout Walker) -> Effect {
        if remembers { walker.packet.seen[options["--name"] ?? "DEFAULT"] = 0 }
        switch target {
        case "": return .goesOn
        case "RETURN": return .returns
        case "ACCEPT": return .ends
        case "REJECT": walker.verdict = .rejected
        case "DROP": walker.verdict = .dropped
        case "MASQUERADE": walker.masqueraded = true
        case "DNAT": redirect(&walker.packet)
        case "MARK":
            mark(&walker.packet)
            return .goesOn
        default: return .jumps(target)
        }
        return .ends
    }

    private func redirect(_ packet: inout Packet) {
        let parts = (options["--to-destination"] ?? "").split(separator: ":")
        if let address = parts.first { packet.destination = String(address) }
        if parts.count > 1 { packet.port = Int(parts[1]) ?? packet.port }
    }

    private func mark(_ packet: inout Packet) {
        if let bits = options["--or-mark"] { packet.mark |= Self.number(bits) }
        if let bits = options["--xor-mark"] { packet.mark ^= Self.number(bits) }
        func parts(_ text: String) -> (value: UInt32, mask: UInt32) {
            let numbers = text.split(separator: "/").map(Self.number)
            return (numbers.first ?? 0, numbers.count > 1 ? numbers[1] : .max)
        }
        // iptables-save's form of both: value/mask, the mask's bits are cleared and the value's
        // flipped.
        if let both = options["--set-xmark"].map(parts) {
            packet.mark = packet.mark & ~both.mask ^ both.value
        }
        if let both = options["--set-mark"].map(parts) {
            packet.mark = packet.mark & ~both.mask | both.value
        }
    }
}

/// A rule that the tracer, or the kernel itself, can make nothing of.
public struct UnknownRule: Error, Hashable, CustomStringConvertible {
    public let rule: String
    public let word: String
    init(_ rule: String, _ word: String) { (self.rule, self.word) = (rule, word) }
    public var description: String { "the tracer doesn't know \"\(word)\" in the rule: \(rule)" }
}
