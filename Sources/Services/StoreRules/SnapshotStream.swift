import Bytes
import ContractRaft

/// Which state a snapshot is of: that after one entry of the log, the same on every member.
public struct SnapshotName: Hashable, Sendable {
    public var index: Int
    public var term: Int
    public init(index: Int, term: Int) { (self.index, self.term) = (index, term) }
}

/// A state of any size, cut into pieces of a bounded size, each made when it is asked for.
public protocol SnapshotPieces: Sendable {
    var count: Int { get }
    func piece(_ number: Int) -> [UInt8]
}

/// What leader and follower say to each other while a snapshot is on its way.
///
/// The follower sets the pace: the leader *offers*, the follower *asks* for some pieces, and asks for the next when
/// it has them. So nobody is sent more than it can take, entries and heartbeats pass between the pieces, and after a
/// lost connection the follower asks on from where it is.
public struct SnapshotMessage: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        case offer(pieces: Int)
        /// The numbers wanted. None: the follower has all of them and works on them.
        case ask([Int])
        case piece(Int, bytes: [UInt8])
    }

    public var from: MemberID
    public var to: MemberID
    /// The term in which the leader leads.
    public var term: Int
    public var name: SnapshotName
    public var body: Body
}

/// The leader's side.
struct SnapshotSender: Sendable {
    private(set) var archive: (name: SnapshotName, pieces: any SnapshotPieces)?
    /// The snapshot being made.
    private(set) var making: SnapshotName?
    /// Who waits for it to be made.
    private var wanted: Set<MemberID> = []
    private struct Receiver {
        var heardAt: Int
        var offeredAt: Int
    }
    private var receivers: [MemberID: Receiver] = [:]

    static let offerEveryMilliseconds = 1000
    /// A follower that neither asks nor says that it is at work is given up.
    static let silenceMilliseconds = 10_000

    /// The log must not be cut behind this: whoever gets the snapshot needs what follows it.
    var floor: Int? {
        [making?.index, receivers.isEmpty ? nil : archive?.name.index].compactMap { $0 }.min()
    }

    /// - Returns: whether one is to be made, with this name.
    mutating func want(_ member: MemberID, present: SnapshotName) -> SnapshotName? {
        wanted.insert(member)
        guard making == nil else { return nil }
        making = present
        return present
    }

    /// - Returns: for whom it was made.
    mutating func made(_ name: SnapshotName, _ pieces: any SnapshotPieces, now: Int) -> [MemberID] {
        guard making == name else { return [] }
        making = nil
        archive = (name, pieces)
        defer { wanted = [] }
        for member in wanted { begin(member, now: now) }
        return wanted.sorted()
    }

    mutating func begin(_ member: MemberID, now: Int) {
        receivers[member] = Receiver(heardAt: now, offeredAt: now - Self.offerEveryMilliseconds)
    }

    /// The pieces that a follower asked for.
    mutating func asked(_ numbers: [Int], of name: SnapshotName, by member: MemberID, now: Int)
        -> [(number: Int, bytes: [UInt8])]
    {
        guard let archive, archive.name == name, receivers[member] != nil else { return [] }
        receivers[member]!.heardAt = now
        // A follower at work needs no offer; it is offered again when it falls silent.
        receivers[member]!.offeredAt = now
        let legal = numbers.prefix(SnapshotReceiver.window).filter {
            (0..<archive.pieces.count).contains($0)
        }
        return legal.map { ($0, archive.pieces.piece($0)) }
    }

    /// Offers that are due, and followers that are given up.
    ///
    /// - Parameter isWaiting: whether a follower still lacks the snapshot.
    mutating func tick(now: Int, isWaiting: (MemberID) -> Bool) -> (
        offers: [MemberID], silent: [MemberID]
    ) {
        var (offers, silent): ([MemberID], [MemberID]) = ([], [])
        for member in receivers.keys.sorted() {
            if !isWaiting(member) {
                receivers[member] = nil
            } else if now - receivers[member]!.heardAt > Self.silenceMilliseconds {
                receivers[member] = nil
                silent.append(member)
            } else if now - receivers[member]!.offeredAt >= Self.offerEveryMilliseconds {
                receivers[member]!.offeredAt = now
                offers.append(member)
            }
        }
        if receivers.isEmpty { archive = nil }
        return (offers, silent)
    }
}

/// The follower's side: one snapshot at a time, the one that was offered last.
struct SnapshotReceiver: Sendable {
    private struct Incoming {
        var leader: MemberID
        var term: Int
        var name: SnapshotName
        var pieces: [[UInt8]?]
        /// All before it are here.
        var next = 0
        var asked: [Int] = []
        var askedAt = 0
    }
    private var incoming: Incoming?

    /// How many pieces are asked for at a time.
    static let window = 8
    static let askAgainMilliseconds = 500

    /// What is to be asked of whom.
    struct Ask {
        var leader: MemberID
        var term: Int
        var name: SnapshotName
        var numbers: [Int]
    }

    mutating func offered(
        _ name: SnapshotName, pieces: Int, by leader: MemberID, term: Int, now: Int
    ) -> Ask? {
        if let incoming, term < incoming.term { return nil }
        if incoming?.name != name || incoming?.pieces.count != pieces {
            guard pieces > 0, pieces < 1 << 24 else { return nil }
            incoming = Incoming(
                leader: leader, term: term, name: name, pieces: Array(repeating: nil, count: pieces)
            )
        }
        // Another leader may have the same state: then what is here already stays good.
        (incoming!.leader, incoming!.term) = (leader, term)
        return ask(now: now)
    }

    /// The next pieces that are missing; no numbers where none is.
    private mutating func ask(now: Int) -> Ask? {
        guard var incoming else { return nil }
        let missing = (incoming.next..<incoming.pieces.count).lazy.filter {
            incoming.pieces[$0] == nil
        }
        incoming.asked = Array(missing.prefix(Self.window))
        incoming.askedAt = now
        self.incoming = incoming
        return Ask(
            leader: incoming.leader, term: incoming.term, name: incoming.name,
            numbers: incoming.asked)
    }

    /// - Returns: what to ask next, or all pieces, once the last is there.
    mutating func received(_ number: Int, _ bytes: [UInt8], of name: SnapshotName, now: Int) -> (
        ask: Ask?, whole: [[UInt8]]?
    ) {
        guard incoming?.name == name, incoming!.pieces.indices.contains(number),
            incoming!.pieces[number] == nil
        else { return (nil, nil) }
        incoming!.pieces[number] = bytes
        incoming!.asked.removeAll { $0 == number }
        while incoming!.next < incoming!.pieces.count, incoming!.pieces[incoming!.next] != nil {
            incoming!.next += 1
        }
        if incoming!.next == incoming!.pieces.count { return (nil, incoming!.pieces.map { $0! }) }
        return (incoming!.asked.isEmpty ? ask(now: now) : nil, nil)
    }

    /// Asks again where an answer was lost.
    mutating func tick(now: Int) -> Ask? {
        guard let incoming, !incoming.asked.isEmpty,
            now - incoming.askedAt >= Self.askAgainMilliseconds
        else { return nil }
        return ask(now: now)
    }

    /// Whose snapshot this is; nil where it is no longer the one that is wanted.
    func source(of name: SnapshotName) -> (leader: MemberID, term: Int)? {
        guard let incoming, incoming.name == name else { return nil }
        return (incoming.leader, incoming.term)
    }

    /// It is installed, or it can't be used.
    mutating func forget() { incoming = nil }
}
