import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Linux
import NIOCore
import NIOPosix
import Testing

/// Who may speak with a store that has certificates.
@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct SecurityTests {
    @Test func `members and clients with the store's own certificates understand each other`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3, isSecured: true)
        #expect(try rig.waitUntilReady())
        for id in 1...3 { #expect(try rig.put("s/\(id)", "x", at: "https://\(rig.endpoint(id))")) }
        let leader = try #require(try rig.leader())
        rig.kill(leader)
        #expect(try rig.put("s/after", "x"))
        let pki = try #require(rig.pki)
        let words = [StoreRig.program, "status", "--endpoints", rig.endpoints, "--pki", pki]
        let status = try capture(StoreRig.program, words)
        #expect(String(decoding: status.output, as: UTF8.self).contains(", leads"))
    }

    @Test
    func `a plain client, one without a certificate and one of another authority are refused`()
        throws
    {
        let rig = try StoreRig(.ours, members: 1, isSecured: true)
        #expect(try rig.waitUntilReady())
        let pki = try #require(rig.pki)
        let other = try StoreRig.makeCertificates("\(pki)-other")
        func put(_ flags: [String], scheme: String = "https") throws -> Bool {
            let words =
                ["env", "ETCDCTL_API=3", "etcdctl", "--command-timeout=3s", "--endpoints"]
                + ["\(scheme)://\(rig.endpoint(1))"] + flags + ["put", "stolen", "1"]
            return try capture("/usr/bin/env", words).ending.succeeded
        }
        func flags(ca: String, pair: String?) -> [String] {
            ["--cacert", ca] + (pair.map { ["--cert", "\($0).crt", "--key", "\($0).key"] } ?? [])
        }
        let ca = "\(pki)/store/ca.crt"
        #expect(try !put([], scheme: "http"))
        #expect(try !put(flags(ca: ca, pair: nil)))
        #expect(try !put(flags(ca: ca, pair: "\(other)/store/client")))
        // The cluster's own administrator, a member's link, and the store's server certificate are no clients of it.
        for name in ["admin", "store/peer", "store/server"] {
            #expect(try !put(flags(ca: ca, pair: "\(pki)/\(name)")), "\(name)")
        }
        // And a client that trusts another authority does not believe the member.
        #expect(try !put(flags(ca: "\(other)/store/ca.crt", pair: "\(pki)/store/client")))
        #expect(try put(flags(ca: ca, pair: "\(pki)/store/client")))
        #expect(try rig.etcdctl("get", "stolen", "--print-value-only") == "1\n")
    }

    @Test func `a stranger on the members' port is hung up on, whatever it shows`() async throws {
        let rig = try StoreRig(.ours, members: 3, isSecured: true)
        #expect(try rig.waitUntilReady())
        let pki = try #require(rig.pki)
        let other = try StoreRig.makeCertificates("\(pki)-other")
        func isHungUp(_ pair: String?) throws -> Bool {
            let files = pair.map { ["-cert", "\($0).crt", "-key", "\($0).key"] } ?? []
            // TLS 1.3 tells a client of its refusal only when it reads.
            let words =
                ["timeout", "3", "openssl", "s_client", "-connect", rig.peerEndpoint(1), "-CAfile"]
                + ["\(pki)/store/peer-ca.crt", "-verify_return_error", "-quiet"] + files
            return try capture("/usr/bin/env", ["env"] + words).ending.code != 124
        }
        #expect(try isHungUp(nil))
        for pair in [
            "\(pki)/store/client", "\(pki)/store/server", "\(pki)/admin", "\(other)/store/peer",
        ] {
            #expect(try isHungUp(pair), "\(pair)")
        }
        #expect(try !isHungUp("\(pki)/store/peer"))
    }

    @Test func `without certificates a member serves on loopback only`() throws {
        let words = [
            StoreRig.program, "serve", "--id", "1", "--data", "/tmp/drydock-never-made", "--client",
            "0.0.0.0:1", "--peer", "127.0.0.1:2", "--cluster", "1=127.0.0.1:2",
        ]
        let result = try capture(StoreRig.program, words)
        #expect(!result.ending.succeeded)
        #expect(
            String(decoding: result.errors, as: UTF8.self).contains(
                "give --pki, or addresses of 127.0.0.1"))
        #expect(!Files.exists("/tmp/drydock-never-made"))
    }

    @Test func `nobody else on the machine can read what a member keeps`() throws {
        let rig = try StoreRig(.ours, members: 1)
        #expect(try rig.waitUntilReady())
        for path in try [rig.directory(1)]
            + Files.list(rig.directory(1)).map({ "\(rig.directory(1))/\($0)" })
        {
            var info = stat()
            #expect(stat(path, &info) == 0 && info.st_mode & 0o077 == 0, "\(path)")
        }
    }

    @Test func `a second process on a directory is told who holds it`() throws {
        let rig = try StoreRig(.ours, members: 1)
        #expect(try rig.waitUntilReady())
        let words = [
            StoreRig.program, "serve", "--id", "1", "--data", rig.directory(1), "--client",
            "127.0.0.1:1",
            "--peer", "127.0.0.1:2", "--cluster", "1=127.0.0.1:2",
        ]
        let result = try capture(StoreRig.program, words)
        let said = String(decoding: result.errors, as: UTF8.self)
        #expect(
            !result.ending.succeeded && said.contains("\(rig.directory(1)) is in use by process "),
            "\(said)")
    }
}
