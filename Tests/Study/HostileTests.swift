import JSON
import Linux
import Testing

@testable import Study

/// Parts that do what no part should, judged as a student would have them judged: each gets its verdict in time, the
/// steps beside it are judged all the same, and nothing of it stays.
@Suite(.serialized) struct HostileTests {
    static let root: String = {
        if let given = environmentVariable("DRYDOCK_ROOT") { return given }
        let here = #filePath
        return String(here.dropLast("/Tests/Study/HostileTests.swift".count))
    }()

    /// What stands in the hole of lab 10's bounds, and a part of what the check says of it.
    static let ways: [(name: String, code: String, says: String)] = [
        (
            "crash",
            "let few = [1]\nreturn RolloutBounds(surge: few[replicas + 5], unavailable: 0)",
            "Index out of range"
        ),
        ("hang", "while true {}", "a loop that does not end"),
        (
            "memory",
            "var hoard: [[UInt8]] = []\nwhile true { hoard.append([UInt8](repeating: 1, count: 8 << 20)) }",
            "512 MiB"
        ),
        ("flood", "while true { print(\"all work and no play\") }", "more than 1 MiB printed"),
        ("exit", "exit(0)", "exited with status 0"),
        ("compiler", "return replicas", "does not compile"),
        (
            "print",
            "print(\"so many:\", replicas)\nreturn RolloutBounds(surge: -1, unavailable: -1)",
            "surge"
        ),
    ]

    @Test(arguments: ways.map(\.name)) func aBadPartGetsItsVerdict(name: String) throws {
        let way = try #require(Self.ways.first { $0.name == name })
        let folder = "/tmp/drydock-hostile-\(getpid())-\(name)"
        defer { try? Files.removeTree(folder) }
        try Files.makeDirectories(folder)
        let solution = "\(Self.root)/Solutions/10-Rollout"
        for file in try Files.list(solution).filter({ $0.hasSuffix(".swift") }) {
            let text = try Files.readText("\(solution)/\(file)")
            let hole = Holes("// step 10.2 begin\n\(way.code)\n// step 10.2 end")
            let isPlace = text.contains("func bounds(")
            try Files.write(
                isPlace ? "import Glibc\n" + Holes(text).replacing("10.2", by: hole) : text,
                to: "\(folder)/\(file)")
        }
        let lab = "\(Self.root)/Labs/lab"
        let began = Clock.monotonicMilliseconds()
        let result = try capture(
            lab, [lab, "check", "10.1", "10.2", "--from", folder, "--format", "json"])
        let report = try #require(
            try? JSON(parsing: result.output), "\(result.ending) \(String(decoding: result.errors, as: UTF8.self))")
        #expect(result.ending.code == 1)
        let steps = report["steps"]?.array ?? []
        #expect(steps.map { $0["step"]?.string } == ["10.1", "10.2"])
        #expect(steps.first?["verdict"]?.string == (name == "compiler" ? "fail" : "pass"))
        #expect(steps.last?["verdict"]?.string == "fail")
        #expect(steps.last?["message"]?.string?.contains(way.says) == true, "\(report.text)")
        if name == "print" { #expect(steps.last?["printed"]?.string?.contains("so many:") == true) }
        if name == "compiler" {
            #expect(report["compiler"]?[0]?["file"]?.string == "Rollout.swift")
        }
        // One answer has 5 s; a busy machine and the first build have the rest.
        #expect(
            (report["milliseconds"]?.int ?? .max) < 60_000,
            "\(Clock.monotonicMilliseconds() - began)")
    }

    @Test func twoChecksAtOnceDoNotTripOverEachOther() throws {
        let lab = "\(Self.root)/Labs/lab"
        let files = (0..<2).map { "/tmp/drydock-twice-\(getpid())-\($0)" }
        defer { for file in files { unlink(file) } }
        let children = try files.map { file in
            let output = try FileDescriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC)
            return try Child.spawn(
                lab, [lab, "check", "17", "--reference", "--format", "json"],
                descriptors: [1: output.raw])
        }
        for child in children { #expect(try child.wait().succeeded) }
        for file in files {
            let report = try JSON(parsing: Files.read(file))
            #expect(report["points"]?["earned"]?.int == report["points"]?["possible"]?.int)
        }
    }
}
