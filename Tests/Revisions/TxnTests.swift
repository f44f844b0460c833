import Revisions
import Testing

@Suite struct TxnTests {
    /// A store where `a` was put twice (revisions 2 and 3), the second time with lease 7, and `b` once.
    private func store() throws -> Keyspace {
        var store = Keyspace()
        try store.grantLease(id: 7, ttl: 60)
        try store.put("a", "1")
        try store.put("a", "2", lease: 7)
        try store.put("b", "1")
        return store
    }

    private func holds(
        _ range: KeyRange, _ relation: Comparison.Relation, _ operand: Comparison.Operand
    ) throws -> Bool {
        var store = try store()
        let comparison = Comparison(range: range, relation: relation, operand: operand)
        let txn = TxnRequest(comparisons: [comparison], success: [], failure: [])
        guard case .txn(let succeeded, _, 4) = try store.apply(.txn(txn)) else {
            Issue.record("a transaction that changes nothing made a revision")
            return false
        }
        return succeeded
    }

    @Test func `a comparison looks at version, revisions, value or lease`() throws {
        let a = KeyRange("a")
        #expect(try holds(a, .equal, .version(2)) && !holds(a, .notEqual, .version(2)))
        #expect(try holds(a, .equal, .create(2)) && holds(a, .equal, .mod(3)))
        #expect(try holds(a, .greater, .mod(2)) && !holds(a, .greater, .mod(3)))
        #expect(try holds(a, .less, .mod(4)) && !holds(a, .less, .mod(3)))
        #expect(try holds(a, .equal, .value([50])) && holds(a, .greater, .value([49, 57])))
        #expect(try holds(a, .equal, .lease(7)) && !holds(KeyRange("b"), .equal, .lease(7)))
    }

    @Test func `a missing key counts as all zeros, but has no value to compare`() throws {
        let missing = KeyRange("missing")
        #expect(try holds(missing, .equal, .version(0)) && holds(missing, .equal, .create(0)))
        #expect(try !holds(missing, .greater, .mod(0)))
        #expect(try !holds(missing, .equal, .value([])) && !holds(missing, .notEqual, .value([1])))
    }

    @Test func `over a range it has to hold for every key`() throws {
        #expect(try holds(.from("a"), .greater, .mod(2)))
        #expect(try !holds(.from("a"), .greater, .mod(3)))
    }

    @Test func `all changes of a transaction have one revision, and it sees its own`() throws {
        var store = try store()
        let txn = TxnRequest(
            comparisons: [],
            success: [
                .put(.of("c", "1")), .range(RangeRequest(range: .init("c"))),
                .delete(DeleteRequest(range: .init("a"))), .put(.of("d", "1")),
            ], failure: [.put(.of("never", "1"))])
        guard case .txn(true, let results, 5) = try store.apply(.txn(txn)),
            case .range(let seen) = results[1]
        else {
            Issue.record("no transaction of revision 5")
            return
        }
        #expect(seen.kvs.first?.modRevision == 5 && store.revision == 5)
        #expect(try store.keys(RangeRequest(range: .from("a"))) == ["b", "c", "d"])
        let events = try store.events(from: 5, matching: .from("a"), withPrevious: false)
        #expect(events.map(\.kv.key) == [Key("c"), Key("a"), Key("d")])
        #expect(events.allSatisfy { $0.kv.modRevision == 5 })
    }

    @Test func `the branch that is not taken changes nothing`() throws {
        var store = try store()
        let isNew = Comparison(range: .init("a"), relation: .equal, operand: .version(0))
        let txn = TxnRequest(
            comparisons: [isNew], success: [.put(.of("a", "stolen"))],
            failure: [.range(RangeRequest(range: .init("a")))])
        guard case .txn(false, let results, 4) = try store.apply(.txn(txn)),
            case .range(let seen) = results[0]
        else {
            Issue.record("the comparison held")
            return
        }
        #expect(seen.kvs.first?.value == Array("2".utf8))
    }

    @Test func `a transaction that is refused changes nothing at all`() throws {
        var store = try store()
        let before = store
        func refuses(_ error: RevisionError, _ operations: [Request]) {
            let txn = TxnRequest(comparisons: [], success: operations, failure: [])
            #expect(throws: error) { try store.apply(.txn(txn)) }
        }
        let (first, second) = (Request.put(.of("c", "1")), Request.put(.of("c", "2")))
        refuses(.duplicateKey, [first, second])
        refuses(.duplicateKey, [first, .delete(DeleteRequest(range: .init("b", to: "d")))])
        refuses(.leaseNotFound, [first, .put(.of("d", "1", lease: 99))])
        refuses(.emptyKey, [first, .put(.of("", "1"))])
        refuses(.tooManyOperations, (0...128).map { .put(.of("k\($0)", "1")) })
        #expect(store.revision == before.revision && store.archived == before.archived)
    }
}
