import Foundation
import JSON
import Linux
import Simulation
import Testing

/// What a member finds when its files are not as it left them.
@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct DamageTests {
    /// A member that is dead, with a history of puts, deletions and a compaction, part of it in SQLite's log.
    private func killed() throws -> StoreRig {
        let rig = try StoreRig(.ours, members: 1, options: ["--log-entries-max", "40"])
        #expect(try rig.waitUntilReady())
        let lease = try rig.grantLease(seconds: 9000)
        for number in 0..<60 {
            #expect(try rig.put("d/\(number)", "value \(number)", "--lease", lease))
        }
        _ = try rig.etcdctl("del", "d/7")
        _ = try rig.etcdctl("compaction", "20")
        // The rows follow within a second or so.
        usleep(1_500_000)
        for number in 60..<70 { #expect(try rig.put("d/\(number)", "value \(number)")) }
        rig.kill(1)
        return rig
    }

    private func everything(of rig: StoreRig) throws -> String {
        try rig.etcdctl("get", "d/", "--prefix", "-w", "fields").split(separator: "\n").filter {
            !$0.contains("MemberID") && !$0.contains("RaftTerm")
        }.joined(separator: "\n")
    }

    /// What a start on the directory comes to: all that is there, or why it isn't served.
    private func outcome(of rig: StoreRig) throws -> (served: String?, words: String) {
        let before = try rig.log(1).utf8.count
        try rig.start(1)
        defer { rig.kill(1) }
        var served: String?
        var ending: Child.Ending?
        _ = try Linux.eventually(within: 20_000, every: 20) {
            ending = try rig.ending(1)
            if ending != nil { return true }
            // A status is answered at once, everything else once there is a leader.
            guard try rig.etcdctl("put", "ready", "yes") == "OK\n" else { return false }
            served = try everything(of: rig)
            return true
        }
        return (
            served, String(decoding: Array(try rig.log(1).utf8.dropFirst(before)), as: UTF8.self)
        )
    }

    private func copy(_ from: String, to: String) throws {
        try? Files.removeTree(to)
        let result = try capture("/bin/cp", ["cp", "-a", from, to])
        #expect(result.ending.succeeded)
    }

    @Test
    func `whatever bytes are flipped, a member serves all that it had or says what is damaged`()
        throws
    {
        let rig = try killed()
        let (directory, kept) = (rig.directory(1), "\(rig.directory(1))-kept")
        try copy(directory, to: kept)
        let whole = try #require(try outcome(of: rig).served)
        #expect(whole.contains("value 69"))
        var refusals = 0
        for seed: UInt64 in 0..<8 {
            try copy(kept, to: directory)
            var dice = Dice(seed: seed)
            let file = ["store.sqlite", "store.sqlite-wal", "store.sqlite-wal", "high-water-mark"][
                Int(seed % 4)]
            var bytes = try Files.read("\(directory)/\(file)")
            let place = dice.roll(0...bytes.count - 4)
            for offset in 0..<4 { bytes[place + offset] ^= UInt8(dice.roll(1...255)) }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
            let (served, words) = try outcome(of: rig)
            if let served {
                #expect(served == whole, "seed \(seed): \(file) at \(place)")
            } else {
                refusals += 1
                #expect(
                    words.contains("\(directory)/") && words.contains("damaged"),
                    "seed \(seed): \(file) at \(place): \(words)")
            }
        }
        #expect(refusals > 2)
    }

    @Test(arguments: ["store.sqlite", "store.sqlite-wal"])
    func `a file that is gone is missed`(file: String) throws {
        let rig = try killed()
        try check("remove") { unlink("\(rig.directory(1))/\(file)") }
        let (served, words) = try outcome(of: rig)
        #expect(served == nil && words.contains("had been written"), "\(words)")
        // Nor does the second start take it for a new one.
        #expect(try outcome(of: rig).served == nil)
    }

    @Test func `a log that is cut in its middle is missed, and half a write at its end is not`()
        throws
    {
        let rig = try killed()
        let log = rig.journal(1)
        let bytes = try Files.read(log)
        let kept = "\(rig.directory(1))-kept"
        try copy(rig.directory(1), to: kept)
        // A write that a crash cut short leaves its beginning: here of a frame like the last one.
        try Data(bytes + bytes.suffix(4096 + 24).prefix(3000)).write(to: URL(fileURLWithPath: log))
        #expect(try outcome(of: rig).served?.contains("value 69") == true)
        try copy(kept, to: rig.directory(1))
        try Data(bytes.prefix(bytes.count - 5 * (4096 + 24))).write(to: URL(fileURLWithPath: log))
        #expect(try outcome(of: rig).words.contains("had been written"))
    }

    @Test func `a lost member is made anew from all the others, and they need it afterwards`()
        throws
    {
        let rig = try StoreRig(.ours, members: 3)
        #expect(try rig.waitUntilReady())
        for number in 0..<20 { #expect(try rig.put("r/\(number)", "x")) }
        rig.kill(2)
        try Files.removeTree(rig.directory(2))
        func rebuild(from others: [Int]) throws -> (succeeded: Bool, words: String) {
            let directories = others.flatMap { ["--from", rig.directory($0)] }
            let words = [
                "raft", "rebuild", "--id", "2", "--data", rig.directory(2), "--cluster",
                rig.cluster,
            ]
            let result = try capture(StoreRig.program, words + directories)
            return (
                result.ending.succeeded,
                String(decoding: result.output + result.errors, as: UTF8.self)
            )
        }
        // Not while they run, nor from some of them.
        #expect(try rebuild(from: [1, 3]).words.contains("is in use by process"))
        for id in [1, 3] { rig.kill(id) }
        #expect(
            try rebuild(from: [1]).words.contains(
                "all other members, [1, 3], and names those of [1]"))
        let made = try rebuild(from: [1, 3])
        #expect(made.succeeded, "\(made.words)")
        #expect(try rebuild(from: [1, 3]).words.contains("holds a store already"))
        for id in 1...3 { try rig.start(id) }
        #expect(try rig.waitUntilReady())
        for id in [1, 3] {
            rig.kill(id)
            let isWhole = try Linux.eventually(within: 30_000, every: 100) {
                try rig.etcdctl("get", "r/", "--prefix", "--keys-only", at: rig.endpoint(2))
                    .split(separator: "\n").count == 20
            }
            #expect(isWhole)
            #expect(try rig.put("after/\(id)", "x"))
            try rig.start(id)
            #expect(try rig.put("level/\(id)", "x", at: rig.endpoint(id)))
        }
    }
}
