import JSON
import Linux
import Testing

extension StoreProcessTests {
    @Test func `a lease that nobody keeps alive ends with its keys, under a new leader and after a restart too`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        let began = Clock.monotonicMilliseconds()
        let kept = try rig.grantLease(seconds: 8)
        let keeper = try keepAlive(kept, at: rig)
        let long = try rig.grantLease(seconds: 600)
        let short = try rig.grantLease(seconds: 4)
        for (key, lease) in [("l/short", short), ("l/kept", kept), ("l/long", long)] {
            #expect(try rig.put(key, "x", "--lease", lease))
        }
        #expect(try gone("l/short", from: rig))
        #expect(Clock.monotonicMilliseconds() - began >= 4000)
        // Half as long again as the lease would last by itself.
        while Clock.monotonicMilliseconds() - began < 12_000 { usleep(100_000) }
        #expect(try keys(of: rig) == ["l/kept", "l/long"])
        stop(keeper)

        // The new leader counts from the beginning, and ends what nobody keeps alive.
        let leader = try #require(try rig.leader())
        rig.kill(leader)
        #expect(try rig.waitUntilReady())
        #expect(try gone("l/kept", from: rig))
        #expect(try keys(of: rig) == ["l/long"])
        try rig.start(leader)

        let last = try rig.grantLease(seconds: 5)
        #expect(try rig.put("l/last", "x", "--lease", last))
        for id in 1...3 { rig.kill(id) }
        for id in 1...3 { try rig.start(id) }
        #expect(try rig.waitUntilReady())
        #expect(try gone("l/last", from: rig))
        let told = try rig.etcdctl("lease", "timetolive", long, "--keys")
        #expect(told.hasPrefix("lease \(long) granted with TTL(600s), remaining("))
        #expect(told.hasSuffix("attached keys([l/long])\n"), "\(told)")
        #expect(try rig.etcdctl("lease", "list") == "found 1 leases\n\(long)\n")
    }

    /// etcdctl renews the lease three times in its time, until it is stopped.
    private func keepAlive(_ lease: String, at rig: StoreRig) throws -> Child {
        try Child.spawn(
            "/usr/bin/env",
            [
                "env", "ETCDCTL_API=3", "etcdctl", "--endpoints", rig.endpoints, "lease", "keep-alive",
                lease,
            ])
    }

    private func stop(_ child: Child) {
        child.signal(SIGTERM)
        _ = try? child.wait()
    }

    private func keys(of rig: StoreRig) throws -> [String] {
        try rig.etcdctl("get", "l/", "--prefix", "--keys-only").split(separator: "\n").map(String.init)
    }

    private func gone(_ key: String, from rig: StoreRig) throws -> Bool {
        try Linux.eventually(within: 40_000, every: 100) { try !keys(of: rig).contains(key) }
    }
}
