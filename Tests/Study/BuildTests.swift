import Grading
import JSON
import Linux
import Testing

@testable import Study

/// What is judged is built from exactly what was handed in. The compiler here makes a program that holds its sources,
/// and the judge goes by what the program holds.
@Suite struct BuildTests {
    private let small: SmallKit

    init() throws {
        small = try SmallKit()
        // Says of each step whether the part holds the word `right`; what it judged is kept.
        try small.makeCheckable(
            judge: """
                for word; do [ "$last" = --part ] && part=$word; last=$word; done
                cat "$part" > \(small.root)/judged
                if grep -q right "$part"; then verdict=pass share=1; else verdict=fail share=0; fi
                for step in 1 2; do
                    echo "$secret$(printf '{"step":"10.%s","verdict":"%s","message":"","share":%s,"milliseconds":1}' $step $verdict $share)"
                done
                """)
        try compiler("cat $sources > $program")
    }

    private func compiler(_ body: String) throws {
        try small.write(
            """
            #!/bin/sh
            for word; do
                [ "$last" = -o ] && program=$word
                case $word in *.swift) sources="$sources $word" ;; esac
                last=$word
            done
            \(body)
            chmod +x $program 2>/dev/null; exit 0

            """, to: "tools/swiftc", mode: 0o755)
    }

    private func handIn(_ name: String, _ text: String, daysAgo: Int = 0) throws -> String {
        for file in ["A", "B"] {
            try small.write("// \(text) \(file)\n", to: "\(name)/\(file).swift")
        }
        let folder = "\(small.root)/\(name)"
        _ = try capture(
            "touch",
            [
                "touch", "-d", "\(daysAgo) days ago", "\(folder)/A.swift", "\(folder)/B.swift",
                folder,
            ])
        return folder
    }

    private func verdicts(_ words: [String]) throws -> [String] {
        let result = try small.study(["check", "10", "--format", "json"] + words)
        let json = try JSON(parsing: Array(result.output.utf8))
        return (json["steps"]?.array ?? []).compactMap { $0["verdict"]?.string }
    }

    @Test func aHandInIsJudgedByItsOwnBytesWhateverTheTimes() throws {
        defer { small.remove() }
        let (right, wrong) = (try handIn("alice", "right"), try handIn("bob", "other", daysAgo: 2))
        #expect(try verdicts(["--from", right]) == ["pass", "pass"])
        #expect(try verdicts(["--from", wrong]) == ["fail", "fail"])
        #expect(try Files.readText("\(small.root)/judged").contains("other A"))
        // The other way round, and the same folder with other content and older times.
        #expect(try verdicts(["--from", right]) == ["pass", "pass"])
        _ = try handIn("alice", "other", daysAgo: 9)
        #expect(try verdicts(["--from", right]) == ["fail", "fail"])
    }

    @Test func thePartInLabsIsBuiltAnewWhenItsBytesChangeAndOnlyThen() throws {
        defer { small.remove() }
        try compiler("cat $sources > $program; echo built >> \(small.root)/builds")
        func builds() -> Int {
            ((try? Files.readText("\(small.root)/builds")) ?? "").split(separator: "\n").count
        }
        let home = "Labs/10-Small"
        _ = try handIn(home, "right")
        #expect(try verdicts([]) == ["pass", "pass"] && builds() == 1)
        #expect(try verdicts([]) == ["pass", "pass"] && builds() == 1)
        _ = try handIn(home, "wrong", daysAgo: 3)
        #expect(try verdicts([]) == ["fail", "fail"] && builds() == 2)
    }

    @Test func twoAtOnceDoNotMix() throws {
        defer { small.remove() }
        try compiler("sleep 0.3; cat $sources > $program")
        let folders = [try handIn("alice", "right"), try handIn("bob", "other")]
        let environment = [
            "PATH=\(small.root)/tools:/usr/bin:/bin", "DRYDOCK_ROOT=\(small.root)",
            "DRYDOCK_BUILD=no",
        ]
        for _ in 0..<3 {
            let checks = try folders.map { folder in
                try Child.spawn(
                    SmallKit.program, [SmallKit.program, "check", "10", "--from", folder],
                    environment: environment)
            }
            #expect(try checks.map { try $0.wait().code } == [0, 1])
        }
        // And nothing of them stays.
        let left = try Files.list("\(small.kit.scratch)/parts/folder")
        #expect(left.isEmpty, "\(left)")
    }

    @Test func aSaveInTheMiddleOfABuildIsReadAgain() throws {
        defer { small.remove() }
        _ = try handIn("Labs/10-Small", "half")
        try compiler(
            """
            if grep -q half $sources; then
                echo "// right" > \(small.root)/Labs/10-Small/A.swift
                echo "// right" > \(small.root)/Labs/10-Small/B.swift
                echo "$(echo $sources | cut -d' ' -f1):1:1: error: expected declaration" >&2
                exit 1
            fi
            cat $sources > $program
            """)
        #expect(try verdicts([]) == ["pass", "pass"])
    }

    @Test func whatTheMachineIsToBlameForIsNeverAFail() throws {
        defer { small.remove() }
        for words in [
            "error: No space left on device", "error: unable to open output file",
            "error: cannot load module",
        ] {
            try compiler("echo '\(words)' >&2; exit 1")
            #expect(
                try verdicts(["--from", try handIn("alice", "right")]) == [
                    "environment", "environment",
                ], "\(words)")
            #expect(try verdicts([]) == ["environment", "environment"], "\(words)")
        }
        // Nothing of it is noted.
        #expect(Progress(small.kit).step("10.1")?["attempts"] == nil)
    }

    @Test func aHandInThatIsNoneHasAVerdictForEachStep() throws {
        defer { small.remove() }
        try small.write("x", to: "empty/notes.txt")
        for folder in ["empty", "none"] {
            let result = try small.study([
                "check", "10", "--from", "\(small.root)/\(folder)", "--format", "gradescope",
            ])
            let tests = try JSON(parsing: Array(result.output.utf8))["tests"]?.array ?? []
            #expect(tests.map { $0["score"]?.int } == [0, 0])
            #expect(
                tests.allSatisfy {
                    $0["output"]?.string?.contains("there is nothing to judge") == true
                })
        }
    }

    @Test func theCompilerHasBounds() throws {
        defer { small.remove() }
        try compiler("while :; do :; done")
        var compiler = Compiler(moduleCache: "\(small.root)/cache")
        compiler.seconds = 1
        // Not by PATH, which is the process's: the tests beside this one ask the real compiler.
        compiler.program = "\(small.root)/tools/swiftc"
        #expect {
            try compiler.run(["x.swift", "-o", "x"])
        } throws: { error in
            (error as? CompilerErrors)?.complaints.first?.meaning?.contains("was stopped") == true
        }
    }
}
