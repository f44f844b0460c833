import Grading
import JSON
import Linux
import Testing

@testable import Study

/// A tree with one lab of two steps in two files.
struct SmallKit {
    let root: String
    let kit: Kit
    let lab: Lab
    let card: LabCard

    init() throws {
        root = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-study-")
        kit = Kit(root: root)
        let hints = "[\"1\",\"2\",\"3\",\"4\"]"
        let steps = ["A", "B"].enumerated().map { index, file in
            "{\"number\":\"10.\(index + 1)\",\"title\":\"t\",\"points\":50,\"needs\":[],\"kind\":\"simulated\",\"file\":\"\(file).swift\",\"hints\":\(hints)}"
        }
        for home in ["Labs", "Solutions"] {
            try Files.makeDirectories("\(root)/\(home)/10-Small")
            for file in ["A", "B"] {
                let text =
                    home == "Labs" ? "throw Unfinished(\"10.\(file == "A" ? 1 : 2)\")" : "let x = 1"
                let step = "10.\(file == "A" ? 1 : 2)"
                try Files.write(
                    "// step \(step) begin\n\(text)\n// step \(step) end\n",
                    to: "\(root)/\(home)/10-Small/\(file).swift")
            }
        }
        try Files.write(
            "{\"number\":\"10\",\"title\":\"Small\",\"summary\":\"s\",\"minutes\":10,\"weight\":5,\"steps\":[\(steps.joined(separator: ","))]}",
            to: "\(root)/Labs/10-Small/lab.json")
        lab = try kit.lab("10")
        card = try lab.card()
    }

    func remove() { try? Files.removeTree(root) }

    /// Notes these verdicts as a check does.
    func check(_ verdicts: [String: Verdict]) throws {
        let reports = verdicts.sorted { $0.key < $1.key }.map { StepReport($0.key, $0.value) }
        try Progress.update(kit) { progress in
            for report in reports {
                progress.note(report, earned: report.verdict == .pass ? 50 : 0)
            }
            try progress.keepFiles(lab, card, reports)
        }
    }
    var kept: String { "\(root)/Labs/.progress/10-Small" }
}

@Suite struct ProgressTests {
    @Test func whatWasPassedStaysPassedAndWhatHoldsNowIsKnown() throws {
        let small = try SmallKit()
        defer { small.remove() }
        try small.check(["10.1": .fail])
        try small.check(["10.1": .pass])
        try small.check(["10.1": .fail])
        let progress = Progress(small.kit)
        #expect(progress.hasPassed("10.1"))
        #expect(progress.earned("10.1") == 50)
        #expect(progress.step("10.1")?["attempts"]?.int == 3)
        #expect(progress.step("10.1")?["last"]?.string == "fail")
        #expect(!progress.hasPassed("10.2"))
    }

    @Test func membersOfANewerKitAreKept() throws {
        let small = try SmallKit()
        defer { small.remove() }
        let path = "\(small.root)/Labs/.progress.json"
        try Files.write(
            "{\"schema\":\"drydock.progress/1\",\"later\":{\"a\":1},\"labs\":{\"99\":{\"x\":true}}}",
            to: path)
        try small.check(["10.1": .pass])
        let tree = try JSON(parsing: Files.read(path))
        #expect(tree.at("later", "a")?.int == 1)
        #expect(tree.at("labs", "99", "x")?.bool == true)
    }

    @Test func aFileThatCannotBeReadIsPutAside() throws {
        let small = try SmallKit()
        defer { small.remove() }
        try Files.write("{ not json", to: "\(small.root)/Labs/.progress.json")
        try small.check(["10.1": .pass])
        let aside = try Files.list("\(small.root)/Labs").filter { $0.contains("unreadable") }
        #expect(aside.count == 1)
        #expect(Progress(small.kit).hasPassed("10.1"))
    }

    @Test func theLastPassingVersionIsKeptAndNoneThatHoldsLess() throws {
        let small = try SmallKit()
        defer { small.remove() }
        let mine = "\(small.root)/Labs/10-Small/A.swift"
        try Files.write("first", to: mine)
        try small.check(["10.1": .pass, "10.2": .todo])
        #expect(try Files.readText("\(small.kept)/A.swift") == "first")
        #expect(!Files.exists("\(small.kept)/B.swift"))
        try Files.write("broken", to: mine)
        try small.check(["10.1": .fail])
        #expect(try Files.readText("\(small.kept)/A.swift") == "first")
        try Files.write("better", to: mine)
        try small.check(["10.1": .pass])
        #expect(try Files.readText("\(small.kept)/A.swift") == "better")
    }

    /// Two steps in one file, and a student who has gone through all of it once and goes on with one step at a time.
    @Test func whoChecksSingleStepsHasTheFileKeptEachTime() throws {
        let small = try SmallKit()
        defer { small.remove() }
        var card = small.card
        card.steps[1].file = "A.swift"
        let mine = "\(small.root)/Labs/10-Small/A.swift"
        func check(_ text: String, _ verdicts: [(String, Verdict)]) throws -> String {
            try Files.write(text, to: mine)
            try Progress.update(small.kit) {
                try $0.keepFiles(small.lab, card, verdicts.map { StepReport($0.0, $0.1) })
            }
            return try Files.readText("\(small.kept)/A.swift")
        }
        #expect(try check("both", [("10.1", .pass), ("10.2", .pass)]) == "both")
        #expect(try check("first again", [("10.1", .pass)]) == "first again")
        #expect(try check("second again", [("10.2", .pass)]) == "second again")
        // What was asked about and holds no more keeps the better one.
        #expect(try check("half", [("10.1", .pass), ("10.2", .todo)]) == "second again")
        #expect(try check("half", [("10.1", .pass), ("10.2", .fail)]) == "second again")
        // What can't be run here says nothing about the file.
        #expect(try check("here", [("10.1", .pass), ("10.2", .environment)]) == "here")
        let kept = Progress(small.kit).tree.at("labs", "10", "files", "A.swift", "steps")?.array
        #expect(kept?.compactMap(\.string) == ["10.1", "10.2"])
    }

