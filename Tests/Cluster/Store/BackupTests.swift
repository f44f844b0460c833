import Foundation
import Linux
import Testing

/// Snapshots in files, and what whoever watches over a member is told.
@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct BackupTests {
    private func restore(_ snapshot: String, _ id: Int, of rig: StoreRig) throws -> (
        succeeded: Bool, words: String
    ) {
        let result = try capture(
            StoreRig.program,
            [
                "raft", "restore", "--snapshot", snapshot, "--id", "\(id)", "--data",
                rig.directory(id), "--cluster", rig.cluster,
            ])
        return (
            result.ending.succeeded,
            String(decoding: result.output + result.errors, as: UTF8.self)
        )
    }

    @Test func `what etcdctl saved becomes a cluster with the same history`() throws {
        let folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-backup-")
        defer { try? Files.removeTree(folder) }
        let snapshot = "\(folder)/snapshot"
        let old = try StoreRig(.ours, members: 1)
        #expect(try old.waitUntilReady())
        let lease = try old.grantLease(seconds: 9000)
        for number in 0..<50 { #expect(try old.put("b/\(number % 20)", "\(number)")) }
        #expect(try old.put("leased", "x", "--lease", lease))
        _ = try old.etcdctl("compaction", "20")
        let said = try old.etcdctl("snapshot", "save", snapshot)
        #expect(Files.exists(snapshot), "\(said)")
        #expect(try Files.list(old.directory(1)).allSatisfy { !$0.hasPrefix("backup-") })
        func everything(_ rig: StoreRig) throws -> String {
            try rig.etcdctl("get", "", "--prefix", "-w", "fields").split(separator: "\n").filter {
                !$0.contains("ClusterID") && !$0.contains("MemberID") && !$0.contains("RaftTerm")
            }.joined(separator: "\n")
        }
        let whole = try everything(old)
        let new = try StoreRig(.ours, members: 3, absent: [1, 2, 3])
        for id in 1...3 {
            let made = try restore(snapshot, id, of: new)
            #expect(made.succeeded, "\(made.words)")
        }
        #expect(try restore(snapshot, 1, of: new).words.contains("holds a store already"))
        for id in 1...3 { try new.start(id) }
        let isWhole = try Linux.eventually(within: 20_000, every: 100) {
            try everything(new) == whole
        }
        #expect(isWhole)
        #expect(try new.etcdctl("get", "b/1", "--rev", "19").contains("compacted"))
        #expect(try new.etcdctl("lease", "timetolive", lease, "--keys").contains("leased"))
        new.kill(1)
        #expect(try new.put("b/after", "x", at: "\(new.endpoint(2)),\(new.endpoint(3))"))
    }

    @Test func `a damaged snapshot and one of etcd's are refused`() throws {
        let folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-backup-")
        defer { try? Files.removeTree(folder) }
        for kind in [StoreRig.Kind.ours, .etcd] {
            let rig = try StoreRig(kind, members: 1)
            #expect(try rig.waitUntilReady())
            let snapshot = "\(folder)/\(kind)"
            _ = try rig.etcdctl("snapshot", "save", snapshot)
            var bytes = try Files.read(snapshot)
            if kind == .ours {
                bytes[bytes.count / 2] ^= 1
                try Data(bytes).write(to: URL(fileURLWithPath: snapshot))
            }
            let new = try StoreRig(.ours, members: 1, absent: [1])
            let made = try restore(snapshot, 1, of: new)
            #expect(!made.succeeded && !Files.exists(new.directory(1)))
            let words = kind == .ours ? "its checksum is another one" : "no snapshot of this store"
            #expect(made.words.contains(words), "\(made.words)")
        }
    }

    @Test func `health, version and figures are answered over HTTP`() throws {
        let port = try freePort()
        let rig = try StoreRig(.ours, members: 1, options: ["--metrics", "127.0.0.1:\(port)"])
        #expect(try rig.waitUntilReady())
        func ask(_ path: String) throws -> String {
            let script =
                "exec 3<>/dev/tcp/127.0.0.1/\(port)"
                + " && printf 'GET \(path) HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"
            let result = try capture("/bin/bash", ["bash", "-c", script])
            return String(decoding: result.output, as: UTF8.self)
        }
        let health = try ask("/health")
        #expect(health.contains(" 200 OK") && health.hasSuffix("{\"health\":\"true\"}"))
        #expect(try ask("/version").contains("\"etcdserver\":\"3.4.0\""))
        let figures = try ask("/metrics")
        #expect(figures.contains("\netcd_server_has_leader 1\n"))
        #expect(figures.contains("\netcd_server_leader_changes_seen_total 1\n"))
        #expect(try ask("/else").contains(" 404 "))
    }
}
