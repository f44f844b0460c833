import ContractRaft

/// Which disk each member of the cluster writes to, as a member remembers it on its own.
///
/// Raft trusts that nobody forgets what it said: its term, its vote, the entries it acknowledged. A member whose disk
/// was emptied has forgotten all of it, and with its vote a majority could be found that has not seen what was
/// acknowledged. So every disk gets a random number when it is first used, members tell each other theirs, and
/// remember them: one that comes back with another disk is not the member that it says it is.
public struct Roster: Sendable {
    public enum Verdict: Hashable, Sendable {
        case known
        /// It was never seen: remember it, then let it in.
        case new
        /// Another disk was known under this name.
        case impostor
    }

    private var disks: [MemberID: Int]

    public init(disks: [MemberID: Int] = [:]) { self.disks = disks }

    public func judge(_ member: MemberID, disk: Int) -> Verdict {
        guard let known = disks[member] else { return .new }
        return known == disk ? .known : .impostor
    }

    public mutating func remember(_ member: MemberID, disk: Int) { disks[member] = disk }
}

/// How a member with an empty disk finds out whether it is new, or has forgotten.
///
/// Until it knows, it says nothing in Raft's name. All the others know it if it ever counted for anything, so one
/// that knows another disk under its name is enough to refuse it. It is let in once all have welcomed it, or, for
/// members may be down when a cluster first starts, a majority has and the rest stayed silent for some time.
public struct Admission: Sendable {
    private let others: Set<MemberID>
    private let startedAt: Int
    private var welcomedBy: Set<MemberID> = []

    public static let silenceMilliseconds = 2000

    public init(others: [MemberID], now: Int) { (self.others, startedAt) = (Set(others), now) }

    public mutating func welcomed(by member: MemberID) { welcomedBy.insert(member) }

    public func isAdmitted(now: Int) -> Bool {
        if welcomedBy.isSuperset(of: others) { return true }
        let isMajority = 2 * (welcomedBy.count + 1) > others.count + 1
        return isMajority && now - startedAt >= Self.silenceMilliseconds
    }
}