    @Test func hintsComeOneByOneAndAreRecorded() throws {
        let small = try SmallKit()
        defer { small.remove() }
        let overview = Overview(kit: small.kit, screen: Screen(descriptor: -1))
        for level in 1...4 {
            try overview.hint(small.lab, "10.1", again: false)
            #expect(Progress(small.kit).hintsTaken("10.1") == level)
        }
        try overview.hint(small.lab, "10.1", again: false)
        #expect(Progress(small.kit).hintsTaken("10.1") == 4)
        #expect(Progress(small.kit).hintsTaken("10.2") == 0)
    }

    @Test func resetKeepsEveryOldFileAndPutsTheStarterBack() throws {
        let small = try SmallKit()
        defer { small.remove() }
        let mine = "\(small.root)/Labs/10-Small/A.swift"
        let starter = try Files.readText(mine)
        let own = OwnFiles(kit: small.kit, screen: Screen(descriptor: -1), lab: small.lab)
        for text in ["one", "two"] {
            try Files.write(text, to: mine)
            try own.reset()
            #expect(try Files.readText(mine) == starter)
        }
        #expect(try Files.readText("\(small.kept)/kept/A.swift.1") == "one")
        #expect(try Files.readText("\(small.kept)/kept/A.swift.2") == "two")
    }

    @Test func manyAtOnceLoseNothing() throws {
        let small = try SmallKit()
        defer { small.remove() }
        let children = try (0..<8).map { _ in
            // fork is not to be had: a shell takes the lock meanwhile.
            try Child.spawn(
                "flock", ["flock", "\(small.root)/Labs/.progress/lock", "sleep", "0.05"],
                directory: small.root)
        }
        for _ in 0..<5 { try small.check(["10.1": .fail]) }
        for child in children { _ = try child.wait() }
        #expect(Progress(small.kit).step("10.1")?["attempts"]?.int == 5)
    }
}

@Suite struct ReportTests {
    /// The example in the documents, and a report with everything in it, have the same members.
    @Test func theDocumentedReportIsTheRealOne() throws {
        let small = try SmallKit()
        defer { small.remove() }
        var report = Report(card: small.card, folder: "Labs/10-Small", part: "mine", isLive: false)
        var step = StepReport("10.1", .fail, "m")
        (step.expected, step.seen, step.idea, step.seed, step.size) = ("1", "2", "i", 7, 3)
        var timeline = Timeline(lanes: ["a"])
        timeline.add(1, 1, "x", isBad: true)
        (step.timeline, step.printed, step.logs) = (timeline, "p", ["l"])
        (step.note, step.question) = ("n", "q")
        report.steps = [step]
        var complaint = Complaint(
            file: "A.swift", line: 1, column: 1,
            message: "call can throw but is not marked with 'try'")
        complaint.source = "s"
        report.complaints = [complaint]
        let here = #filePath
        let root = String(here.dropLast("/Tests/Study/ProgressTests.swift".count))
        let page = try Files.readText("\(root)/Docs/Report.md")
        let block = page.split(separator: "```json\n")[1].split(separator: "\n```")[0]
        let example = try JSON(parsing: Array(block.utf8))
        for path in [[], ["lab"], ["points"]] {
            let (documented, real) = (Self.names(example, path), Self.names(report.json, path))
            #expect(documented == real, "\(path)")
        }
        #expect(Self.names(example["steps"]?[0]) == Self.names(report.json["steps"]?[0]))
        #expect(
            Self.names(example["steps"]?[0]?["timeline"]?["events"]?[0])
                == Self.names(report.json["steps"]?[0]?["timeline"]?["events"]?[0]))
        #expect(Self.names(example["compiler"]?[0]) == Self.names(report.json["compiler"]?[0]))
        #expect(example["schema"]?.string == Report.schema)
        for verdict in Verdict.allCases { #expect(page.contains("| `\(verdict.rawValue)` |")) }
    }

    private static func names(_ tree: JSON?, _ path: [String] = []) -> [String] {
        let inner = path.reduce(tree) { $0?[$1] }
        return inner?.object?.members.map(\.name).sorted() ?? []
    }

    @Test func whatTheMachineCannotRunTakesNoPointsAway() throws {
        let small = try SmallKit()
        defer { small.remove() }
        var report = Report(card: small.card, folder: "f", part: "mine", isLive: false)
        report.steps = [StepReport("10.1", .pass), StepReport("10.2", .environment, "needs root")]
        #expect(report.earned == 50 && report.possible == 50)
        #expect(report.gradescope["tests"]?[1]?["max_score"]?.int == 0)
        #expect(report.junit.contains("skipped=\"1\""))
        #expect(!report.allPass)
    }

    @Test func aShareOfTheMutantsEarnsAShareOfThePoints() throws {
        let small = try SmallKit()
        defer { small.remove() }
        var report = Report(card: small.card, folder: "f", part: "mine", isLive: false)
        var step = StepReport("10.1", .pass)
        step.share = 0.75
        report.steps = [step]
        #expect(report.earned == 38)
    }

    @Test func whatAStudentPrintsCannotBreakXML() throws {
        let small = try SmallKit()
        defer { small.remove() }
        var report = Report(card: small.card, folder: "f", part: "mine", isLive: false)
        report.steps = [StepReport("10.1", .fail, "a<b>&\"\u{1B}\n")]
        #expect(report.junit.contains("a&lt;b&gt;&amp;&quot;\\u{1b}&#10;"))
    }
}
