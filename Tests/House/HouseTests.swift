import Linux
import Testing

/// The house's own rules, read off the tree: which floor may import which, how long a text may be, and that
/// the labs' two homes are mirrors.
@Suite struct HouseTests {
    static let sources = Tree.swiftFiles(below: ["Sources", "Labs", "Solutions"]).filter {
        !$0.path.contains("/Generated/")
    }

    @Test func noFileImportsAFloorAboveItsOwn() {
        for file in Self.sources {
            guard let floor = Floor(path: file.path) else {
                Issue.record("\(file.path) stands on no floor of the house")
                continue
            }
            for module in file.imports {
                guard let other = Floor.of(module: module) else { continue }
                #expect(other <= floor, "\(file.path) (\(floor)) imports \(module) (\(other))")
            }
        }
    }

    @Test func partsImportNothingButContractsAndWhatStandsBelowThem() {
        for file in Self.sources where Floor(path: file.path) == .parts {
            for module in file.imports {
                #expect(
                    Floor.of(module: module).map { $0 <= .contracts } ?? false,
                    "\(file.path) imports \(module)")
            }
        }
    }

    @Test func onlyProgramsChooseAPart() {
        for file in Self.sources where Floor(path: file.path) != .programs {
            let parts = file.imports.filter { $0.hasPrefix("Solution") || $0.hasPrefix("Lab") }
            #expect(parts.filter { $0 != "Labs" }.isEmpty, "\(file.path) imports \(parts)")
        }
    }

    @Test func onlyTheModuleLinuxImportsTheCShim() {
        for file in Self.sources where !file.path.hasPrefix("Sources/Ground/Linux/") {
            #expect(!file.imports.contains("CLinux"), "\(file.path) imports CLinux")
        }
    }

    @Test func noFileIsLongerThan350Lines() {
        for file in Self.sources {
            #expect(file.lines.count <= 350, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func noFunctionIsLongerThan70Lines() {
        for file in Self.sources {
            for function in file.functions where function.length > 70 {
                Issue.record("\(file.path):\(function.line) is \(function.length) lines long")
            }
        }
    }

    @Test func theTwoHomesOfALabHoldTheSameSwiftFiles() {
        for lab in Tree.list("Labs")
        where Tree.isDirectory("Labs/\(lab)") && !lab.hasPrefix(".") {
            let mine = Tree.swiftFiles(below: ["Labs/\(lab)"]).map(\.name)
            let reference = Tree.swiftFiles(below: ["Solutions/\(lab)"]).map(\.name)
            #expect(mine == reference, "Labs/\(lab) and Solutions/\(lab)")
        }
    }

    @Test func holesAreMarkedAlikeInBothHomes() {
        for file in Tree.swiftFiles(below: ["Labs"]) {
            let twin = "Solutions" + file.path.dropFirst("Labs".count)
            guard let reference = Tree.read(twin) else { continue }
            #expect(file.holes == TextFile(path: twin, text: reference).holes, "\(file.path)")
        }
    }

    /// All tests of a package share one process, and run side by side in it. Suites are a program of their own.
    @Test func noTestChangesTheEnvironmentOfTheOthers() {
        let tests = Tree.swiftFiles(below: ["Tests"]).filter {
            !$0.path.hasPrefix("Tests/Suites/") && !$0.path.hasPrefix("Tests/House/")
        }
        for file in tests {
            for (number, line) in file.lines.enumerated() where line.contains("setenv(") {
                Issue.record("\(file.path):\(number + 1) changes the environment of all tests")
            }
        }
    }

    @Test func nothingButTheHouseStandsAtTheTop() {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "Labs", "Solutions", "Docs", "README.md",
            "Package.resolved",
        ]
        for name in Tree.list(".") where !name.hasPrefix(".") {
            #expect(allowed.contains(name), "\(name) at the top level")
        }
    }
}
