import Foundation
import Linux
import Testing

@Suite(
    .serialized,
    .enabled(if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct StoreProcessTests {
    @Test func `acknowledged writes survive SIGKILL of the members one by one and of all three`() throws {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        var acknowledged: [String] = []
        for number in 0..<60 {
            if number % 15 == 5 { rig.kill(number / 15 % 3 + 1) }
            if number % 15 == 10 { try rig.start(number / 15 % 3 + 1) }
            if number == 44 {
                for id in 1...3 { rig.kill(id) }
                for id in 1...3 { try rig.start(id) }
            }
            let key = "w/\(number)"
            if try rig.etcdctl("put", key, "value \(number)") == "OK\n" { acknowledged.append(key) }
        }
        for id in 1...3 { rig.kill(id) }
        for id in 1...3 { try rig.start(id) }
        #expect(try rig.waitUntilReady())
        #expect(acknowledged.count > 40)
        for id in 1...3 {
            let keys = try rig.etcdctl("get", "--prefix", "w/", "--keys-only", at: rig.endpoint(id))
            let present = Set(keys.split(separator: "\n").map(String.init))
            #expect(acknowledged.filter { !present.contains($0) } == [], "at member \(id)")
        }
    }

    @Test func `half a write at the end of a member's file is dropped, and all before it is there`() throws {
        let rig = try StoreRig(.ours, members: 1)
        #expect(try rig.waitUntilReady())
        for number in 0..<20 { #expect(try rig.put("t/\(number)", "x")) }
        rig.kill(1)
        // A crash in the middle of a write leaves its beginning: here of a page that is like the last one.
        let journal = try Files.read(rig.journal(1))
        try #require(journal.count > 4096)
        let file = try #require(FileHandle(forWritingAtPath: rig.journal(1)))
        try file.seekToEnd()
        try file.write(contentsOf: journal.suffix(4096 + 24).prefix(3000))
        try file.close()
        try rig.start(1)
        #expect(try rig.waitUntilReady())
        let keys = try rig.etcdctl("get", "--prefix", "t/", "--keys-only").split(separator: "\n")
        #expect(keys.count == 20)
    }

    @Test func `without a quorum a write fails within five seconds and says why`() throws {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        rig.kill(1)
        rig.kill(2)
        let start = Clock.monotonicMilliseconds()
        let answer = try rig.etcdctl("--command-timeout=8s", "put", "a", "b", at: rig.endpoint(3))
        #expect(
            answer == "Error: rpc error: code = Unavailable desc = etcdserver: request timed out "
                + "(no quorum: 1 of 3 members reachable, 2 needed)")
        #expect(Clock.monotonicMilliseconds() - start < 6000)
        let stale = try rig.etcdctl("get", "--consistency=s", "ready", at: rig.endpoint(3))
        #expect(stale == "ready\nyes\n")
    }

    @Test func `a member that was away learns what it missed`() throws {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        rig.kill(3)
        let answers = try (0..<20).map { try rig.etcdctl("put", "k/\($0)", "x", at: rig.endpoint(1)) }
        let acknowledged = answers.count { $0 == "OK\n" }
        #expect(acknowledged > 15)
        try rig.start(3)
        var count = 0
        for _ in 0..<50 where count < acknowledged {
            usleep(100_000)
            count = try rig.etcdctl(
                "get", "--prefix", "k/", "--keys-only", "--consistency=s", at: rig.endpoint(3)
            ).split(separator: "\n").count
        }
        #expect(count >= acknowledged)
    }
}
