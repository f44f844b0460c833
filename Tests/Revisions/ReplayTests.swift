import Revisions
import Simulation
import Testing

/// A keyspace is kept as rows on a disk, and sent as a snapshot: both have to give the same one again.
@Suite struct ReplayTests {
    /// What a seed makes of a store: puts, deletions, leases, compactions.
    private func change(_ store: inout Keyspace, _ dice: inout Dice) throws {
        let key = "k\(dice.roll(0...39))"
        switch dice.roll(0...19) {
        case 0: try? store.compact(to: store.revision - dice.roll(0...9))
        case 1:
            try store.grantLease(id: Int64(store.leases.count * 100 + dice.roll(0...99)), ttl: 60)
        case 2: if let id = store.leases.keys.min() { try store.revokeLease(id: id) }
        case 3...6: try store.delete(key)
        default: try store.put(key, "\(store.revision)", lease: store.leases.keys.max() ?? 0)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what the journal says, written as rows, is the whole store`(seed: UInt64) throws {
        var store = Keyspace()
        var dice = Dice(seed: seed)
        var rows: [[Int]: Change] = [:]
        var leases: [Int64: Int] = [:]
        var compacted = 0
        for _ in 0..<500 {
            try? change(&store, &dice)
            for item in store.takeJournal() {
                switch item {
                case .change(let change):
                    rows[[change.version.modRevision, change.version.sub]] = change
                case .compacted(let revision, let removed):
                    compacted = revision
                    for change in removed {
                        rows[[change.version.modRevision, change.version.sub]] = nil
                    }
                case .leaseGranted(let id, let ttl): leases[id] = ttl
                case .leaseRevoked(let id): leases[id] = nil
                }
            }
        }
        let ordered = rows.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }.map(\.value)
        let again = Keyspace(
            revision: store.revision, compactRevision: compacted, leases: leases, versions: ordered)
        #expect(again.archived == store.archived, "seed \(seed)")
        #expect(again.leases == store.leases && again.changes == store.changes, "seed \(seed)")
        #expect(compacted > 0 && store.revision > 200, "seed \(seed)")
    }

    @Test func `a snapshot in many pieces is whole, or is refused`() throws {
        var store = Keyspace()
        var dice = Dice(seed: 2)
        for _ in 0..<300 { try? change(&store, &dice) }
        let archive = KeyspaceArchive(store, pieceBytes: 4)
        let pieces = (0..<archive.count).map(archive.piece)
        #expect(pieces.count > 10)
        #expect(try Keyspace(archived: pieces).archived == store.archived)
        for lost in pieces.indices {
            var rest = pieces
            rest.remove(at: lost)
            #expect(throws: (any Error).self, "without piece \(lost)") {
                try Keyspace(archived: rest)
            }
        }
    }

    @Test func `a snapshot is the whole store, its past and its leases too`() throws {
        var store = Keyspace()
        var dice = Dice(seed: 1)
        for _ in 0..<300 { try? change(&store, &dice) }
        var again = try Keyspace(archived: store.archived)
        #expect(again.archived == store.archived && again.leases == store.leases)
        let past = store.revision - 1
        let (one, other) = (try? store.get("k1", at: past), try? again.get("k1", at: past))
        #expect(one == other)
        // And it goes on as the other does.
        #expect(try again.put("k1", "next") == store.put("k1", "next"))
        #expect(again.archived == store.archived)
        #expect(throws: (any Error).self) { try Keyspace(archived: []) }
        let whole = store.archived[0]
        #expect(throws: (any Error).self) { try Keyspace(archived: [Array(whole.dropLast())]) }
    }

    @Test func `many keys, put in any order, come in order`() throws {
        var store = Keyspace()
        var dice = Dice(seed: 3)
        var wanted: Set<String> = []
        for _ in 0..<3000 {
            let key = "k\(dice.roll(0...4999))"
            try store.put(key, "x")
            wanted.insert(key)
        }
        for key in wanted.sorted().prefix(1000) {
            try store.delete(key)
            wanted.remove(key)
        }
        wanted.insert("last")
        try store.put("last", "x")
        try store.compact(to: store.revision)
        #expect(try store.keys(RangeRequest(range: .from("a"))) == wanted.sorted())
        #expect(store.keyCount == wanted.count)
    }
}
