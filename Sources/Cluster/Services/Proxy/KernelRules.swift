import Client
import Contracts
import Linux
import Logging
import ServiceRules

/// The rules in this network namespace's kernel, as far as they are the proxy's.
///
/// It remembers what it wrote last, so that the kernel is read only at the start, after a failure, and now and then.
actor KernelRules {
    private struct Known {
        /// What the part rendered.
        var text: String
        /// The Services' chains that the kernel has.
        var chains: Set<String>
    }
    private var known: Known?
    private var verifyNext = true
    private let logger: Logger
    /// iptables blocks; it runs on a thread of its own.
    private let tool = PartCalls(IPTables(), isRemote: true)

    init(logger: Logger) { self.logger = logger }

    /// Has the kernel's rules read again at the next `apply`.
    func distrust() { verifyNext = true }

    /// Makes the kernel's rules those of `text`, in one call; does nothing where they are already.
    func apply(_ text: String, jumps: [Jump]) async throws {
        if !verifyNext, known?.text == text { return }
        let start = Clock.monotonicMilliseconds()
        var missing: [Jump] = []
        if verifyNext || known == nil {
            let present = Ruleset(try await tool.ask { try $0.save() })
            missing = jumps.filter { !present.has($0) }
            if known?.text == text, missing.isEmpty, present.holds(Ruleset(text)) {
                verifyNext = false
                return
            }
            if known?.text == text {
                logger.warning(
                    "the kernel's rules are not those that were written; writing them again")
            }
            known = Known(text: "", chains: SyncText.own(present.chains(in: .nat)))
        }
        let whole = SyncText.make(rendered: text, present: known?.chains ?? [], missing: missing)
        do {
            try await tool.ask { try $0.restore(whole) }
        } catch {
            verifyNext = true
            throw error
        }
        known = Known(text: text, chains: SyncText.own(inText: text))
        verifyNext = false
        let rules = text.split(separator: "\n").filter { $0.hasPrefix("-A") }.count
        logger.info("\(rules) rules written in \(Clock.monotonicMilliseconds() - start) ms")
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
    func restore(_ text: String) throws {
        let result = try capture(
            "iptables-restore", ["iptables-restore", "--noflush", "--wait", "5"],
            input: Array(text.utf8))
        try check(result.ending, "iptables-restore --noflush", result.errors)
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
