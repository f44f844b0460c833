import Revisions
import Testing

/// The rules of etcd's KV: a change is a revision, a key counts its versions, and the past stays until it is compacted.
@Suite struct KeyspaceTests {
    @Test func `an empty store is at revision 1, and every change makes the next one`() throws {
        var store = Keyspace()
        #expect(store.revision == 1)
        #expect(try store.put("a", "1") == 2)
        #expect(try store.put("b", "1") == 3)
        #expect(try store.delete("a") == 1 && store.revision == 4)
        // What changes nothing makes none: a read, or a deletion of what is not there.
        #expect(try store.delete("missing") == 0)
        #expect(try store.get("b") != nil)
        #expect(store.revision == 4)
    }

    @Test func `a key counts its versions from its creation, and begins anew after a deletion`() throws {
        var store = Keyspace()
        for value in ["1", "2", "3"] { try store.put("a", value) }
        let third = try #require(try store.get("a"))
        #expect([third.createRevision, third.modRevision, third.version] == [2, 4, 3])
        try store.delete("a")
        #expect(try store.get("a") == nil)
        try store.put("a", "4")
        let again = try #require(try store.get("a"))
        #expect([again.createRevision, again.modRevision, again.version] == [6, 6, 1])
    }

    @Test func `the past can be read, the future can't`() throws {
        var store = Keyspace()
        try store.put("a", "1")
        try store.put("a", "2")
        try store.delete("a")
        #expect(try (1...4).map { try store.text("a", at: $0) } == [nil, "1", "2", nil])
        #expect(throws: RevisionError.futureRevision) { try store.get("a", at: 5) }
    }

    @Test func `ranges go in the order of the bytes, and a limit tells that there is more`() throws {
        var store = Keyspace()
        for key in ["b", "a/2", "a", "a/10", "c"] { try store.put(key, key) }
        var request = RangeRequest(range: .init("a/", to: "a0"))
        #expect(try store.keys(request) == ["a/10", "a/2"])
        request = RangeRequest(range: .from("a/2"))
        #expect(try store.keys(request) == ["a/2", "b", "c"])
        request.limit = 2
        let two = try store.range(request)
        #expect(two.kvs.count == 2 && two.more && two.count == 3)
        (request.limit, request.order, request.target) = (1, .descending, .mod)
        #expect(try store.keys(request) == ["c"])
        // Sorted by anything but the key, the order is ascending where none is named.
        (request.limit, request.order, request.modRevisionMax) = (0, .none, 3)
        #expect(try store.keys(request) == ["b", "a/2"])
        request.target = .key
        #expect(try store.keys(request) == ["a/2", "b"])
        request.keysOnly = true
        #expect(try store.range(request).kvs.allSatisfy { $0.value.isEmpty })
        request = RangeRequest(range: .from("a"))
        request.countOnly = true
        let counted = try store.range(request)
        #expect(counted.count == 5 && counted.kvs.isEmpty)
    }

    @Test func `a put may keep the value or the lease that is there, and tells what was before`() throws {
        var store = Keyspace()
        try store.grantLease(id: 7, ttl: 60)
        try store.put("a", "1", lease: 7)
        var put = PutRequest(key: Key("a"), value: [])
        (put.ignoresValue, put.wantsPrevious) = (true, true)
        guard case .put(let previous, 3) = try store.apply(.put(put)) else {
            Issue.record("no put of revision 3")
            return
        }
        #expect(previous?.modRevision == 2 && previous?.lease == 7)
        let kept = try #require(try store.get("a"))
        #expect(kept.value == Array("1".utf8) && kept.lease == 0)
        put.key = Key("missing")
        #expect(throws: RevisionError.keyNotFound) { try store.apply(.put(put)) }
        put.value = [1]
        #expect(throws: RevisionError.valueProvided) { try store.apply(.put(put)) }
        #expect(throws: RevisionError.emptyKey) { try store.put("", "x") }
        #expect(store.revision == 3)
    }

    // MARK: Compaction

    @Test func `a compaction forgets the history before it and keeps the state at it`() throws {
        var store = Keyspace()
        for value in ["1", "2", "3"] { try store.put("a", value) }
        try store.put("gone", "x")
        try store.delete("gone")
        try store.compact(to: 3)
        #expect(throws: RevisionError.compacted) { try store.get("a", at: 2) }
        #expect(try store.text("a", at: 3) == "2" && store.text("a", at: 4) == "3")
        #expect(try store.text("gone", at: 5) == "x")
        #expect(throws: RevisionError.compacted) { try store.compact(to: 3) }
        #expect(throws: RevisionError.futureRevision) { try store.compact(to: 7) }
        // A deletion stays as long as it is the first change that a watch may ask for.
        try store.compact(to: 6)
        let deletion = try store.events(from: 6, matching: .init("gone"), withPrevious: false)
        #expect(deletion.map(\.isDelete) == [true] && store.keyCount == 2)
        try store.put("b", "1")
        try store.compact(to: 7)
        #expect(store.keyCount == 2 && store.compactRevision == 7)
        #expect(try store.keys(RangeRequest(range: .from("a"))) == ["a", "b"])
        #expect(try store.text("a") == "3" && store.revision == 7)
    }

    @Test func `a watch is told every change since a revision, unless they are compacted`() throws {
        var store = Keyspace()
        try store.put("a", "1")
        try store.put("other", "x")
        try store.put("a", "2")
        try store.delete("a")
        let events = try store.events(from: 3, matching: .init("a"), withPrevious: true)
        #expect(events.map(\.isDelete) == [false, true])
        #expect(events.map(\.kv.modRevision) == [4, 5])
        #expect(events.map { $0.previous.map { String(decoding: $0.value, as: UTF8.self) } } == ["1", "2"])
        try store.compact(to: 4)
        #expect(throws: RevisionError.compacted) {
            try store.events(from: 3, matching: .init("a"), withPrevious: false)
        }
        #expect(try store.events(from: 4, matching: .init("a"), withPrevious: false).count == 2)
    }

    // MARK: Leases

    @Test func `a lease takes its keys with it, at one revision`() throws {
        var store = Keyspace()
        try store.grantLease(id: 7, ttl: 60)
        #expect(throws: RevisionError.leaseExists) { try store.grantLease(id: 7, ttl: 5) }
        #expect(throws: RevisionError.leaseNotFound) { try store.put("a", "1", lease: 8) }
        for key in ["a", "b", "kept", "deleted"] { try store.put(key, "1", lease: 7) }
        // A put without the lease takes the key out of it, and so does a deletion.
        try store.put("kept", "2")
        try store.delete("deleted")
        #expect(store.leases[7]?.keys == [Key("a"), Key("b")])
        let before = store.revision
        try store.revokeLease(id: 7)
        #expect(store.revision == before + 1 && store.leases.isEmpty)
        #expect(try store.keys(RangeRequest(range: .from("a"))) == ["kept"])
        let events = try store.events(from: before + 1, matching: .from("a"), withPrevious: false)
        #expect(events.map(\.kv.key) == [Key("a"), Key("b")] && events.allSatisfy(\.isDelete))
        #expect(throws: RevisionError.leaseNotFound) { try store.revokeLease(id: 7) }
        // The end of a lease without keys changes nothing that has a revision.
        try store.grantLease(id: 9, ttl: 60)
        try store.revokeLease(id: 9)
        #expect(store.revision == before + 1)
    }
}
