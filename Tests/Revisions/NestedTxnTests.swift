import Revisions
import Testing

/// Transactions in transactions, as etcd does them: all comparisons first, then all checks, then the changes.
@Suite struct NestedTxnTests {
    private func txn(
        if comparisons: [Comparison] = [], _ success: [Request], else failure: [Request] = []
    ) -> Request {
        .txn(TxnRequest(comparisons: comparisons, success: success, failure: failure))
    }

    private func isNew(_ key: String) -> Comparison {
        Comparison(range: .init(key), relation: .equal, operand: .version(0))
    }

    private func delete(_ key: String, to end: String = "") -> Request {
        .delete(DeleteRequest(range: .init(key, to: end)))
    }

    @Test func `a comparison inside sees the state before the outer transaction`() throws {
        var store = Keyspace()
        let inner = txn(
            if: [isNew("a")], [.put(.of("saw", "the state before"))],
            else: [.put(.of("saw", "the put"))])
        _ = try store.apply(txn([.put(.of("a", "1")), inner]))
        #expect(try store.text("saw") == "the state before")
        // Also one transaction further in, and after a deletion.
        _ = try store.apply(
            txn([delete("a"), txn([txn(if: [isNew("a")], [.put(.of("gone", "1"))])])]))
        #expect(try store.get("gone") == nil && store.get("a") == nil)
    }

    @Test func `a key that is deleted and made again in one transaction has nothing before it`() throws {
        var store = Keyspace()
        try store.put("a", "1")
        // etcd takes a deletion of all keys from one on for one that overlaps no put.
        _ = try store.apply(txn([delete("a", to: "\0"), .put(.of("a", "2"))]))
        let events = try store.events(from: 3, matching: .init("a"), withPrevious: true)
        #expect(events.map(\.isDelete) == [true, false])
        #expect(events.map { $0.previous?.modRevision } == [2, nil])
    }

    @Test func `branches that exclude each other may name the same key`() throws {
        var store = Keyspace()
        for _ in 0..<2 {
            _ = try store.apply(
                txn([txn(if: [isNew("a")], [.put(.of("a", "1"))], else: [delete("a")])]))
            _ = try store.apply(
                txn([txn(if: [isNew("b")], [.put(.of("b", "1"))], else: [.put(.of("b", "2"))])]))
        }
        #expect(try store.get("a") == nil && store.text("b") == "2" && store.revision == 5)
    }

    @Test func `what one revision can't hold is refused, however deep, and nothing of it is done`()
        throws
    {
        var store = Keyspace()
        try store.put("a", "1")
        let before = store.archived
        let (first, second) = (Request.put(.of("a", "2")), Request.put(.of("a", "3")))
        let refused = [
            [first, txn([second])], [txn([first]), txn([second])],
            [txn([first]), txn([], else: [second])],
            [delete("a"), txn([txn([], else: [first])])], [txn([delete("Z", to: "b")]), first],
            [txn([delete("a")]), txn([first])],
            [delete("a", to: "a1"), delete("a0", to: "c"), first],
        ]
        for operations in refused {
            #expect(throws: RevisionError.duplicateKey) { try store.apply(txn(operations)) }
        }
        #expect(store.archived == before)
        // A deletion beside it, an empty range, and (as with etcd 3.4) what the first of two inner ones has put.
        let taken = [
            [delete("a0", to: "c"), first], [delete("b", to: "a"), first],
            [txn([first]), txn([delete("a")])],
        ]
        for operations in taken { _ = try store.apply(txn(operations)) }
        #expect(try store.get("a") == nil && store.revision == 5)
    }

    @Test func `whatever fails inside fails before anything is stored`() throws {
        var store = Keyspace()
        try store.put("a", "1")
        let before = store.archived
        var keeping = PutRequest(key: Key("missing"), value: [])
        keeping.ignoresValue = true
        var future = RangeRequest(range: .init("a"))
        future.revision = 3
        let faults: [(Request, RevisionError)] = [
            (.put(.of("b", "1", lease: 99)), .leaseNotFound), (.put(keeping), .keyNotFound),
            (.range(future), .futureRevision), (.put(.of("", "1")), .emptyKey),
        ]
        for (fault, error) in faults {
            #expect(throws: error) {
                try store.apply(txn([.put(.of("c", "1")), txn([txn([fault])])]))
            }
        }
        #expect(store.archived == before && store.revision == 2)
        // In the branch that is not taken, it is no fault.
        for (fault, _) in faults.prefix(3) {
            _ = try store.apply(txn([.put(.of("c", "1")), txn([], else: [fault])]))
        }
        #expect(store.revision == 5)
    }

    @Test(arguments: [
        (3, 125, true), (3, 126, false), (128, 0, true), (129, 0, false), (1, 127, true),
    ])
    func `an inner transaction has as many operations as its outer one leaves`(
        outer: Int, inner: Int, isTaken: Bool
    ) throws {
        var store = Keyspace()
        let puts = (0..<inner).map { Request.put(.of("i\($0)", "1")) }
        let rest = (1..<outer).map { Request.put(.of("o\($0)", "1")) }
        let request = txn([txn(puts)] + rest)
        if isTaken {
            _ = try store.apply(request)
        } else {
            #expect(throws: RevisionError.tooManyOperations) { try store.apply(request) }
        }
        #expect(store.keyCount == (isTaken ? outer - 1 + inner : 0))
    }
}
