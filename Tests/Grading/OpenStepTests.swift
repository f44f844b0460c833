import Linux
import Testing

@testable import Grading

/// Who judges tests: good ones earn points, and no others do.
@Suite struct OpenStepTests {
    private static let wrong = ["plus", "square", "never", "negative", "odd"]
    private let lab: SmallLab

    init() throws { lab = try SmallLab() }

    private func judge(_ suite: String) throws -> StepReport {
        let files = [
            "--reference", try lab.program("last"), "--mutants", try lab.mutants(Self.wrong),
        ]
        return try lab.judge(suite, .open("99.1"), files)
    }

    @Test func goodTestsEarnAllPoints() throws {
        let report = try judge("honest")
        #expect(report.verdict == .pass && report.share == 1, "\(report.message)")
    }

    @Test func testsThatFindTooLittleAreRefused() throws {
        let report = try judge("weak")
        #expect(report.verdict == .fail)
        #expect(report.message == "the tests catch at least half of 5 wrong parts")
        #expect(report.seen == "2 caught; not caught, for example: hostile-odd")
    }

    @Test func goodTestsSayHowManyTheyCaughtAndWhatGotThrough() throws {
        let files = [
            "--reference", try lab.program("last"), "--mutants",
            try lab.mutants(["never", "negative", "odd"]),
        ]
        let report = try lab.judge("weak", .open("99.1"), files)
        #expect(report.verdict == .pass)
        #expect(
            report.note == "your tests catch 2 of 3 wrong parts; one that got through: hostile-odd")
    }

    /// Transcripts, links that lead nowhere, programs that aren't parts: to catch those is no merit.
    @Test(arguments: ["> {}", "#!/bin/sh\nexit 0", "#!/bin/sh\nexec sleep 1000"])
    func whatIsNoPartIsNoWrongPart(content: String) throws {
        let folder = try lab.mutants(Self.wrong)
        try Files.write(content, to: "\(folder)/other", mode: 0o755)
        defer { unlink("\(folder)/other") }
        let files = ["--reference", try lab.program("last"), "--mutants", folder]
        let report = try lab.judge("honest", .open("99.1"), files)
        #expect(
            report.verdict == .error && report.message.contains("other is no part"),
            "\(report.message)")
    }

    @Test func withoutWrongPartsNothingIsCaught() throws {
        let files = ["--reference", try lab.program("last"), "--mutants", try lab.mutants([])]
        #expect(try lab.judge("honest", .open("99.1"), files).verdict == .error)
    }

    @Test func testsThatComplainAboutTheReferenceAreRefused() throws {
        let report = try judge("grumpy")
        #expect(report.verdict == .fail && report.message == "the tests pass on the reference")
        #expect(report.seen == "I don't like it")
    }

    /// It lets the first part pass and no other one. In a program that is started anew, every part is the first.
    @Test func testsThatCountInTheirMemoryCatchNothing() throws {
        let report = try judge("forged")
        #expect(report.verdict == .fail && report.seen?.hasPrefix("0 caught") == true)
    }

    /// The file is there at the second attempt too, so that the very first look at the reference differs.
    @Test func testsThatCountInAFileComplainAboutTheReferenceToo() throws {
        let report = try judge("filed")
        #expect(report.verdict == .unstable && report.share == 0)
        let claim =
            "the tests pass on the reference each time that they try it (seen: I have been asked before)"
        #expect(report.seen?.hasPrefix("first: \(claim)") == true)
    }

    @Test(arguments: [
        ("hang", "a loop that does not end"), ("trap", "Index out of range"),
        ("quiet", "exited with status 0"),
        ("prints", "more than 1 MiB printed"), ("memory", "512 MiB"),
        ("childmemory", "512 MiB of memory taken by it and what it started"),
        ("bomb", "more than 64 processes"), ("garbage", "no answer to question"),
    ])
    func testsThatMisbehaveGetTheirVerdict(way: String, words: String) throws {
        let report = try judge(way)
        #expect(report.verdict == .fail && report.message.contains(words), "\(report)")
    }
}
