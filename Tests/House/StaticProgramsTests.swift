import Linux
import Testing

/// What starts once for every container is one static file, and neither Foundation nor concurrency is in it: either
/// would cost it milliseconds.
@Suite struct StaticProgramsTests {
    /// The static programs, and the modules that they are made of, as Package.swift has them.
    static let programs = ["runtime", "overlay", "shim"]
    static let folders =
        programs.map { "Sources/Programs/\($0)" } + [
            "Sources/Services/OCIRuntime", "Sources/Services/Snapshots", "Sources/Services/PartPipe",
            "Sources/Ground", "Sources/Values/JSON", "Sources/Contracts", "Solutions/01-Namespaces",
            "Solutions/02-ControlGroups", "Solutions/03-Overlay", "Solutions/05-Runtime",
        ]

    @Test func noneOfThemImportsFoundation() {
        for file in Tree.swiftFiles(below: Self.folders) {
            let heavy = file.imports.filter { $0.hasPrefix("Foundation") || $0 == "Dispatch" }
            #expect(heavy.isEmpty, "\(file.path) imports \(heavy)")
        }
    }

    @Test func noneOfThemWaitsConcurrently() {
        for file in Tree.swiftFiles(below: Self.folders) {
            for (number, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                // "async" in quotes is an option of mount(8).
                let words = line.split { !$0.isLetter && $0 != "\"" }
                #expect(
                    !words.contains("await") && !words.contains("async"),
                    "\(file.path):\(number + 1): \(line)")
            }
        }
    }

    /// A program header of type PT_INTERP (3) names the loader that a dynamic program needs. Source: elf(5).
    @Test func noneOfThemNeedsALoader() throws {
        for name in Self.programs {
            let path = "\(Tree.root)/.build/debug/\(name)"
            // Whoever builds this test alone has not built them.
            guard Files.exists(path) else { continue }
            let bytes = try Files.read(path)
            func number(_ at: Int, _ size: Int) -> Int {
                (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
            }
            #expect(Array(bytes[1...3]) == Array("ELF".utf8), "\(path)")
            let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2))
            let types = (0..<count).map { number(table + $0 * size, 4) }
            #expect(!types.isEmpty && !types.contains(3), "\(name) needs a loader")
        }
    }
}
