import Linux
import Testing

@testable import Study

/// What `Labs/lab` answers by itself: nothing is built for it, and no compiler has to be there.
@Suite struct LauncherScriptTests {
    private static let root = HostileTests.root

    private func lab(_ words: [String], _ environment: [String] = []) throws -> (
        code: Int32, output: String, errors: String
    ) {
        let call =
            ["env", "-i", "PATH=/usr/bin:/bin", "HOME=/tmp"] + environment + [
                "\(Self.root)/Labs/lab"
            ] + words
        let result = try capture(call[0], call)
        return (
            result.ending.code, String(decoding: result.output, as: UTF8.self),
            String(decoding: result.errors, as: UTF8.self)
        )
    }

    private static let help = (try? Files.readText("\(root)/Docs/help.txt")) ?? ""

    @Test(arguments: [[], ["help"], ["--help"], ["-h"]]) func helpNamesAllCommands(words: [String])
        throws
    {
        let result = try lab(words)
        #expect(result.code == 0 && result.errors.isEmpty)
        // The script names itself by the path that it was called by, however long that is.
        let output = result.output.split(separator: "\(Self.root)/").joined()
        #expect(output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(result.output.contains("  check NN[.S]") && result.output.contains("  up  "))
    }

    /// Every command that a program knows stands in the help, and the script lets no other through.
    @Test func everyCommandIsInTheHelp() throws {
        let named = Set(
            Self.help.split(separator: "\n").filter { $0.hasPrefix("  ") }.compactMap {
                $0.split(separator: " ").first
            })
        let inner: Set = [
            "build-variant", "judge-variant", "busy", "bench-loop",
        ]
        for command in studentCommands.keys.sorted() where !inner.contains(command) {
            #expect(named.contains(Substring(command)), "\(command)")
        }
        for file in try Files.list("\(Self.root)/Sources/Programs/lab") {
            for line in try Files.readText("\(Self.root)/Sources/Programs/lab/\(file)").split(
                separator: "\n")
            {
                guard let mark = line.firstRange(of: "commandName: \""), !line.contains("Labs/lab")
                else { continue }
                let name = line[mark.upperBound...].prefix { $0 != "\"" }
                #expect(named.contains(name), "\(name)")
            }
        }
    }

    @Test(arguments: [
        ("chek", "check"), ("upp", "up"), ("stat", "start"), ("hnit", "hint"), ("replai", "replay"),
    ])
    func aTypoIsAnsweredWithTheNearestCommand(said: String, meant: String) throws {
        let result = try lab([said, "10"])
        #expect(result.code == 64 && result.output.isEmpty)
        #expect(
            result.errors.contains("no command \"\(said)\"")
                && result.errors.contains("lab \(meant)?"), "\(result.errors)")
    }

    @Test(arguments: ["frobnicate", "-x", "$(true)", "check up", "*"])
    func whatIsNearNothingIsOnlyRefused(said: String) throws {
        let result = try lab([said])
        #expect(
            result.code == 64 && result.errors.contains("lab help names them all"),
            "\(result.errors)")
        #expect(!result.errors.contains("did you mean"))
    }

    @Test func theVersionIsThatOfTheChangelog() throws {
        let heading = try Files.readText("\(Self.root)/Docs/Changelog.md").split(separator: "\n")
            .first { $0.hasPrefix("## ") }
        let result = try lab(["--version"])
        #expect(
            result.code == 0 && result.output.hasPrefix("Drydock \(heading?.dropFirst(3) ?? "?")"))
        #expect("Drydock \(Kit(root: Self.root).version)\n" == result.output)
    }

    @Test func aPlaceThatCannotBeWrittenToIsSaid() throws {
        let result = try lab(["list"], ["DRYDOCK_LABS_SCRATCH=/proc/nothing", "DRYDOCK_BUILD=no"])
        #expect(result.code == 2 && result.errors.contains("/proc/nothing can't be written to"))
    }

    /// Whatever git is set to, the script's lines end as a shell wants them.
    @Test func linesEndAsAShellWantsThem() throws {
        #expect(try Files.readText("\(Self.root)/.gitattributes").contains("* text=auto eol=lf"))
    }
}

@Suite struct WordsForPeopleTests {
    @Test(arguments: [
        "/home/a/kit", "/x/cash $mine", "/x/it's", "/x/a\"b", "", "/x/*", "/x/`id`", "/x/é\n",
    ])
    func whatIsPastedMeansItself(path: String) throws {
        let result = try capture("sh", ["sh", "-c", "printf %s \(shellWord(path))"])
        #expect(result.output == Array(path.utf8))
    }

    @Test func secretsAreLeftOut() {
        let text = """
            -----BEGIN PRIVATE KEY-----
            MIIE
            -----END PRIVATE KEY-----
            Authorization: Bearer abc.def
            token="eyJhbGciOi.eyJpc3Mi.x" ok
            a line
            """
        let seen = Bundle.withoutSecrets(text)
        for secret in ["MIIE", "abc.def", "eyJ"] { #expect(!seen.contains(secret), "\(seen)") }
        #expect(seen.contains("a line") && seen.contains("Authorization:"))
    }

    @Test func theHoleThatFailedIsNamed() {
        let text = """
            func bounds(a: Int) {
                // step 10.4 begin
                let x = 1
                // step 10.4 end
            }
            func undoTarget(a: Int) {
                // step 10.4 begin
                throw Unfinished("10.4")
                // step 10.4 end
            }
            """
        let holes = Holes(text)
        #expect(holes.place(of: "10.4", asked: "bounds") == 2)
        #expect(holes.place(of: "10.4", asked: "undoTarget") == 7)
        #expect(holes.place(of: "10.4", asked: nil) == 7)
        #expect(holes.place(of: "10.4", asked: "plan") == 7)
        #expect(holes.place(of: "10.5", asked: nil) == nil)
    }
}
