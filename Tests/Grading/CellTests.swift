import JSON
import Linux
import Testing

@testable import Grading

/// What a part can reach of whoever judges it, asked by a judge of one thread.
@Suite struct CellTests {
    private let lab: SmallLab

    init() throws { lab = try SmallLab() }

    /// - Parameter user: `env`-like words before the call: who judges.
    private func asks(_ way: String, as user: [String] = []) throws -> [String] {
        let (judge, part) = (try lab.program("asks"), try lab.program(way))
        chmod(lab.folder, 0o755)
        let secret = "\(lab.folder)/secret"
        try Files.write("the answer", to: secret)
        let paths = [
            secret, part, "/proc/1/fd/1", "/proc/1/mem", "/etc/passwd", "/root", "/home", #filePath,
        ]
        let words = user + [judge, part] + paths
        let result = try capture(words[0], words)
        try #require(result.ending.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    private func expectNothingInReach(_ line: String) throws {
        let json = try JSON(parsing: Array(line.utf8))
        #expect(json["opened"]?.array?.isEmpty == true, "\(line)")
        // Process 1 and the part.
        #expect(json["processes"]?.int == 2)
        #expect(json["uid"]?.int == 65534)
        #expect(json["kill"]?.int == Int(ESRCH) && json["memory"]?.int == Int(ENOENT), "\(line)")
        #expect(json["connect"]?.int == Int(ENETUNREACH), "\(line)")
        #expect((json["megabytes"]?.int ?? 100) <= 16)
    }

    @Test(.enabled(if: geteuid() == 0, "namespaces as root"))
    func fromACellNothingIsInReach() throws {
        let lines = try asks("trap")
        try expectNothingInReach(lines[0])
        #expect(lines.contains { $0.contains("killed by signal") })
        #expect(lines.contains { $0.contains("Index out of range") })
        #expect(lines.last == "8")
    }

    @Test(.enabled(if: SmallLab.ordinaryUserHasNamespaces, "an ordinary user with user namespaces"))
    func norForAnOrdinaryUser() throws {
        let lines = try asks("quiet", as: SmallLab.asOrdinaryUser)
        try expectNothingInReach(lines[0])
        #expect(lines.dropFirst() == ["the part's program exited with status 0", "8"])
    }

    /// Also what has left the session.
    @Test(.enabled(if: geteuid() == 0, "namespaces as root"))
    func whatAPartStartsEndsWithTheCell() throws {
        let lines = try asks("straggler")
        #expect(lines.contains { $0.contains("no answer to double") } && lines.last == "8")
        let left = try Files.list("/proc").compactMap { try? Files.readText("/proc/\($0)/cmdline") }
        #expect(!left.contains { $0.contains("97655") })
    }

    @Test(
        .enabled(if: geteuid() == 0, "namespaces as root"),
        arguments: [
            ("bomb", "more than 64 processes started"), ("memory", "512 MiB of memory taken"),
            ("childmemory", "512 MiB of memory taken by it and what it started"),
        ])
    func itsBoundsHoldInACellToo(way: String, words: String) throws {
        let lines = try asks(way)
        #expect(lines.contains { $0.contains(words) } && lines.last == "8", "\(lines)")
    }
}
