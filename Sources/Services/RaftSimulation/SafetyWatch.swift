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

    /// State machine safety: no two members apply different entries at one index. Since entries carry their
    /// term, this is log matching too, as far as logs are committed.
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
