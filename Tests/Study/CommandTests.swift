import Grading
import JSON
import Linux
import Testing

@testable import Study

/// The commands of those who do the labs, as the real program carries them out on a small kit.
@Suite struct CommandTests {
    private let small: SmallKit

    init() throws { small = try SmallKit() }

    /// Two verdicts: a pass, and a fail with words that a machine's format has to escape.
    private func checkable(_ second: String? = nil) throws {
        try small.makeCheckable(
            judge: SmallKit.verdict("10.1", .pass) + "\n"
                + (second ?? SmallKit.verdict("10.2", .fail, "too few <pods>")))
    }

    private func remove() { small.remove() }

    @Test func listTellsWhatIsDoneAndWhatEarnsMost() throws {
        defer { remove() }
        try small.check(["10.1": .pass])
        let result = try small.study(["list"])
        #expect(result.code == 0)
        let row = result.output.split(separator: "\n").first { $0.hasPrefix("10   Small") }
        #expect(row?.split(separator: " ") == ["10", "Small", "50/100", "1/2", "10", "5", "%"])
        #expect(result.output.contains("2.5 of 5 points of the course"))
        #expect(
            result.output.contains(
                "Earns most for the time: 10.2, 2.5 of the course in about 5 minutes"))
        try small.check(["10.2": .pass])
        #expect(try small.study(["list"]).output.contains("All of it is done."))
    }

    @Test func startTellsWhatToReadAndOpenAndIsNoted() throws {
        defer { remove() }
        try checkable()
        let result = try small.study(["start", "10"])
        #expect(result.code == 0)
        for words in [
            "Read   Labs/10-Small/README.md", "Open   Labs/10-Small/A.swift  10.1",
            "Labs/10-Small/B.swift  10.2",
            "Sources/Contracts/10-Small/Small.swift", "? How many?", "lab watch 10",
        ] { #expect(result.output.contains(words), "\(words): \(result.output)") }
        #expect(Progress(small.kit).tree.at("labs", "10", "started")?.string != nil)
    }

    @Test func aPredictionAtATerminalIsKept() throws {
        defer { remove() }
        try checkable()
        _ = try small.study(["start", "10"], onTerminal: true, input: "three\n")
        let kept = Progress(small.kit).predictions(small.lab)
        #expect(kept.first?["question"]?.string == "How many?")
        #expect(kept.first?["answer"]?.string == "three")
    }

    @Test func progressForMachinesHasEveryStep() throws {
        defer { remove() }
        try small.check(["10.1": .pass, "10.2": .fail])
        let result = try small.study(["progress", "--format", "json"])
        let json = try JSON(parsing: Array(result.output.utf8))
        #expect(json["schema"]?.string == "drydock.progress/1")
        let steps = json["labs"]?[0]?["steps"]?.array ?? []
        #expect(steps.map { $0["step"]?.string } == ["10.1", "10.2"])
        #expect(steps.map { $0["last"]?.string } == ["pass", "fail"])
        #expect(steps.map { $0["earned"]?.int } == [50, 0])
        #expect(json["labs"]?[0]?["points"]?.int == 100)
        #expect(try small.study(["progress"]).output.contains("50 of 100 points"))
    }

    @Test func diffAsksBeforeItShowsAnAnswer() throws {
        defer { remove() }
        let quiet = try small.study(["diff", "10.1"])
        #expect(quiet.code == 2 && !quiet.output.contains("let x"))
        #expect(quiet.errors.contains("not shown; --yes shows it without asking"))
        let no = try small.study(["diff", "10.1"], onTerminal: true, input: "n\n")
        #expect(no.output.contains("Show it all the same? [y/N]") && !no.output.contains("let x"))
        #expect(no.output.contains("4 hints are left: lab hint 10.1"))
        let yes = try small.study(["diff", "10.1"], onTerminal: true, input: "y\n")
        #expect(yes.code == 0 && yes.output.contains("let x = 1"))
        #expect(try small.study(["diff", "10.1", "--yes"]).output.contains("+let x = 1"))
        // A step that has passed is no secret any more.
        try small.check(["10.1": .pass])
        #expect(try small.study(["diff", "10.1"]).output.contains("+let x = 1"))
    }

    @Test func colourIsForTerminalsThatWantIt() throws {
        defer { remove() }
        try checkable()
        let escape = "\u{1B}["
        let check = ["check", "10"]
        #expect(try !small.study(check).output.contains(escape))
        #expect(try small.study(check, onTerminal: true).output.contains("\u{1B}[32mpass"))
        let plain = try small.study(check, onTerminal: true, ["NO_COLOR=1"]).output
        #expect(
            plain.contains("pass") && !plain.contains("\u{1B}[3") && !plain.contains("\u{1B}[1m"))
        #expect(
            try !small.study(check, onTerminal: true, ["TERM=dumb"]).output.contains("\u{1B}[3"))
    }

    @Test func gradescopeGetsScoresThatAddUp() throws {
        defer { remove() }
        try checkable()
        let result = try small.study(["check", "10", "--format", "gradescope"])
        #expect(result.code == 1)
        let json = try JSON(parsing: Array(result.output.utf8))
        #expect(json["score"]?.int == 50)
        let tests = json["tests"]?.array ?? []
        #expect(tests.map { $0["score"]?.int } == [50, 0])
        #expect(tests.map { $0["max_score"]?.int } == [50, 50])
        #expect(tests.map { $0["status"]?.string } == ["passed", "failed"])
        #expect(tests[1]["output"]?.string?.contains("fail: too few <pods>") == true)
        // What a person reads while it runs is on the other output.
        #expect(result.errors.contains("too few <pods>"))
    }

    @Test func junitIsXMLThatAParserReads() throws {
        defer { remove() }
        try checkable(SmallKit.verdict("10.2", .environment, "needs \"root\" & more"))
        let result = try small.study(["check", "10", "--format", "junit"])
        let head =
            "<testsuite name=\"Lab 10 Small\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\""
        #expect(result.output.contains(head))
        #expect(
            result.output.contains(
                "<skipped message=\"environment: needs &quot;root&quot; &amp; more\">"))
        #expect(result.output.contains("name=\"points.possible\" value=\"50\""))
        try small.write(result.output, to: "report.xml")
        if which("python3") != nil {
            let parsed = try capture(
                "python3",
                [
                    "python3", "-c",
                    "import sys, xml.etree.ElementTree as t; print(len(t.parse(sys.argv[1]).getroot().findall('testcase')))",
                    "\(small.root)/report.xml",
                ])
            #expect(String(decoding: parsed.output, as: UTF8.self) == "2\n")
        }
    }

    @Test func aPassThatIsNotAllOfItSaysSoInEveryFormat() throws {
        defer { remove() }
        let note = "with real groups not run here: none"
        try checkable(SmallKit.verdict("10.2", .pass, note))
        #expect(try small.study(["check", "10"]).output.contains(note))
        for format in ["json", "junit", "gradescope"] {
            #expect(
                try small.study(["check", "10", "--format", format]).output.contains(note),
                "\(format)")
        }
    }

    @Test func replayDrawsTheRunAndWritesAPage() throws {
        defer { remove() }
        var report = StepReport("10.2", .fail, "too many <pods>")
        var timeline = Timeline(lanes: ["kubelet"])
        timeline.add(5, 1, "starts <web>", isBad: true)
        (report.timeline, report.seed, report.size) = (timeline, 7, 3)
        try small.makeCheckable(
            judge:
                "echo \"$@\" > \(small.root)/asked\necho $secret'\(try JSON(encoding: report).text)'"
        )
        let result = try small.study(["replay", "10.2", "--seed", "7", "--size", "3"])
        #expect(result.code == 0 && result.output.contains("starts <web>"))
        #expect(result.output.contains("fail: too many <pods>"))
        let asked = try Files.readText("\(small.root)/asked")
        #expect(asked.contains("--steps 10.2") && asked.contains("--seed 7 --seeds 1 --size 3"))
        let page = try Files.readText("\(small.kit.scratch)/replays/10.2-seed-7.html")
        #expect(page.contains("starts &lt;web&gt;") && !page.contains("<web>"))
        #expect(page.contains("lab 10: step 10.2, seed 7, size 3"))
    }

    /// A debugger that only starts what it is given: the conversation that was judged is played to the part.
    @Test func replayUnderADebuggerPlaysTheConversation() throws {
        defer { remove() }
        try small.makeCheckable(
            judge: """
                mkdir -p \(small.kit.scratch)/logs/10-replay
                printf '> {"id":1,"ask":"a"}\\n< {"id":1,"answer":2}\\n' > \(small.kit.scratch)/logs/10-replay/10.2-first.transcript
                \(SmallKit.verdict("10.2", .fail, "wrong"))
                """)
        // A compiler that makes this program.
        let part =
            #"read question <&3; echo "asked $question"; echo '{"id":1,"answer":9}' >&3; read more <&3"#
        try small.write("#!/bin/sh\n\(part)\n", to: "part.sh", mode: 0o755)
        try small.write(
            "#!/bin/sh\nfor word; do [ \"$last\" = -o ] && program=$word; last=$word; done\ncp \(small.root)/part.sh $program\n",
            to: "tools/swiftc", mode: 0o755)
        // The program comes last, whichever debugger is meant.
        try small.write(
            "#!/bin/sh\ncase \"$*\" in *--batch*) exit 0 ;; esac\necho \"stops $*\"\nfor word; do last=$word; done\nexec \"$last\"\n",
            to: "tools/lldb", mode: 0o755)
        let path = "PATH=\(small.root)/tools:/usr/bin:/bin"
        let result = try small.study(["replay", "10.2", "--debug"], [path])
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("breakpoint set --file B.swift --line 2"))
        #expect(result.output.contains(#"asked {"id":1,"ask":"a"}"#))
        #expect(
            result.output.contains("1 answer came out otherwise than in the run that was judged"))
    }
}
