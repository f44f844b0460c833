import PodWork
import Testing

@Suite struct NodePressureTests {
    private func trueOnes(_ change: (inout NodePressure) -> Void) -> [String] {
        var pressure = NodePressure(
            memoryBytesAvailable: 1 << 30, diskShareAvailable: 0.5, inodeShareAvailable: 0.5, pidShareAvailable: 0.5)
        change(&pressure)
        return pressure.conditions.filter { $0.status == "True" }.map(\.type)
    }

    @Test func aNodeWithPlentyOfAllHasNoPressure() { #expect(trueOnes { _ in } == []) }

    @Test func eachShortageHasItsOwnCondition() {
        #expect(trueOnes { $0.memoryBytesAvailable = 100 << 20 - 1 } == ["MemoryPressure"])
        #expect(trueOnes { $0.diskShareAvailable = 0.09 } == ["DiskPressure"])
        #expect(trueOnes { $0.inodeShareAvailable = 0.04 } == ["DiskPressure"])
        #expect(trueOnes { $0.pidShareAvailable = 0.04 } == ["PIDPressure"])
    }

    @Test func thisMachineCanBeRead() {
        let here = NodePressure(stateDirectory: "/tmp")
        #expect((1..<1 << 50).contains(here.memoryBytesAvailable))
        #expect((0..<1).contains(here.diskShareAvailable))
        #expect((0..<1).contains(here.pidShareAvailable))
    }
}
