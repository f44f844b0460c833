import Simulation
import Testing

/// The disk below all simulations: what a crash may leave of it.
@Suite struct SimulatedDiskTests {
    /// Two writes, of which one was synchronised, and a crash.
    private func crashed(seed: UInt64) -> (recovered: [Int], torn: Int) {
        var dice = Dice(seed: seed)
        var disk = SimulatedDisk<Int>()
        disk.write([1, 2])
        disk.sync()
        disk.write([3, 4, 5])
        disk.crash(dice: &dice)
        return (disk.recover(), disk.tornCount)
    }

    @Test func `what was synchronised survives, and of the rest a whole write or nothing`() {
        let crashes = (0..<100).map { crashed(seed: $0) }
        #expect(crashes.allSatisfy { [[1, 2], [1, 2, 3, 4, 5]].contains($0.recovered) })
        #expect(crashes.contains { $0.recovered == [1, 2, 3, 4, 5] })
        // A write that is half there is dropped as a whole.
        let torn = crashes.filter { $0.torn == 1 }
        #expect(torn.count > 30 && torn.allSatisfy { $0.recovered == [1, 2] })
    }

    @Test func `after a recovery the disk goes on from its last whole write`() {
        for seed in 0..<100 as Range<UInt64> {
            var dice = Dice(seed: seed)
            var disk = SimulatedDisk<Int>()
            disk.write([1, 2])
            disk.crash(dice: &dice)
            let before = disk.recover()
            disk.write([3])
            disk.crashLosingAll()
            #expect(disk.recover() == before, "seed \(seed)")
        }
    }
}
