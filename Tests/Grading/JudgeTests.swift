import Linux
import PartPipe
import Testing

@testable import Grading

/// Every verdict that a judge can come to, on a real part's program.
@Suite struct JudgeTests {
    private let lab: SmallLab

    init() throws { lab = try SmallLab() }

    @Test func aPartThatKeepsItsWordPasses() throws {
        let report = try lab.judge("last", doubles("99.1", 4))
        #expect(report.verdict == .pass && report.share == 1 && report.message == "")
    }

    @Test func aPartThatTossesCoinsIsUnstableAndBothLogsAreKept() throws {
        let report = try lab.judge("coin", doubles("99.1", 13))
        #expect(report.verdict == .unstable)
        let logs = try #require(report.logs).map { try Files.readText($0) }
        #expect(logs.count == 2 && logs[0] != logs[1])
        #expect(logs.allSatisfy { $0.hasPrefix("> {\"id\":1,\"ask\":\"double\"") && $0.contains("\n< ") })
        #expect(report.seen?.contains("first: 13 is doubled") == true)
    }

    @Test func whatFailsTheSameWayTwiceIsAFailWithItsWords() throws {
        let report = try lab.judge("plus", doubles("99.1", 4))
        #expect(report.verdict == .fail && report.message == "4 is doubled")
        #expect(report.expected == "8" && report.seen == "6" && report.idea == "Twice.")
        #expect(Files.exists("\(lab.folder)/99.1-second.transcript"))
    }

    @Test func aCheckThatThrowsSomethingElseIsTheKitsFault() throws {
        let check = Check("99.1") { _ in throw SystemError("open /x", .noEntry) }
        let report = try lab.judge("last", check)
        #expect(report.verdict == .error)
        #expect(report.message.contains("the kit's own fault") && report.message.contains("open /x"))
    }

    @Test func aStepWithoutACheckIsTheKitsFault() throws {
        let reports = try lab.judge("last", needs: [[], []], [doubles("99.1", 4)])
        #expect(reports.map(\.verdict) == [.pass, .error])
    }

    @Test func whatComesAfterAStepThatFailsIsSkipped() throws {
        let checks = [doubles("99.1", 4), doubles("99.2", 5), doubles("99.3", 0)]
        let reports = try lab.judge("plus", needs: [[], ["99.1"], ["99.2"]], checks)
        #expect(reports.map(\.verdict) == [.fail, .skip, .skip])
        #expect(reports.map(\.message).suffix(2) == ["step 99.1 comes first", "step 99.2 comes first"])
    }

    @Test func aHoleThatIsAsItWasIsToDoAndWhatRunsIntoItIsSkipped() throws {
        let checks = [doubles("99.1", 13), doubles("99.2", 13)]
        let reports = try lab.judge("throws", needs: [[], []], checks)
        #expect(reports.map(\.verdict) == [.todo, .skip])
    }

    @Test func aHangIsSaidOnceAndNotWaitedForTwice() throws {
        let report = try lab.judge("hang", doubles("99.1", 13))
        #expect(report.verdict == .fail && report.message.contains("a loop that does not end"))
        #expect(Files.exists("\(lab.folder)/99.1-first.transcript"))
        #expect(!Files.exists("\(lab.folder)/99.1-second.transcript"))
    }

    @Test func aCrashHasItsLastWords() throws {
        let report = try lab.judge("trap", doubles("99.1", 13))
        #expect(report.verdict == .fail && report.message.contains("Index out of range"))
    }

    // MARK: What the machine lacks

    private let lacking = Requirement { "no such device: buy one" }

    @Test func whatTheMachineLacksIsFoundBeforeThePartRuns() throws {
        let here = "\(lab.folder)/hostile-leaves.was-here"
        let report = try lab.judge("leaves", doubles("99.1", 4, requires: [lacking]))
        #expect(report.verdict == .environment && report.message == "no such device: buy one")
        #expect(!Files.exists(here))
        // And it would have been seen to run.
        #expect(try lab.judge("leaves", doubles("99.1", 4)).verdict == .pass)
        #expect(Files.exists(here))
    }

