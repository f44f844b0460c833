import Linux
import Testing

@testable import Proving
@testable import Study

/// What the kit refuses of a lab, read off its files.
@Suite struct LabRulesTests {
    private func rules(_ change: (SmallKit) throws -> Void) throws -> [String] {
        let small = try SmallKit()
        defer { small.remove() }
        for name in (1...5).map({ "m\($0)" }) {
            try small.write(
                "step: 10.1\nmessage: too few\n", to: "Tests/Mutants/10-Small/\(name).patch")
        }
        let hole = (1...5).map { "let a\($0) = 1" }.joined(separator: "\n")
        for (file, step) in [("A", "10.1"), ("B", "10.2")] {
            try small.write(
                "// step \(step) begin\n\(hole)\n// step \(step) end\n",
                to: "Solutions/10-Small/\(file).swift")
        }
        try change(small)
        return try LabRules(lab: small.lab, card: small.lab.card()).lines()
            .filter { $0.hasPrefix("  BROKEN") }.map { String($0.dropFirst("  BROKEN  ".count)) }
    }

    @Test func aLabThatKeepsToThemHasNothingBroken() throws {
        #expect(try rules { _ in } == [])
    }

    @Test func aHoleThatIsTooSmallOrTooBigIsNamed() throws {
        func hole(_ count: Int) throws -> [String] {
            let lines = String(repeating: "let a = 1\n", count: count)
            return try rules {
                try $0.write(
                    "// step 10.1 begin\n\(lines)// step 10.1 end\n",
                    to: "Solutions/10-Small/A.swift")
            }
        }
        #expect(try hole(4) == ["step 10.1 takes 4 lines"])
        #expect(try hole(26) == ["step 10.1 takes 26 lines"])
        #expect(try hole(25) == [])
    }

    @Test func whatLiesAboutIsNamedUnlessTheManifestListsIt() throws {
        func stray(_ manifest: String) throws -> [String] {
            try rules {
                try $0.write("let lyingBeside = [\(manifest)]\n", to: "Package.swift")
                try $0.write("", to: "Labs/10-Small/web.yaml")
            }
        }
        #expect(
            try stray("\"06\": [\"web.yaml\"]") == [
                "Labs/10-Small/web.yaml is nothing of the lab's"
            ])
        #expect(try stray("\"06\": [\"x.sh\"], \"10\": [\"web.yaml\"]") == [])
        let notes = try rules { try $0.write("", to: "Solutions/10-Small/notes.txt") }
        #expect(notes == ["Solutions/10-Small/notes.txt is nothing of the lab's"])
    }

    @Test func aLongFileIsNamed() throws {
        let broken = try rules { small in
            for home in ["Labs", "Solutions"] {
                try small.write(
                    String(repeating: "//\n", count: 121), to: "\(home)/10-Small/C.swift")
            }
        }
        #expect(broken.count == 1 && broken[0].contains("Labs/10-Small/C.swift has 121 lines"))
    }

    @Test func aMutantThatDoesNotSayHowItDiesIsNamed() throws {
        let broken = try rules {
            try $0.write("step: 10.1\nmessage: \n", to: "Tests/Mutants/10-Small/m3.patch")
        }
        #expect(broken == ["mutant m3 does not say with which words it dies"])
    }

    @Test func variantsAreCalledByTheirNamesAndBack() {
        let all: [Variants.Variant] = [
            .reference, .starter, .emptied("10.1"), .weak("10.8"), .few("10.8"), .grumpy("10.8"),
            .mutant("below-zero"),
        ]
        for variant in all { #expect(Variants.Variant(named: variant.name) == variant) }
    }
}
