import Grading
import Linux
import Testing

@testable import Proving
@testable import Study

/// How generated variants are counted. What they are made of is tested in Tests/Mutation.
@Suite struct GeneratedTests {
    private func variant(_ number: Int, after: String = "a > b") -> GeneratedVariant {
        GeneratedVariant(
            number: number, step: "10.1", file: "A.swift", line: 3, function: "f",
            kind: "comparison", before: "a < b", after: after)
    }

    private func report(_ verdict: Verdict, _ message: String = "") -> StepReport {
        StepReport("10.1", verdict, message)
    }

    @Test func aVariantDiesByWhatACheckHasAgainstIt() {
        #expect(Proof.fate(of: [report(.pass), report(.fail, "too few")]) == .died(step: "10.1"))
        #expect(Proof.fate(of: [report(.unstable)]) == .died(step: "10.1"))
        #expect(Proof.fate(of: [report(.todo)]) == .died(step: "10.1"))
        #expect(Proof.fate(of: [report(.pass)]) == .alive)
    }

    @Test func aLateAnswerAloneKillsNobody() {
        let late = "no answer to plan within 5000 ms: is there a loop that does not end?"
        #expect(Proof.fate(of: [report(.fail, late)]) == .late("10.1: \(late)"))
        #expect(
            Proof.fate(of: [report(.fail, late), report(.fail, "wrong")]) == .died(step: "10.1"))
    }

    @Test func aBrokenJudgeAndAStepThatCannotBeRunHereSayNothing() {
        #expect(Proof.fate(of: [report(.error, "broken")]) == .fault("10.1: broken"))
        #expect(Proof.fate(of: []) == .fault("no verdict"))
        #expect(Proof.fate(of: [report(.environment, "no root")]) == .unknown("10.1: no root"))
    }

    @Test func aFateIsReadAsItWasWritten() {
        let fates: [Fate] = [.died(step: "10.1"), .alive, .late("a b"), .unknown("c d")]
        for fate in fates { #expect(Fate(line: fate.line) == fate) }
        #expect(Fate(line: "Fatal error") == .fault("Fatal error"))
    }

    @Test func theCompilerNamesTheVariantsThatItComplainsAbout() {
        let errors = CompilerErrors(
            text: "variant-12:3:5: error: no\nvariant-7:1:1: error: no\nA.swift:1:1: error: no\n")
        #expect(Mutator.numbers(in: errors) == [7, 12])
    }

    private let list = "step 10.1 f\n- a < b\n+ a <= b\n= they are never equal\n"

    @Test func aHarmlessVariantIsKnownByWhatItChanges() throws {
        let harmless = try Harmless(list, "harmless")
        var tally = Generated.Tally(lab: "10", uncompiled: 0)
        #expect(tally.note(variant(1, after: "a <= b"), .alive, harmless).isEmpty)
        #expect(!tally.note(variant(2), .alive, harmless).isEmpty)
        #expect((tally.harmless, tally.alive) == (1, 1))
        tally.findStale(harmless)
        #expect(tally.stale.isEmpty)
    }

    @Test func aHarmlessVariantThatDiesStandsOnNoList() throws {
        let harmless = try Harmless(list, "harmless")
        var tally = Generated.Tally(lab: "10", uncompiled: 0)
        _ = tally.note(variant(1, after: "a <= b"), .died(step: "10.1"), harmless)
        tally.findStale(harmless)
        #expect(!tally.holds)
    }

    @Test func aListWithoutReasonsIsRefused() {
        #expect(throws: StudyError.self) {
            try Harmless("step 10.1 f\n- a < b\n+ a <= b\n", "harmless")
        }
    }

    @Test(arguments: [(95, 5, true), (94, 6, false)])
    func fiveOfAHundredMayLive(died: Int, alive: Int, holds: Bool) throws {
        let none = try Harmless("", "harmless")
        var tally = Generated.Tally(lab: "10", uncompiled: 9)
        for number in 1...died { _ = tally.note(variant(number), .died(step: "10.1"), none) }
        for number in 1...alive { _ = tally.note(variant(number), .alive, none) }
        #expect(tally.holds == holds)
    }

    @Test(arguments: 1...5) func aSampleIsTheSameForTheSameSeed(seed: Int) {
        let all = (1...50).map { variant($0) }
        let kit = Kit(root: "/nowhere")
        func drawn() -> [Int] {
            Generated(kit: kit, screen: Screen(), sample: 10, seed: seed).drawn(all).map(\.number)
        }
        #expect(drawn() == drawn())
        #expect(drawn().count == 10 && drawn() == drawn().sorted())
    }

    @Test func thePageOfFiguresKeepsWhatOthersMeasured() {
        let once = VariantFigures.page("# Figures\n\n| a |\n", [.init(lab: "10", uncompiled: 3)])
        let twice = VariantFigures.page(once, [.init(lab: "10", uncompiled: 4)])
        #expect(twice.hasPrefix("# Figures\n\n| a |\n\n## Generated variants\n"))
        #expect(twice.contains("| 10 | 0 | 0 | 0.0 % | 0 | 0 | 4 | 0 |"))
        #expect(twice.firstRange(of: "| 3 |") == nil)
    }
}
