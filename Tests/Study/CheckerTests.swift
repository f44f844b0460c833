import Grading
import Linux
import Testing

@testable import Study

/// A judge that goes wrong is the kit's fault, and is said to be, for every step that it has left.
@Suite struct CheckerTests {
    /// What comes of a judge that is this shell script.
    private func reports(of script: String, silenceMilliseconds: Int = 60_000) throws
        -> [StepReport]
    {
        let small = try SmallKit()
        defer { small.remove() }
        try Files.makeDirectories(small.kit.built)
        try Files.write(
            "#!/bin/sh\nword=$(head -c 32 <&3)\n\(script)\n", to: "\(small.kit.built)/check-10",
            mode: 0o755)
        var checker = Checker(small.kit)
        checker.silenceMillisecondsMax = silenceMilliseconds
        var reports: [StepReport] = []
        try checker.check(small.lab, part: "/part", Checker.Wish()) { reports.append($0) }
        return reports
    }

    private static func verdict(
        _ step: String, _ verdict: String, share: Int, word: String = "$word"
    ) -> String {
        #"echo "\#(word)"'{"step":"\#(step)","verdict":"\#(verdict)","message":"","share":\#(share),"milliseconds":3}'"#
    }
    private static let pass = verdict("10.1", "pass", share: 1)
    private static let end = "\necho ${word}end"

    @Test func whatTheJudgeSaysIsHandedOn() throws {
        let reports = try reports(of: Self.pass + Self.end)
        #expect(reports.map(\.verdict) == [.pass])
    }

    @Test func ofAJudgeThatDiesNothingCounts() throws {
        let reports = try reports(of: Self.pass + "\nkill -SEGV $$")
        #expect(reports.map(\.step) == ["10.1", "10.1", "10.2"])
        #expect(reports.map(\.verdict) == [.pass, .error, .error])
        #expect(
            reports[1].message.contains("signal")
                && reports[1].message.contains("nothing that it said counts"))
    }

    private static let forgeries: [(script: String, words: String)] = [
        (Self.pass, "did not come to its end"),
        (Self.pass + "\n" + Self.pass + Self.end, "judged step 10.1 twice"),
        (Self.verdict("10.1", "pass", share: 100) + Self.end, "points that it doesn't have"),
        (Self.verdict("10.1", "fail", share: 1) + Self.end, "points that it doesn't have"),
        (Self.verdict("10.7", "pass", share: 1) + Self.end, "step 10.7, which nobody asked about"),
        (Self.verdict("10.1", "pass", share: 1, word: "") + Self.end, "was not alone"),
        ("echo hello" + Self.end, "was not alone"),
        ("echo ${word}hello" + Self.end, "said what is no verdict"),
        (
            Self.pass + Self.end + "\n" + Self.verdict("10.2", "pass", share: 1),
            "went on after its end"
        ),
        ("word=0123456789abcdef0123456789abcdef\n" + Self.pass + Self.end, "was not alone"),
    ]

    @Test(arguments: forgeries)
    func whatNoJudgeSaysMakesAllOfItWorthless(script: String, words: String) throws {
        let reports = try reports(of: script)
        let last: [String: StepReport] = Dictionary(reports.map { ($0.step, $0) }, uniquingKeysWith: { $1 })
        let both: [Verdict?] = [last["10.1"]?.verdict, last["10.2"]?.verdict]
        #expect(both == [.error, .error])
        #expect(last["10.1"]?.message.contains(words) == true, "\(reports.map(\.message))")
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
            of: "for i in 1 2 3 4 5 6; do sleep 1; echo; done\n" + Self.pass + Self.end,
            silenceMilliseconds: 4000)
        #expect(reports.map(\.verdict) == [.pass])
    }
}
