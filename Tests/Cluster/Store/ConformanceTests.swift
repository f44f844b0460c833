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
            let mine = try answer(of: ours, arguments, input)
            let theirs = try answer(of: etcd, arguments, input)
            #expect(mine == theirs, "\(arguments) \(input)")
        }
    }

    @Test func `watchers hear the same history from ours as from etcd`() throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 1), try StoreRig(.etcd, members: 1))
        var heard: [String] = []
        for rig in [ours, etcd] {
            #expect(try rig.waitUntilReady())
            for step in [["put", "x/1", "a"], ["put", "x/1", "b"], ["put", "y", "c"], ["del", "x/1"]] {
                _ = try answer(of: rig, step, "")
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

    /// Which member answered, and in which term, may differ; nothing else.
    private func answer(of rig: StoreRig, _ arguments: [String], _ input: String) throws -> String {
        let result = try capture(
            "/usr/bin/env",
            ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", rig.endpoints, "-w", "json"] + arguments,
            input: Array(input.utf8))
        guard result.ending.succeeded else {
            return String(decoding: result.errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
                ?? ""
        }
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map { line in
            guard var answer = try? JSON(parsing: Array(line.utf8)) else { return String(line) }
            for field in ["cluster_id", "member_id", "raft_term"] {
                answer["header"]?[field] = nil
                answer[field] = nil
            }
            return answer.text
        }.joined(separator: "\n")
    }
}
