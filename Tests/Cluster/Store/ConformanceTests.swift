import Foundation
import JSON
import Linux
import Testing

/// The same requests, in the same order, to a fresh store of ours and a fresh etcd; the answers are compared.
@Suite(
    .serialized,
    .enabled(if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct ConformanceTests {
    /// etcdctl's arguments, and what it reads from its standard input.
    static let script: [(arguments: [String], input: String)] = [
        (["put", "a", "1"], ""), (["put", "a", "2", "--prev-kv"], ""), (["put", "b", ""], ""),
        (["get", "a"], ""), (["get", "missing"], ""), (["get", "", "--prefix"], ""),
        (["get", "a", "--rev", "2"], ""), (["get", "a", "--rev", "99"], ""),
        (["get", "a", "c", "--limit", "1"], ""), (["get", "a", "c", "--keys-only"], ""),
        (["get", "a", "c", "--order", "DESCEND", "--sort-by", "MODIFY"], ""),
        (["get", "", "--from-key", "--order", "DESCEND"], ""),
        (["put", "c", "x", "--ignore-value"], ""), (["put", "zz", "--ignore-value"], ""),
        (["put", "a", "--ignore-value"], ""), (["put", "d", "1", "--lease", "123"], ""),
        (["del", "b", "--prev-kv"], ""), (["del", "missing"], ""), (["get", "b"], ""),
        (["get", "b", "--rev", "4"], ""), (["put", "b", "again"], ""),
        (["txn"], "ver(\"a\") > \"1\"\n\nput t yes\nget t\nget a\n\nput t no\n\n"),
        (["txn"], "val(\"a\") = \"nothing\"\n\nput t yes\n\nget a c\ndel b\n\n"),
        (["txn"], "mod(\"missing\") = \"0\"\n\nput new 1\n\n\n"),
        (["txn"], "val(\"missing\") != \"x\"\n\nput wrong 1\n\nput right 1\n\n"),
        (["txn"], "\nput twice 1\nput twice 2\n\n\n"),
        (["txn"], "\nput in 1\ndel i j\n\n\n"), (["txn"], "create(\"a\") = \"2\"\n\n\n\n"),
        (["compaction", "5"], ""), (["compaction", "5"], ""), (["compaction", "999"], ""),
        (["get", "a", "--rev", "4"], ""), (["get", "a", "--rev", "5"], ""), (["del", "", "--prefix"], ""),
        (["get", "", "--prefix"], ""), (["lease", "revoke", "77"], ""), (["lease", "timetolive", "77"], ""),
        (["lease", "list"], ""), (["put", "", "x"], ""),
    ]

    @Test func `etcdctl hears the same from ours as from etcd`() throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 1), try StoreRig(.etcd, members: 1))
        #expect(try ours.waitUntilReady())
        #expect(try etcd.waitUntilReady())
        for (arguments, input) in Self.script {
            let mine = try ours.answer(arguments, input)
            let theirs = try etcd.answer(arguments, input)
            #expect(mine == theirs, "\(arguments) \(input)")
        }
    }

    @Test func `watchers hear the same history from ours as from etcd`() throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 1), try StoreRig(.etcd, members: 1))
        var heard: [String] = []
        for rig in [ours, etcd] {
            #expect(try rig.waitUntilReady())
            for step in [["put", "x/1", "a"], ["put", "x/1", "b"], ["put", "y", "c"], ["del", "x/1"]] {
                _ = try rig.answer(step)
            }
            let watch = try capture(
                "/usr/bin/env",
                [
                    "env", "ETCDCTL_API=3", "timeout", "2", "etcdctl", "--endpoints", rig.endpoints,
                    "watch", "x/", "--prefix", "--rev", "1", "--prev-kv",
                ])
            heard.append(String(decoding: watch.output, as: UTF8.self))
        }
        #expect(heard[0] == heard[1])
        #expect(heard[0].contains("DELETE\nx/1\nb\nx/1\n"))
    }

    @Test func `leases are granted, kept alive, asked about and revoked as etcd does it`() throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 1), try StoreRig(.etcd, members: 1))
        var heard: [[String]] = []
        for rig in [ours, etcd] {
            #expect(try rig.waitUntilReady())
            let lease = try rig.grantLease(seconds: 100)
            // Every store draws its leases' numbers; what time is left depends on the moment.
            let script = [
                ["lease", "grant", "100"], ["put", "l/a", "1", "--lease", lease],
                ["put", "l/b", "1", "--lease", lease], ["get", "l/a"], ["put", "l/b", "2"],
                ["lease", "timetolive", lease], ["lease", "timetolive", lease, "--keys"],
                ["lease", "keep-alive", "--once", lease], ["put", "l/c", "1", "--lease", lease],
                ["put", "l/c", "2", "--ignore-lease"], ["lease", "list"], ["lease", "revoke", lease],
                ["get", "l/", "--prefix"], ["lease", "timetolive", lease], ["lease", "revoke", lease],
                ["put", "l/d", "1", "--lease", lease], ["lease", "keep-alive", "--once", lease],
                ["lease", "grant", "9000000001"],
            ]
            heard.append(try script.map { try rig.answer($0, hiding: ["id", "ID", "lease", "ttl"]) })
        }
        for (mine, theirs) in zip(heard[0], heard[1]) { #expect(mine == theirs) }
        // With the lease went all keys but the one that was put without it since.
        let left = try JSON(parsing: Array(heard[0][12].utf8))["kvs"]?.array ?? []
        #expect(left.compactMap { $0["key"]?.string } == [Data("l/b".utf8).base64EncodedString()])
    }

    @Test func `etcdctl sees the members, their status and their health as with etcd`() throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 3), try StoreRig(.etcd, members: 3))
        var heard: [[String]] = []
        for rig in [ours, etcd] {
            #expect(try rig.waitUntilReady())
            let members = try rig.answer(["member", "list"], hiding: ["ID"])
            // etcd lists its members by numbers that it draws.
            heard.append(try JSON(parsing: Array(members.utf8))["members"]!.array!.map(\.text).sorted())
            heard[heard.count - 1].append(
                try rig.answer(
                    ["endpoint", "status"],
                    hiding: [
                        "revision", "version", "dbSize", "dbSizeInUse", "leader", "raftIndex", "raftTerm",
                        "raftAppliedIndex",
                    ]))
            let health = try JSON(parsing: Array(rig.answer(["endpoint", "health"], hiding: ["took"]).utf8))
            heard[heard.count - 1].append(health.array!.map(\.text).sorted().joined())
        }
        #expect(heard[0] == heard[1])
        #expect(heard[0].last!.components(separatedBy: #""health":true"#).count == 4)
        let leader = try ours.leader()
        #expect(leader != nil)
        for rig in [ours, etcd] {
            rig.kill(2)
            let answer = try rig.etcdctl("endpoint", "health", at: rig.endpoint(2))
            #expect(answer == "Error: unhealthy cluster")
        }
    }
}
