import JSON
import Linux
import Testing

@testable import PartPipe

/// What is asked of each lab's part and what the reference answers, kept line by line: a change of a contract's shape,
/// of a question's name or of a decision shows here.
///
/// A file `NN-topic.transcript` holds what crossed the pipe of lab NN: `>` is what the part was told (a question, or
/// what a system call gave), `<` what it said. `DRYDOCK_RECORD=1` writes the `<` lines anew.
@Suite struct TranscriptTests {
    private static let folder = String(#filePath.dropLast("TranscriptTests.swift".count)) + "Transcripts"
    /// The programs that answer for the references, one folder a lab.
    private static let references =
        folder.replacing("Tests/PartPipe/Transcripts", with: "Sources/Programs/References")
    static let files = ((try? Files.list(folder)) ?? []).filter { $0.first?.isNumber == true }.sorted()

    @Test(arguments: files)
    func `the reference says what its transcript says, line by line`(file: String) throws {
        let path = "\(Self.folder)/\(file)"
        let kept = try Files.readText(path).split(separator: "\n").map(String.init)
        let said = try replay(kept.filter { $0.hasPrefix("> ") }, to: Self.program(file))
        let differing = Array(zip(kept, said)).firstIndex { !Self.areAlike($0.0, $0.1) }
        let place = differing ?? min(kept.count, said.count)
        if getenv("DRYDOCK_RECORD") != nil {
            let lines = kept.prefix(place) + said.dropFirst(place)
            try Files.write(lines.joined(separator: "\n") + "\n", to: path)
        }
        #expect(
            place == kept.count && place == said.count,
            """
            \(file), line \(place + 1):
            kept: \(place < kept.count ? kept[place] : "nothing")
            said: \(place < said.count ? said[place] : "nothing")
            if that is meant: DRYDOCK_RECORD=1
            """)
    }

    @Test(arguments: (try? Files.list(references).sorted()) ?? [])
    func `every question of a lab's contract is in its transcripts`(lab: String) throws {
        let asked = try Self.files.filter { $0.hasPrefix("\(lab)-") }.flatMap { file in
            try Files.readText("\(Self.folder)/\(file)").split(separator: "\n").compactMap { line in
                try JSON(parsing: Array(line.dropFirst(2).utf8))["ask"]?.string
            }
        }
        // Without a pipe the program says which questions it knows.
        let help = try capture(Self.program(lab), [Self.program(lab)])
        let known = String(decoding: help.output, as: UTF8.self).split(separator: "\"").enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        #expect(!known.isEmpty && Set(known).subtracting(asked) == [])
    }

    /// The same value: dictionaries come in another order each time.
    private static func areAlike(_ one: String, _ other: String) -> Bool {
        guard one.prefix(2) == other.prefix(2), let value = try? JSON(parsing: Array(one.utf8.dropFirst(2)))
        else { return false }
        return value == (try? JSON(parsing: Array(other.utf8.dropFirst(2))))
    }

    private static func program(_ file: String) -> String { builtProgram("reference-\(file.prefix(2))") }

    /// Each line that the part is told makes it say one.
    private func replay(_ lines: [String], to program: String) throws -> [String] {
        let running = try Running(path: program, confined: false)
        defer { running.stop() }
        var said: [String] = []
        for line in lines {
            said.append(line)
            let end = Clock.monotonicMilliseconds() + 20_000
            let failure = running.say(Array(line.dropFirst(2).utf8), until: end)
            guard failure == nil, case .line(let answer) = running.nextLine(until: end) else {
                said.append("< no answer; it printed: \(running.printedText)")
                break
            }
            said.append("< " + String(decoding: answer, as: UTF8.self))
        }
        return said
    }
}
