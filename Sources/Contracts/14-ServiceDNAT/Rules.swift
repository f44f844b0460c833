/// A jump from one of the kernel's own chains into one of ours.
public struct Jump: Codable, Hashable, Sendable {
    public var table: Table
    public var chain: String
    public var target: String
    /// Only the first packet of a connection: `-m conntrack --ctstate NEW`.
    public var newConnectionsOnly: Bool

    public init(
        _ table: Table, from chain: String, to target: String, newConnectionsOnly: Bool = false
    ) {
        (self.table, self.chain, self.target) = (table, chain, target)
        self.newConnectionsOnly = newConnectionsOnly
    }

    /// The rule as iptables(8) takes it, without the command and chain before it.
    public var rule: String {
        (newConnectionsOnly ? "-m conntrack --ctstate NEW " : "")
            + "-m comment --comment \"kubernetes service portals\" -j \(target)"
    }
}

public enum Table: String, Codable, Sendable, CaseIterable {
    case filter, nat
}

/// Chains and rules on their way to a text.
///
///     var rules = Rules()
///     rules.chain("KUBE-SVC-X", in: .nat)
///     rules.add("KUBE-SVC-X", "-j KUBE-SEP-Y", in: .nat)
///     rules.text    // *filter COMMIT *nat :KUBE-SVC-X - [0:0] -A KUBE-SVC-X -j KUBE-SEP-Y COMMIT
public struct Rules: Codable, Hashable, Sendable {
    /// One table's chains (named once each, in order of declaration) and rules (`-A CHAIN …`, in
    /// order).
    public struct Content: Codable, Hashable, Sendable {
        public var chains: [String] = []
        public var rules: [String] = []
    }
    public var filter = Content()
    public var nat = Content()
    /// Steps of the lab whose rules are missing here, because they are not written yet. What is there
    /// can be traced all the same.
    public var unwritten: [String] = []

    public init() {}

    /// Declares a chain of our own; iptables-restore makes it, or empties it.
    public mutating func chain(_ name: String, in table: Table) {
        change(table) { $0.chains.append(name) }
    }
    /// Appends a rule to a chain: its matches and its target.
    public mutating func add(_ chain: String, _ rule: String, in table: Table) {
        change(table) { $0.rules.append("-A \(chain) \(rule)") }
    }
    /// Takes over what another has, after what is here.
    public mutating func add(_ other: Rules) {
        filter.chains += other.filter.chains
        filter.rules += other.filter.rules
        nat.chains += other.nat.chains
        nat.rules += other.nat.rules
        unwritten += other.unwritten.filter { !unwritten.contains($0) }
    }

    /// What `body` makes; nil, and noted as unwritten, where it comes to a step that is not written.
    public mutating func ifWritten<Value>(_ body: () throws -> Value) throws -> Value? {
        do { return try body() } catch let unfinished as Unfinished {
            if !unwritten.contains(unfinished.step) { unwritten.append(unfinished.step) }
            return nil
        }
    }

    private mutating func change(_ table: Table, _ body: (inout Content) -> Void) {
        switch table {
        case .filter: body(&filter)
        case .nat: body(&nat)
        }
    }

    /// The text for iptables-restore(8).
    public var text: String {
        var lines: [String] = []
        for (name, content) in [("filter", filter), ("nat", nat)] {
            lines.append("*\(name)")
            lines += content.chains.map { ":\($0) - [0:0]" }
            lines += content.rules
            lines.append("COMMIT")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
