import ContractServiceDNAT
@_exported import RuleTracing

/// The rules that a kernel has, beside those that the proxy wants there.
extension Ruleset {
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
}
