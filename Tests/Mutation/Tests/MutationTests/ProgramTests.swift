import Mutation
import Testing

/// The variants of a hole are a function of its text.
@Suite struct ProgramTests {
    /// What stands in the hole of a function `f` instead.
    private func variants(_ hole: String, contract: String = "") -> [String] {
        let program = program(hole, contract: contract)
        return program.variants.map { "\($0.kind): \($0.after)" }
    }

    private func program(_ hole: String, contract: String = "") -> Program {
        let text = """
            func given(_ a: Int) -> Int { a + 1 }
            func f(_ a: Int, _ b: Int) -> Int {
                // step 17.1 begin
            \(hole)
                // step 17.1 end
            }
            func other(_ a: Int) -> Int {
                // step 17.2 begin
                a + 1
                // step 17.2 end
            }
            """
        return Program(
            [.init(name: "F.swift", text: text)], steps: ["17.1"], contract: [contract])
    }

    @Test func comparisonsTurnAndLoseTheirEquality() {
        #expect(variants("a < b") == ["comparison: a <= b", "comparison: a > b"])
    }

    @Test func constantsGoByOne() {
        #expect(
            variants("f(1_000)") == ["constant by one: f(1001)", "constant by one: f(999)"])
    }

    @Test func whatIsTheSameInOtherWordsIsNoMistake() {
        #expect(variants("abs(a - b)") == ["operator: abs(a + b)"])
        #expect(
            variants("c ? 0 : 1").filter { $0.hasPrefix("constant") } == [
                "constant by one: c ? 1 : 1", "constant by one: c ? 0 : 0",
            ])
    }

    @Test func eachHalfOfAConditionIsLeftOut() {
        #expect(
            variants("a && b") == [
                "condition left out: a", "condition left out: b", "operator: a || b",
            ])
    }

    @Test func sidesOfADifferenceAreExchangedAndThoseOfASumAreNot() {
        #expect(variants("a - b") == ["sides exchanged: b - a", "operator: a + b"])
        #expect(variants("a + b") == ["operator: a - b"])
    }

    @Test func minIsTakenForMaxAndABoundIsForgotten() {
        #expect(
            variants("min(a, b)") == [
                "min and max: max(a, b)", "bound left out: (a)", "bound left out: (b)",
            ])
    }

    @Test func fieldsOfOneTypeOfOneStructAreExchanged() {
        let contract = "struct S { var up: Int; var down: Int; var name: String }"
        #expect(variants("s.up", contract: contract) == ["fields exchanged: s.down"])
        #expect(variants("s.name", contract: contract).isEmpty)
    }

    @Test func statementsAreLeftOutAndChangePlacesAndDeclarationsAreNot() {
        let found = variants("let c = a\ng(c)\nh(c)\nreturn c")
        #expect(
            found == [
                "statement left out: ", "order: h(c) g(c)", "statement left out: ",
            ])
    }

    @Test func valuesThatKnowNothingOfEachOtherDoNotChangePlaces() {
        #expect(!variants("s.up = a\ns.down = b").contains { $0.hasPrefix("order") })
        #expect(variants("s.up = a\ns.down = s.up").contains { $0.hasPrefix("order") })
    }

    @Test func aGuardIsLeftOutNegatedAndLeftToChance() {
        let found = variants("if a.isEmpty { return b }\nreturn a")
        #expect(
            found == [
                "guard left out: ", "condition negated: if !(a.isEmpty) { return b }",
                "randomness: if Bool.random() { return b }",
            ])
    }

    @Test func anOrderIsForgottenTurnedAndLeftToChance() {
        #expect(
            variants("a.sorted()") == [
                "order: a", "randomness: a.shuffled()", "order: Array(a.sorted().reversed())",
            ])
    }

    @Test func onlyTheHolesOfTheStepsThatWereAskedForAreChanged() {
        #expect(program("a < b").variants.allSatisfy { $0.step == "17.1" && $0.function == "f" })
    }

    @Test func eachVariantIsTheWholeBodyInAFunctionOfItsOwn() {
        let text = program("a < b").written(without: [2])[0].text
        #expect(
            text.contains("#sourceLocation(file: \"variant-1\", line: 1)\nfunc variant() -> Int {"))
        #expect(text.contains("a <= b") && text.contains("return variant()"))
        #expect(!text.contains("a > b"))
        #expect(text.contains("func given(_ a: Int) -> Int { a + 1 }"))
    }

    @Test func numbersArePlacesThatDoNotChangeWithWhatIsLeftOut() {
        let program = program("a < b")
        #expect(program.variants.map(\.number) == [1, 2])
        #expect(program.written(without: [1])[0].text.contains("case 2:"))
    }
}
