import Client
import ContractServiceDNAT
import Linux
import Logging
import ServiceRules

/// The rules in this network namespace's kernel, as far as they are the proxy's.
///
/// It remembers what it wrote last, so that the kernel is read only at the start, after a failure,
/// and now and then.
actor KernelRules {
    /// What the part rendered and the kernel took; nil where nothing is known.
    private var written: String?
    private var verifyNext = true
    private let logger: Logger
    /// iptables blocks; it runs on a thread of its own.
    private let tool = PartCalls(IPTables(), isRemote: true)

    init(logger: Logger) { self.logger = logger }

    /// Has the kernel's rules read again at the next `apply`.
    func distrust() { verifyNext = true }

    /// Makes the kernel's rules those of `text`, in one call; does nothing where they are already.
    func apply(_ text: String, jumps: [Jump]) async throws {
        if verifyNext || written == nil {
            try await applyWhole(text, jumps: jumps)
        } else if let written, written != text {
            let change = RuleText.delta(from: RuleText(written), to: RuleText(text))
            try await restore(change, flush: false, of: text)
        }
    }

    /// Reads what the kernel has, and writes all where that isn't what it should be.
    private func applyWhole(_ text: String, jumps: [Jump]) async throws {
        let present = Ruleset(try await tool.ask { try $0.save() })
        let missing = jumps.filter { !present.has($0) }
        if let written, missing.isEmpty, present.holds(Ruleset(written)) {
            verifyNext = false
            return try await apply(text, jumps: jumps)
        }
        if written != nil {
            logger.warning("the kernel's rules are not those that were written; writing all again")
        }
        // Replacing whole tables is far cheaper for iptables-nft than looking each chain up: 6 s
        // instead of
        // 4 min with 10,000 Services. But only where nobody else has rules in them.
        if present.isOnlyTheProxys(jumps: jumps) {
            let whole = SyncText.make(rendered: text, present: [], missing: jumps)
            try await restore(whole, flush: true, of: text)
        } else {
            let own = SyncText.own(present.chains(in: .nat))
            let whole = SyncText.make(rendered: text, present: own, missing: missing)
            try await restore(whole, flush: false, of: text)
        }
    }

    /// Why iptables would not take these rules into an empty network namespace; nil where it would. Changes nothing here.
    func refusal(of text: String) async throws -> String? {
        do { try await tool.ask { try $0.tryOut(text) } } catch let failure as IPTablesFailure {
            return failure.words
        }
        return nil
    }

    private func restore(_ change: String, flush: Bool, of text: String) async throws {
        let start = Clock.monotonicMilliseconds()
        do { try await tool.ask { try $0.restore(change, flush: flush) } } catch {
            (written, verifyNext) = (nil, true)
            throw error
        }
        (written, verifyNext) = (text, false)
        func lines(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
        logger.info(
            "\(lines(change)) lines for \(lines(text)) written in \(Clock.monotonicMilliseconds() - start) ms"
        )
    }
}

/// The programs that read and write the kernel's rules.
struct IPTables: Sendable {
    /// The rules of nat and filter, as iptables-save(8) prints them.
    func save() throws -> String { try Table.allCases.map { try save($0) }.joined() }

    private func save(_ table: Table) throws -> String {
        let result = try capture("iptables-save", ["iptables-save", "-t", table.rawValue])
        try check(result.ending, "iptables-save -t \(table.rawValue)", result.errors)
        return String(decoding: result.output, as: UTF8.self)
    }

    /// One transaction: either all of `text` is in the kernel afterwards, or nothing of it.
    /// - Parameter flush: all else in the tables that `text` names goes away.
    func restore(_ text: String, flush: Bool = false) throws {
        let arguments = ["iptables-restore", "--wait", "5"] + (flush ? [] : ["--noflush"])
        let result = try capture("iptables-restore", arguments, input: Array(text.utf8))
        try check(result.ending, arguments.joined(separator: " "), result.errors)
    }

    /// A whole restore, in the kernel too, in a network namespace that ends with it.
    func tryOut(_ text: String) throws {
        let arguments = ["unshare", "--net", "iptables-restore", "--wait", "5"]
        let result = try capture("unshare", arguments, input: Array(text.utf8))
        try check(result.ending, arguments.joined(separator: " "), result.errors)
    }

    private func check(_ ending: Child.Ending, _ command: String, _ errors: [UInt8]) throws {
        guard ending.succeeded else {
            throw IPTablesFailure(
                command: command, ending: ending, words: String(decoding: errors, as: UTF8.self))
        }
    }
}

/// iptables refused; its own words say why.
struct IPTablesFailure: Error, CustomStringConvertible {
    let command: String
    let ending: Child.Ending
    let words: String
    var description: String { "\(command) \(ending): \(words)" }
}

/// Takes every rule and chain of the proxy out of this network namespace's kernel.
public func removeAllRules(jumps: [Jump]) throws {
    let tool = IPTables()
    try tool.restore(SyncText.removal(of: Ruleset(try tool.save()), jumps: jumps))
}

/// Brings the rules for `view` into this network namespace's kernel, whatever is there.
public func installRules(
    for view: ProxyView, part: any ServiceDNATContract, logger: Logger
) async throws {
    try await KernelRules(logger: logger).apply(try part.render(view), jumps: try part.jumps())
}
