import JSON
import Linux
import Testing

@testable import Study

/// Parts of kernel labs that do what no part should, inside the namespaces and groups that they are judged in: each gets
/// its verdict in time, the step beside it is judged all the same, and nothing of it stays.
@Suite(.serialized) struct HostileKernelTests {
    struct Way: Sendable {
        let name: String
        let lab: String
        let step: String
        /// Which of the step's holes, in the order of the file.
        var hole = 0
        /// A step that the same program does well.
        let beside: String
        let code: String
        /// What the verdict has of these words: the judge, or the sandbox around it, may be the first to lose patience.
        let says: [String]
    }

    private static let patience = ["a loop that does not end", "comes to an end within"]
    private static let frozen = """
        if group.directories[0].hasSuffix("/end") {
            try freeze(group, true, kernel: kernel)
            while true {}
        }
        """
    /// tail reads a file without an end into memory, since no line in it ends.
    private static func childThatTakesMemory(_ line: Int) -> String {
        """
        var child: pid_t = 0
        let line: [String] = ["tail", "--lines=\(line)", "/dev/zero"]
        var words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
        posix_spawnp(&child, "tail", nil, nil, &words, nil)
        while true {}
        """
    }

    static let ways = [
        Way(
            name: "calls without end", lab: "01-Namespaces", step: "01.3", beside: "01.2",
            code: "while true { _ = try? kernel.readFile(\"/proc/self/stat\") }", says: patience),
        Way(
            name: "forks without end", lab: "01-Namespaces", step: "01.3", beside: "01.2",
            code: "while true { try? kernel.fork() }", says: patience),
        Way(
            name: "a crash between two calls", lab: "01-Namespaces", step: "01.3", beside: "01.2",
            code: """
                try kernel.unshare(flags)
                let none: [Int] = []
                print(none[Int(flags.rawValue)])
                """, says: ["Index out of range"]),
        Way(
            name: "a hang in the sandbox", lab: "01-Namespaces", step: "01.3", beside: "01.2",
            code: "try kernel.unshare(flags)\nwhile true {}", says: patience),
        Way(
            name: "children that take memory", lab: "01-Namespaces", step: "01.3", beside: "01.2",
            code: childThatTakesMemory(98761), says: ["512 MiB of memory taken by it and what it started"]),
        Way(
            name: "writes without end", lab: "02-ControlGroups", step: "02.8", beside: "02.1",
            code: "while true { try? kernel.writeFile(\"\\(group.directories[0])/cgroup.procs\", \"0\") }",
            says: patience),
        Way(
            name: "a crash in the middle of freezing", lab: "02-ControlGroups", step: "02.8", beside: "02.1",
            code: """
                try kernel.writeFile("\\(group.directories[0])/freezer.state", "FROZEN")
                fatalError("in the middle")
                """, says: ["in the middle"]),
        Way(
            name: "a real group that stays frozen", lab: "02-ControlGroups", step: "02.8", hole: 1,
            beside: "02.1", code: frozen, says: patience),
        Way(
            name: "children beside a group", lab: "02-ControlGroups", step: "02.8", beside: "02.1",
            code: childThatTakesMemory(98760), says: ["512 MiB of memory taken by it and what it started"]),
    ]

    @Test(arguments: ways.map(\.name)) func aBadPartGetsItsVerdictAndLeavesNothing(name: String) throws {
        let way = try #require(Self.ways.first { $0.name == name })
        let folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-hostile-kernel-")
        defer { try? Files.removeTree(folder) }
        try Files.makeDirectories("\(folder)/tmp")
        try write(way, to: folder)
        let lab = "\(HostileTests.root)/Labs/lab"
        let result = try capture(
            "env",
            ["env", "TMPDIR=\(folder)/tmp", lab, "check", way.beside, way.step, "--from", folder, "--format", "json"])
        let report = try JSON(parsing: result.output)
        let steps = report["steps"]?.array ?? []
        #expect(steps.first { $0["step"]?.string == way.beside }?["verdict"]?.string == "pass")
        let judged = steps.first { $0["step"]?.string == way.step }
        let message = judged?["message"]?.string ?? ""
        if judged?["verdict"]?.string == "environment" || message.contains("not run here") { return }
        #expect(judged?["verdict"]?.string == "fail", "\(report.text)")
        #expect(way.says.contains { message.contains($0) }, "\(message)")
        try nothingIsLeft(folder)
    }

    /// The reference with other code in front of one hole's own.
    private func write(_ way: Way, to folder: String) throws {
        let solution = "\(HostileTests.root)/Solutions/\(way.lab)"
        for file in try Files.list(solution).filter({ $0.hasSuffix(".swift") }) {
            var text = try Files.readText("\(solution)/\(file)")
            let contents = Holes(text).contents(of: way.step)
            if contents.indices.contains(way.hole) {
                let fillings = contents.enumerated().map { index, lines in
                    let own = lines.joined(separator: "\n")
                    return "// step \(way.step) begin\n\(index == way.hole ? "\(way.code)\n" : "")\(own)\n// step \(way.step) end"
                }
                text = "import Glibc\n"
                    + Holes(text).replacing(way.step, by: Holes(fillings.joined(separator: "\n")))
            }
            try Files.write(text, to: "\(folder)/\(file)")
        }
    }

    private func nothingIsLeft(_ folder: String) throws {
        let words = ["98761", "98760"]
        func left() throws -> [String] {
            try Files.list("/proc").compactMap { try? Files.readText("/proc/\($0)/cmdline") }
                .filter { line in words.contains { line.contains($0) } }
        }
        #expect(try eventually(within: 10_000, every: 50) { try left().isEmpty })
        // The sandboxes' directories, and with them what was mounted there.
        #expect(try Files.list("\(folder)/tmp").filter { $0.hasPrefix("drydock") } == [])
        #expect(try !Files.readText("/proc/self/mountinfo").contains(folder))
    }
}
