import Linux
import Testing

@testable import Study

/// The real compiler is asked, since its words change from one version to the next.
@Suite struct CompilerTests {
    /// A mistake, and a part of what it usually means.
    static let mistakes: [(code: String, meaning: String)] = [
        ("func f(a: Int?) -> Int { a }", "may be nil"),
        ("func g() throws {}\nfunc f() throws { g() }", "write `try` before"),
        ("func g() throws {}\nfunc f() { try g() }", "marked `throws`"),
        ("func f() { let a = 1; a = 2 }", "Make it `var`"),
        ("func f(a: Int) { a += 1 }", "Arguments are constants"),
        ("struct S { var a = 1; func f() { a = 2 } }", "`mutating`"),
        ("func f() -> Int { if Bool.random() { return 1 } }", "without a `return`"),
        ("enum E { case a, b }\nfunc f(e: E) -> Int { switch e { case .a: 1 } }", "every case"),
        ("func f() -> Int { conut }", "Look at its spelling"),
        ("func f(a: Pds) {}", "No type of this name"),
        ("func f(a: String) -> Int { a.cuont }", "nothing of this name"),
        ("func f(a: Int) -> String { return a }", "after `->`"),
        ("func g(_ a: Double) {}\nfunc f(a: Int) { g(a) }", "Swift converts nothing"),
        ("func f(a: Int, b: Double) -> Double { a * b }", "Swift converts nothing"),
        ("func f(a: Int?) { if a { } }", "x != nil"),
        ("func g(a: Int, b: Int) {}\nfunc f() { g(a: 1) }", "lacks an argument"),
        ("func f(a: Int) {\n if a > 1 {\n", "never closed"),
        ("protocol P { func f() }\nstruct S: P {}", "A function of the contract is missing"),
        ("import Foundashun", "nothing but its contract"),
    ]

    @Test func commonMistakesAreExplained() throws {
        let folder = "/tmp/drydock-compiler-test-\(getpid())"
        try Files.makeDirectories(folder)
        defer { try? Files.removeTree(folder) }
        for (index, mistake) in Self.mistakes.enumerated() {
            let path = "\(folder)/Part\(index).swift"
            try Files.write(mistake.code + "\n", to: path)
            let result = try capture(
                "swiftc", ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", path])
            let complaints = Complaint.all(in: String(decoding: result.errors, as: UTF8.self))
            #expect(
                complaints.contains { $0.meaning?.contains(mistake.meaning) == true },
                "\(mistake.code): \(complaints.map { "\($0.message) => \($0.meaning ?? "-")" })")
            #expect(complaints.allSatisfy { $0.file == "Part\(index).swift" && $0.line > 0 })
        }
    }

    @Test func aRepeatedMessageIsShownOnceAndNotesAreNot() {
        let line = "/x/A.swift:3:5: error: cannot find 'y' in scope"
        let all = Complaint.all(
            in: [line, "/x/A.swift:9:1: note: here", line, "  `- error: cannot"].joined(
                separator: "\n"))
        #expect(all.map(\.line) == [3])
    }

    @Test func whatTheLinkerSaysIsNotLost() {
        let all = Complaint.all(in: "/usr/bin/ld: x\nclang: error: linker command failed")
        #expect(all.map(\.message) == ["clang: error: linker command failed"])
    }
}
