import ContractServiceDNAT

/// Follows a packet through a ruleset. Where the dice are thrown it follows both ways, so shares
/// are computed, not sampled.
public struct Tracer: Sendable {
    private let machine: Machine
    /// Each chain's rules, understood once; what can't be is an error for who comes to it.
    private var chains: [Table: [String: [(text: String, rule: Result<ParsedRule, UnknownRule>)]]]
    private let declared: [Table: Set<String>]

    /// - Parameter jumps: the jumps from the kernel's own chains, where `rules` doesn't have them.
    public init(_ rules: Ruleset, machine: Machine, jumps: [Jump] = []) {
        var rules = rules
        rules.add(jumps)
        self.machine = machine
        declared = rules.declared
        chains = [:]
        for (table, content) in rules.tables {
            chains[table] = content.mapValues { rules in
                rules.map { ($0.text, Self.understood($0, in: table)) }
            }
        }
    }

    private static func understood(
        _ rule: Ruleset.Rule, in table: Table
    ) -> Result<ParsedRule, UnknownRule> {
        do {
            let parsed = try ParsedRule(rule)
            let home = onlyIn[parsed.target] ?? table
            return home == table
                ? .success(parsed) : .failure(UnknownRule(rule.text, parsed.target))
        } catch { return .failure(error) }
    }

    /// Targets that the kernel takes in one table only.
    private static let onlyIn: [String: Table] = [
        "REJECT": .filter, "DNAT": .nat, "MASQUERADE": .nat,
    ]

    /// Where a packet goes that comes in from outside, or that this machine itself sends.
    ///
    /// In: nat PREROUTING, then filter FORWARD or INPUT; out: nat OUTPUT, then filter OUTPUT; both
    /// end in nat POSTROUTING unless the packet stays here. An established connection's packets pass
    /// no nat chain: conntrack(8) remembers what those said to the first.
    /// - Throws: `UnknownRule` for a match or target that the tracer doesn't know, and for a way
    ///   that has no end.
    public func trace(_ packet: Packet) throws -> [Outcome] {
        let isOwn = machine.addresses.contains(packet.source)
        var walkers = [Walker(packet: packet)]
        if !packet.isEstablished {
            walkers = try pass(.nat, isOwn ? "OUTPUT" : "PREROUTING", walkers)
        }
        walkers = try walkers.flatMap { walker in
            let stays = machine.addresses.contains(walker.packet.destination)
            return try pass(.filter, isOwn ? "OUTPUT" : stays ? "INPUT" : "FORWARD", [walker])
        }
        walkers = try walkers.flatMap { walker in
            packet.isEstablished || machine.addresses.contains(walker.packet.destination)
                ? [walker] : try pass(.nat, "POSTROUTING", [walker])
        }
        return walkers.map(\.outcome)
    }

    /// Where a later packet of a connection goes whose first one went to `first`, when these are the
    /// rules by then.
    public func traceLater(_ first: Outcome) throws -> [Outcome] {
        var packet = first.packet
        (packet.isEstablished, packet.mark) = (true, 0)
        return try trace(packet).map {
            var outcome = $0
            outcome.masqueraded = first.masqueraded
            return outcome
        }
    }

    /// One hook of the kernel. A verdict other than "goes on" is final; ACCEPT is only for this
    /// hook.
    private func pass(_ table: Table, _ chain: String, _ walkers: [Walker]) throws -> [Walker] {
        let over = walkers.filter { $0.verdict != nil }
        let result = try walk(table, chain, walkers.filter { $0.verdict == nil }, within: [])
        return over + result.ended + result.through
    }

    /// One chain: those whose way through this hook has ended, and those who came out at the
    /// chain's end.
    /// - Parameter outer: the chains that led here.
    private func walk(
        _ table: Table, _ chain: String, _ walkers: [Walker], within outer: [String]
    ) throws -> (ended: [Walker], through: [Walker]) {
        var (ended, through, here): ([Walker], [Walker], [Walker]) = ([], [], walkers)
        for (text, rule) in chains[table]?[chain] ?? [] {
            if here.isEmpty { break }
            let parsed = try rule.get()
            var next: [Walker] = []
            for var walker in here {
                walker.rulesSeen += 1
                let chance = parsed.chance(for: walker.packet, machine)
                if chance != .one { next.append(walker.taking(.one - chance)) }
                guard chance != .zero else { continue }
                var hit = walker.taking(chance)
                hit.path.append("\(chain) \(text)")
                switch parsed.perform(on: &hit) {
                case .goesOn: next.append(hit)
                case .returns: through.append(hit)
                case .ends: ended.append(hit)
                case .jumps(let target):
                    // The kernel takes neither a jump to nowhere nor a ring of chains.
                    guard declared[table]?.contains(target) ?? false,
                        !outer.contains(target), target != chain
                    else { throw UnknownRule(text, target) }
                    let result = try walk(table, target, [hit], within: outer + [chain])
                    ended += result.ended
                    if parsed.isGoto { through += result.through } else { next += result.through }
                }
            }
            here = next
        }
        return (ended, through + here)
    }
}

/// A packet, and how it got here.
struct Walker {
    var packet: Packet
    var share = Fraction.one
    var rulesSeen = 0
    var path: [String] = []
    var masqueraded = false
    var verdict: Outcome.Verdict?

    init(packet: Packet) { self.packet = packet }

    func taking(_ chance: Fraction) -> Walker {
        var walker = self
        walker.share = walker.share * chance
        return walker
    }

    var outcome: Outcome {
        Outcome(
            verdict: verdict ?? .passed, packet: packet, masqueraded: masqueraded, share: share,
            rulesSeen: rulesSeen, path: path)
    }
}
