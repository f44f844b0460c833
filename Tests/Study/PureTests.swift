import JSON
import Linux
import Testing

@testable import Proving
@testable import Study

@Suite struct BlameTests {
    /// What a cluster fails with: any superset of one of these.
    private func search(_ labs: [String], _ bad: [Set<String>]) -> (
        BlameSearch.Finding, rounds: Int
    ) {
        var rounds = 0
        let finding = BlameSearch.run(labs) { mine in
            rounds += 1
            return bad.contains { $0.isSubset(of: mine) }
        }
        return (finding, rounds)
    }
    private let labs = ["01", "02", "06", "09", "10"]

    @Test func oneLabIsNamedAfterFewRounds() {
        for lab in labs {
            let found = search(labs, [[lab]])
            #expect(found.0 == .culprits([[lab]]))
            #expect(found.rounds <= labs.count + 3)
        }
    }
    @Test func aPairIsNamedAsAPair() {
        #expect(search(labs, [["02", "09"]]).0 == .culprits([["02", "09"]]))
    }
    @Test func twoBadLabsAreBothNamed() {
        #expect(search(labs, [["02"], ["10"]]).0 == .culprits([["02"], ["10"]]))
    }
    @Test func threeThatOnlyFailTogetherAreNamedWithAllThatWereThere() {
        #expect(search(labs, [["01", "02", "06"]]).0 == .culprits([["01", "02", "06"]]))
    }
    @Test func nobodyIsBlamedWhereNothingFailsOrTheReferenceDoes() {
        #expect(search(labs, []).0 == .nothing)
        #expect(search(labs, [[]]).0 == .reference)
    }
}

@Suite struct HandoutTests {
    @Test func commandsOutputContinuationsAndKindsAreTold() {
        let text = """
            ```sh
            $ not this
            ```
            ```console
            $ echo a \\
              b
            a b
            $ cat <<X
            > c
            > X
            c
            ```
            ```console cluster
            $ kubectl get nodes
            …
            ```
            ```console cgroup2
            $ ls
            …
            ```
            ```console of another kind
            $ not this either
            ```
            """
        let blocks = Handout(text).blocks
        #expect(blocks.map(\.needs) == [nil, .cluster, .cgroup2])
        #expect(blocks[0].commands.map(\.text) == ["echo a \\\n  b", "cat <<X\nc\nX"])
        #expect(blocks[0].commands.map(\.expected) == [["a b"], ["c"]])
        #expect(blocks[0].commands.map(\.line) == [5, 8])
    }

    @Test(arguments: [
        (["a", "b"], ["a", "b"], true), (["a", "b"], ["a"], false), (["a"], ["a", "b"], false),
        (["pid 4711 of 9"], ["pid … of 9"], true), (["pid 4711 of 8"], ["pid … of 9"], false),
        (["x", "y", "z"], ["x", "…"], true), (["x"], ["x", "…"], true),
        (["x", "y", "z"], ["…", "z"], true),
        (["x", "y", "z"], ["…", "q", "…"], false), ([], ["…"], true), ([], [], true),
        (["x"], [], false),
        (["aab"], ["…ab"], true), (["a  "], ["a"], true), (["a", ""], ["a"], true),
        (["one", "two", "three", "two", "end"], ["one", "…", "two", "end"], true),
    ]) func ellipsesStandForAnything(seen: [String], pattern: [String], fits: Bool) {
        #expect(Handout.matches(seen, pattern) == fits)
    }
}

@Suite struct HolesTests {
    private let reference = """
        struct S {
            func f() {
                // step 10.1 begin
                let a = 1
                return a
                // step 10.1 end
            }
        }
        """

    @Test func aStarterIsTheReferenceWithItsHolesEmptied() {
        let starter = Starter.emptied(reference)
        #expect(starter.contains("        throw Unfinished(\"10.1\")\n        // step 10.1 end"))
        #expect(!starter.contains("let a"))
        #expect(Holes(starter).replacing("10.1", by: Holes(reference)) == reference)
    }
    @Test func holesKnowTheirStepsAndFirstLines() {
        #expect(Holes(reference).steps == ["10.1"])
        #expect(Holes(reference).firstLines(of: "10.1") == [4])
    }
    @Test func aHoleWithNothingInItIsEmpty() {
        let weak = Holes(reference).replacing(
            "10.1", by: Holes("// step 10.1 begin\n// step 10.1 end"))
        #expect(!weak.contains("return a"))
        #expect(weak.contains("// step 10.1 begin\n        // step 10.1 end"))
    }
}

@Suite struct WordsTests {
    @Test func optionsTakeValuesBothWays() throws {
        let arguments = try Arguments(
            ["10", "--seed", "7", "--size=3", "--live"], options: ["--seed", "--size"],
            flags: ["--live"])
        #expect(arguments.words == ["10"])
        #expect(try arguments.number("--seed") == 7)
        #expect(try arguments.number("--size") == 3)
        #expect(arguments.has("--live"))
    }
    @Test func whatIsNotUnderstoodIsNamed() {
        #expect(throws: StudyError.self) { try Arguments(["--sead", "7"], options: ["--seed"]) }
        #expect(throws: StudyError.self) { try Arguments(["--seed"], options: ["--seed"]) }
        #expect(throws: StudyError.self) {
            try Arguments(["--seed", "x"], options: ["--seed"]).number("--seed")
        }
    }
    @Test func linesAreBrokenAtSpacesAndKeepTheirMargin() {
        #expect(Screen.wrap("  one two three", 9) == ["  one two", "  three"])
        #expect(Screen.wrap("short", 9) == ["short"])
        #expect(Screen.wrap("averylongword", 5) == ["averylongword"])
    }
    @Test func controlCharactersAreShownByTheirNumber() {
        #expect(ReportText.harmless("a\u{1B}[31mb") == "a\\u{1b}[31mb")
    }
    @Test func predictionsAreFoundInAHandout() {
        let text = """
            Text.

            **Predict:** how many pods are there
            after a minute?

            ```console
            $ true
            ```
            **Predict**: and then?

            **Names.** The answer to the last one is three. *Predict*: who sees
            a hostname?
            ```sh
            echo '*Predict* nothing'
            ```
            Now *predict* nothing. *Predict* the number again.

            **Who am I?** *Predict*: who?
            """
        #expect(
            Overview.predictions(text) == [
                "How many pods are there after a minute?", "And then?",
                "Names: who sees a hostname?", "The number again.", "Who am I? Who?",
            ])
    }
}