    @Test func whatNeedsAStepThatTheMachineCannotRunCannotBeRunEither() throws {
        let checks = [
            doubles("99.1", 4, requires: [lacking]), doubles("99.2", 5), doubles("99.3", 6),
        ]
        let reports = try lab.judge("last", needs: [[], ["99.1"], ["99.2"]], checks)
        #expect(reports.map(\.verdict) == [.environment, .environment, .environment])
        #expect(reports[1].message == "it needs step 99.1, which this machine can't run")
    }

    @Test func whatTheMachineLacksIsSaidAlsoAfterAStepThatFails() throws {
        let checks = [doubles("99.1", 4), doubles("99.2", 5, requires: [lacking])]
        let reports = try lab.judge("plus", needs: [[], ["99.1"]], checks)
        #expect(reports.map(\.verdict) == [.fail, .environment])
    }

    @Test func aStepThatFailsIsInTheWayBeforeOneThatCannotBeRun() throws {
        let checks = [
            doubles("99.1", 4, requires: [lacking]), doubles("99.2", 5), doubles("99.3", 6),
        ]
        let reports = try lab.judge("plus", needs: [[], [], ["99.1", "99.2"]], checks)
        #expect(reports.map(\.verdict) == [.environment, .fail, .skip])
        #expect(reports[2].message == "step 99.2 comes first")
    }

    @Test func aPassSaysWhatCouldNotBeTried() throws {
        let check = Check("99.1") { $0.couldNotTry("with real groups", because: "there are none") }
        let report = try lab.judge("last", check)
        #expect(report.verdict == .pass)
        #expect(report.message == "with real groups not run here: there are none")
    }

    // MARK: Seeds

    /// Wrong for every run of at least this size.
    private func seeded(wrongFrom size: Int) -> Check {
        Check.seeded("99.1", sizes: 1...6) { bench, run in
            let number = run.size < size ? 4 : 13
            try expect(
                try bench.part.ask(SmallLab.double, number), is: 2 * number, "doubled",
                idea: "Twice.")
        }
    }

    @Test func theSmallestRunThatFailsIsShown() throws {
        let check = Check.seeded("99.1", sizes: 1...6) { _, run in
            if run.size >= 3 { throw Failed("size \(run.size)", idea: "") }
        }
        let report = try lab.judge("last", check)
        #expect(report.verdict == .fail && report.message == "size 3" && report.size == 3)
        #expect(report.seed == 2)
    }

    @Test func everySeedIsTriedAndEachRunIsASignOfLife() throws {
        _ = try lab.judge("last", seeded(wrongFrom: 7), ["--seeds", "40"])
        #expect(lab.signs >= 40)
    }

    @Test func aThousandSeedsAreForStepsThatHaveSome() throws {
        let checks = [seeded(wrongFrom: 7), doubles("99.2", 4), doubles("99.3", 4).then(seeded(wrongFrom: 7))]
        let reports = try lab.judge("last", needs: [[], [], []], checks, ["--seeded", "yes"])
        #expect(reports.map(\.step) == ["99.1", "99.3"])
    }

    @Test func aLiveStepThatStartsItsOwnProcessesNeedsOnlyALeave() throws {
        let own = Check("99.1", live: true, startsItsOwn: true) { _ in }
        let cluster = Check("99.2", live: true) { _ in }
        func steps(_ more: [String]) throws -> [String] {
            try lab.judge("last", needs: [[], []], [own, cluster], more).map(\.step)
        }
        #expect(try steps([]) == [])
        #expect(try steps(["--processes", "yes"]) == ["99.1"])
        #expect(try steps(["--live", "/kubeconfig"]) == ["99.1", "99.2"])
    }
}
