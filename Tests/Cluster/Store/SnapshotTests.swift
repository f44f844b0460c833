import JSON
import Linux
import Testing

extension StoreProcessTests {
    @Test func `a member away for too long gets a snapshot, starts from a cut log, and loses nothing`() throws {
        let rig = try StoreRig(.ours, members: 3, options: ["--log-entries-max", "20"])
        #expect(try rig.waitUntilReady())
        for number in 0..<5 { #expect(try rig.put("k/\(number)", "before")) }
        let old = try revision(of: rig)
        rig.kill(3)
        #expect(try rig.waitUntilReady())
        for number in 0..<60 {
            #expect(try rig.put("k/\(number % 40)", "\(number)", at: rig.endpoint(1)))
        }
        #expect(try rig.etcdctl("del", "k/3", at: rig.endpoint(1)) == "1\n")
        let (present, past) = (try everything(at: 1, of: rig), try history(old, at: 1, of: rig))
        #expect(present.contains("k/19\n59\n") && !present.contains("k/3\n"))
        #expect(past == "k/0\nbefore\n")
        func serves(_ id: Int) throws -> Bool {
            try Linux.eventually(within: 30_000, every: 100) {
                try everything(at: id, of: rig) == present && history(old, at: id, of: rig) == past
            }
        }

        try rig.start(3)
        #expect(try serves(3))
        #expect(try rig.log(3).contains("snapshot installed"))

        rig.kill(3)
        try rig.start(3)
        #expect(try serves(3))
        let first = try #require(try firstIndices(of: 3, in: rig).last)
        #expect(first > 20)

        for id in 1...3 { rig.kill(id) }
        for id in 1...3 { try rig.start(id) }
        #expect(try rig.waitUntilReady())
        for id in 1...3 { #expect(try serves(id), "member \(id)") }
    }

    /// What a member itself holds, whoever leads.
    private func everything(at id: Int, of rig: StoreRig) throws -> String {
        try rig.etcdctl("get", "k/", "--prefix", "--consistency=s", at: rig.endpoint(id))
    }

    /// A value that was overwritten long ago: a snapshot has the past in it too.
    private func history(_ revision: Int, at id: Int, of rig: StoreRig) throws -> String {
        try rig.etcdctl("get", "k/0", "--rev", "\(revision)", "--consistency=s", at: rig.endpoint(id))
    }

    private func revision(of rig: StoreRig) throws -> Int {
        let answer = try rig.etcdctl("get", "k/0", "-w", "json")
        return try JSON(parsing: Array(answer.utf8)).at("header", "revision")?.int ?? 0
    }

    /// Where the log began, at each of a member's starts.
    private func firstIndices(of id: Int, in rig: StoreRig) throws -> [Int] {
        try rig.log(id).split(separator: "\n").filter { $0.contains("member starts") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("first=") }.flatMap { Int($0.dropFirst(6)) }
        }
    }
}
