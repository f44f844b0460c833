/// One rule, understood: what it asks of a packet, and what it does.
struct ParsedRule {
    enum Match {
        case source(String)
        case destination(String)
        case transport(String)
        case port(Int)
        case mark(UInt32, mask: UInt32)
        case local
        case newConnection(Bool)
        case seen
        case never
    }
    enum Effect {
        case goesOn, returns, ends
        case jumps(String)
    }

    private var matches: [(match: Match, negated: Bool)] = []
    private var probability = 1.0
    private var remembers = false
    private var target = ""
    private var options: [String: String] = [:]

    init(_ rule: Ruleset.Rule) throws {
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
    ) throws {
        func next() throws -> String {
            guard let value = words.popFirst() else { throw UnknownRule(rule.text, word) }
            return value
        }
        func add(_ match: Match) { matches.append((match, negated)) }
        switch word {
        case "-m", "--comment", "--mode": _ = try next()
        case "--random-fully", "--rsource", "--reap": break
        case "--mask": _ = try next()
        case "-s": add(.source(try next()))
        case "-d": add(.destination(try next()))
        case "-p": add(.transport(try next()))
        case "--dport": add(.port(Int(try next()) ?? -1))
        case "--mark":
            let parts = try next().split(separator: "/").map(Self.number)
            add(.mark(parts[0], mask: parts.count > 1 ? parts[1] : .max))
        case "--dst-type": add(try next() == "LOCAL" ? .local : .never)
        case "--ctstate": add(.newConnection(try next().split(separator: ",").contains("NEW")))
        case "--probability": probability = Double(try next()) ?? 0
        case "--name": options["--name"] = try next()
        case "--rcheck": add(.seen)
        case "--set": remembers = true
        case "--seconds", "--to-destination", "--or-mark", "--xor-mark", "--set-xmark",
            "--reject-with":
            options[word] = try next()
        case "-j", "-g": target = try next()
        default: throw UnknownRule(rule.text, word)
        }
    }

    private static func number(_ text: some StringProtocol) -> UInt32 {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) ?? 0 : UInt32(text) ?? 0
    }

    /// How likely the rule takes this packet, 0 to 1.
    func chance(for packet: Packet, _ machine: Machine) -> Double {
        let all = matches.allSatisfy { holds($0.match, packet, machine) != $0.negated }
        return all ? probability : 0
    }

    private func holds(_ match: Match, _ packet: Packet, _ machine: Machine) -> Bool {
        switch match {
        case .source(let network): IPv4(packet.source)?.isIn(network) ?? false
        case .destination(let network): IPv4(packet.destination)?.isIn(network) ?? false
        case .transport(let name): packet.transport == name
        case .port(let number): packet.port == number
        case .mark(let value, let mask): packet.mark & mask == value
        case .local: machine.addresses.contains(packet.destination)
        case .newConnection(let isAsked): isAsked
        case .seen: packet.seenIn.contains(options["--name"] ?? "")
        case .never: false
        }
    }

    /// What the target does to a packet that matched.
    func perform(on walker: inout Walker) -> Effect {
        if remembers, let list = options["--name"] { walker.packet.seenIn.insert(list) }
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
        // iptables-save's form of both: value/mask, the mask's bits are cleared and the value's
        // flipped.
        if let both = options["--set-xmark"] {
            let parts = both.split(separator: "/").map(Self.number)
            packet.mark = packet.mark & ~(parts.count > 1 ? parts[1] : .max) ^ parts[0]
        }
    }
}

/// A word in a rule that the tracer has no meaning for.
public struct UnknownRule: Error, Hashable, CustomStringConvertible {
    let rule: String
    let word: String
    init(_ rule: String, _ word: String) { (self.rule, self.word) = (rule, word) }
    public var description: String { "the tracer doesn't know \"\(word)\" in the rule: \(rule)" }
}
