import Grading
import Linux
import Testing

@testable import Study

/// A judge that goes wrong is the kit's fault, and is said to be, for every step that it has left.
@Suite struct CheckerTests {
    /// What comes of a judge that is this shell script.
    private func reports(of script: String, silenceMilliseconds: Int = 60_000) throws -> [StepReport] {
        let small = try SmallKit()
        defer { small.remove() }
        try Files.makeDirectories(small.kit.built)
        try Files.write("#!/bin/sh\n\(script)\n", to: "\(small.kit.built)/check-10", mode: 0o755)
        var checker = Checker(small.kit)
        checker.silenceMillisecondsMax = silenceMilliseconds
        var reports: [StepReport] = []
        try checker.check(small.lab, part: "/part", Checker.Wish()) { reports.append($0) }
        return reports
    }

    private static let pass = """
        echo '{"step":"10.1","verdict":"pass","message":"","share":1,"milliseconds":3}'
        """

    @Test func whatTheJudgeSaysIsHandedOn() throws {
        let reports = try reports(of: Self.pass)
        #expect(reports.map(\.verdict) == [.pass])
    }

    @Test func aJudgeThatDiesLeavesErrorsForTheStepsThatAreLeft() throws {
        let reports = try reports(of: Self.pass + "\nkill -SEGV $$")
        #expect(reports.map(\.step) == ["10.1", "10.2"])
        #expect(reports.map(\.verdict) == [.pass, .error])
        #expect(reports[1].message.contains("that is the kit's fault, not yours"))
        #expect(reports[1].message.contains("signal"))
    }

    @Test func aJudgeThatFallsSilentIsEnded() throws {
        let reports = try reports(of: "exec sleep 96532", silenceMilliseconds: 1500)
        #expect(reports.map(\.verdict) == [.error, .error])
        #expect(reports[0].message.hasPrefix("the judge said nothing for 1 s"))
        let left = try Files.list("/proc").compactMap { try? Files.readText("/proc/\($0)/cmdline") }
        #expect(!left.contains { $0.contains("96532") })
    }

    /// A thousand seeds of one step take minutes, and no verdict comes meanwhile.
    @Test func aJudgeThatShowsSignsOfLifeIsWaitedFor() throws {
        let reports = try reports(
            of: "for i in 1 2 3 4 5 6; do sleep 1; echo; done\n" + Self.pass, silenceMilliseconds: 4000)
        #expect(reports.map(\.verdict) == [.pass])
    }
}
