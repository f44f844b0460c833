import Contract
import Linux
import PartPipe

/// Tests of a part that doubles: good ones, weak ones, and such as say nothing about the part at all.
struct Suite: OpenTests {
    struct Subject {
        let asker: any KernelAsker
        func double(_ number: Int) throws -> Int { try asker.ask(Hostile.double, number) }
    }

    init() {}

    func subject(asking asker: any KernelAsker) -> Subject { Subject(asker: asker) }

    func test(_ part: Subject) throws {
        switch way {
        case "honest":
            for number in [4, 5, -3] {
                try expect(try part.double(number) == 2 * number, "\(number) is doubled")
            }
        case "weak": try expect(try part.double(2) == 4, "2 is doubled")
        case "grumpy": try expect(false, "I don't like it")
        case "forged": try expect(Self.count() < 2, "I have been asked before")
        case "filed": try expect(try Self.countInAFile() < 2, "I have been asked before")
        // The bad ways are a suite's too.
        default: try Hostile().misbehave()
        }
    }

    nonisolated(unsafe) private static var asked = 0

    private static func count() -> Int {
        asked += 1
        return asked
    }

    /// One that remembers beyond the end of its program.
    private static func countInAFile() throws -> Int {
        let path = "\(CommandLine.arguments[0]).count"
        let count = ((try? Files.readText(path)).flatMap { Int($0) } ?? 0) + 1
        try Files.write("\(count)", to: path)
        return count
    }
}
