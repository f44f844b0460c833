import Linux
import Testing

extension StoreProcessTests {
    @Test
    func `a member whose disk was emptied is refused, with the reason, and loses nobody's writes`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        for number in 0..<10 { #expect(try rig.put("k/\(number)", "x")) }
        for id in [3, 2] {
            rig.kill(id)
            try rig.removeDisk(id)
            try rig.start(id)
            let isRefused = try Linux.eventually(within: 20_000, every: 100) {
                try rig.log(id).contains("it may not vote under this name")
            }
            #expect(isRefused, "member \(id)")
            rig.kill(id)
        }
        let keys = try rig.etcdctl(
            "get", "--prefix", "k/", "--keys-only", "--consistency=s", at: rig.endpoint(1))
        #expect(keys.split(separator: "\n").count == 10)
        // One of three is left: nothing is acknowledged that only it would know.
        #expect(
            try rig.etcdctl("--command-timeout=8s", "put", "k/new", "x", at: rig.endpoint(1))
                != "OK\n")
    }

    @Test func `a member that first starts when the others have long been at work is let in`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3, absent: [3])
        #expect(try rig.put("k", "v", at: rig.endpoint(1)))
        try rig.start(3)
        let isIn = try Linux.eventually(within: 20_000, every: 100) {
            try rig.etcdctl("get", "k", "--consistency=s", at: rig.endpoint(3)) == "k\nv\n"
        }
        #expect(isIn)
    }

    @Test func `a member away for three hundred writes comes back behind a log of a hundred`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3, options: ["--log-entries-max", "100"])
        #expect(try rig.waitUntilReady())
        rig.kill(3)
        for number in 0..<300 { #expect(try rig.put("k", "\(number)", at: rig.endpoint(1))) }
        try rig.start(3)
        let isLevel = try Linux.eventually(within: 30_000, every: 100) {
            try rig.etcdctl("get", "k", "--consistency=s", at: rig.endpoint(3)) == "k\n299\n"
        }
        #expect(isLevel)
        rig.kill(2)
        #expect(try rig.put("after", "x", at: rig.endpoint(1)))
    }
}
