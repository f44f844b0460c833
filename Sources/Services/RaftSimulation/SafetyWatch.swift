import Consensus
import ContractRaft

/// A safety property that did not hold.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    public var what: String
    /// Milliseconds of virtual time.
    public var at: Int
    /// Who did it, as far as it was one member's doing.
    public var member: MemberID?
    public var description: String { "at \(at) ms: \(what)" }
}

/// The properties of the paper's figure 3, checked while a cluster runs.
struct SafetyWatch {
    /// The leader of each term.
    private(set) var leaders: [Int: MemberID] = [:]
    /// What was applied at each index, from 1, by whoever was first.
    private(set) var committed: [Entry] = []
    /// By index: every entry that was ever in somebody's log, one of each term.
    private var appended: [[Appended]] = []

    private struct Appended {
        var entry: Entry
        /// The term of the entry before it, where the first log that had it still knew.
        var previousTerm: Int?
    }

    /// Log matching: two logs with an entry of the same index and term are the same up to it.
    ///
    /// Looked at entry by entry as logs grow: the same place and term must mean the same command after an entry
    /// of the same term. That entry was looked at in the same way, and so on to the beginning.
    mutating func noteAppended(_ entries: [Entry], to log: EntryLog, of id: MemberID, at time: Int) throws {
        for entry in entries {
            while appended.count <= entry.index { appended.append([]) }
            let previousTerm = log.term(at: entry.index - 1)
            guard let place = appended[entry.index].firstIndex(where: { $0.entry.term == entry.term }) else {
                appended[entry.index].append(Appended(entry: entry, previousTerm: previousTerm))
                continue
            }
            let first = appended[entry.index][place]
            guard first.entry == entry else {
                throw Violation(
                    what: "S\(id)'s log has another entry \(entry.index) of term \(entry.term) than a log before",
                    at: time, member: id)
            }
            if let before = first.previousTerm, let previousTerm, before != previousTerm {
                throw Violation(
                    what: "S\(id)'s log has entry \(entry.index) of term \(entry.term) after one of term "
                        + "\(previousTerm), another log after one of term \(before)",
                    at: time, member: id)
            }
            if first.previousTerm == nil { appended[entry.index][place].previousTerm = previousTerm }
        }
    }

    /// Election safety, and leader completeness: a leader's log has every entry committed before.
    mutating func noteLeader(_ raft: RaftMember, at time: Int) throws {
        if let other = leaders[raft.term], other != raft.id {
            throw Violation(
                what: "S\(other) and S\(raft.id) both lead term \(raft.term)", at: time, member: raft.id)
        }
        leaders[raft.term] = raft.id
        for entry in committed.reversed() {
            guard entry.index > raft.log.shape.snapshotIndex else { break }
            guard raft.log.term(at: entry.index) == entry.term else {
                throw Violation(
                    what: "S\(raft.id) leads term \(raft.term) without the committed entry "
                        + "\(entry.index) of term \(entry.term)", at: time, member: raft.id)
            }
        }
    }

    /// State machine safety: no two members apply different entries at one index.
    mutating func noteApplied(_ entry: Entry, by id: MemberID, at time: Int) throws {
        if entry.index <= committed.count {
            guard committed[entry.index - 1] == entry else {
                throw Violation(
                    what: "S\(id) applies another entry at \(entry.index) than was applied before",
                    at: time, member: id)
            }
        } else {
            guard entry.index == committed.count + 1 else {
                throw Violation(
                    what: "S\(id) applies \(entry.index), but \(committed.count + 1) was never applied",
                    at: time, member: id)
            }
            committed.append(entry)
        }
    }
}
