import Grading
import Linux
import PartPipe
import Study

/// `lab bench loop`: how long a student waits, from saving a file to the last verdict, and from a clean clone to
/// the first.
struct BenchLoop {
    let kit: Kit
    let screen: Screen
    private static let rounds = 7

    /// What the design asks for, by the kind of the lab's steps.
    private static func goal(_ kind: LabCard.Kind) -> String { kind == .simulated ? "1 s" : "3 s" }

    /// The median of several edits of a copy of the lab; the student's own files stay as they are.
    ///
    /// The copy is the reference: a check of a part that is written to the end takes longest.
    func loop(_ lab: Lab) throws -> String? {
        let card = try lab.card()
        let kinds: [LabCard.Kind] = [.simulated, .kernel]
        guard let kind = kinds.first(where: { kind in card.steps.contains { $0.kind == kind } })
        else { return nil }
        let steps = card.steps.filter { $0.kind == kind }.map(\.number)
        let copy = "\(kit.scratch)/bench/\(lab.folder)"
        try? Files.removeTree(copy)
        try Files.makeDirectories(copy)
        defer { try? Files.removeTree(copy) }
        let files = try Starter(lab: lab).files()
        for file in files {
            try Files.writeAtomically(Files.read("\(lab.solution)/\(file)"), to: "\(copy)/\(file)")
        }
        guard let edited = card.steps.first(where: { $0.kind == kind && $0.file != nil })?.file
        else { return nil }
        var times: [Int] = []
        for round in 0...Self.rounds {
            let text = try Files.readText("\(lab.solution)/\(edited)")
            try Files.write(text + "// edit \(round)\n", to: "\(copy)/\(edited)")
            let began = Clock.monotonicMilliseconds()
            let words = ["lab", "check"] + steps + ["--from", copy]
            let result = try capture("\(kit.root)/Labs/lab", words)
            // The first round builds what has to be there before.
            if round > 0 { times.append(Clock.monotonicMilliseconds() - began) }
            if Interruption.came { throw Interrupted() }
            guard result.ending.code < 2 else {
                throw StudyError(String(decoding: result.output + result.errors, as: UTF8.self))
            }
        }
        times.sort()
        return line(
            "loop: lab \(lab.number), edit to \(counted(steps.count, "verdict"))", Self.goal(kind),
            "median \(times[times.count / 2]) ms of \(times.count), \(times[0]) to \(times[times.count - 1])"
        )
    }

    /// A clone of the last commit in an empty directory, with nothing built, to the first verdict on lab 01.
    func clean() throws -> String {
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-clean-")
        defer { try? Files.removeTree(place) }
        let cloned = try capture("git", ["git", "clone", "--quiet", kit.root, "\(place)/kit"])
        guard cloned.ending.succeeded else {
            throw StudyError("git clone: " + String(decoding: cloned.errors, as: UTF8.self))
        }
        for name in ["DRYDOCK_LABS_SCRATCH", "DRYDOCK_ROOT", "DRYDOCK_COMMAND"] { unsetenv(name) }
        let began = Clock.monotonicMilliseconds()
        let output = try Pipe()
        let child = try Child.spawn(
            "\(place)/kit/Labs/lab", ["lab", "check", "01"],
            descriptors: [1: output.write.raw, 2: output.write.raw])
        let source = output.intoRead()
        var text = ""
        var first: Int?
        while let chunk = try? source.read(upTo: 65536), !chunk.isEmpty {
            text += String(decoding: chunk, as: UTF8.self)
            let verdict = text.split(separator: "\n").contains { line in
                Verdict.allCases.contains { line.hasPrefix("  \($0.rawValue)") }
            }
            if verdict, first == nil { first = Clock.monotonicMilliseconds() - began }
        }
        try child.wait()
        guard let first else { throw StudyError("no verdict from a clean clone:\n\(text)") }
        let fetched = try heavy("\(place)/kit")
        guard fetched.isEmpty else {
            throw StudyError("a clean `lab check 01` fetched \(fetched.joined(separator: ", "))")
        }
        return line(
            "loop: clean clone to the first verdict of lab 01", "15 s",
            "\(first / 1000).\(first % 1000 / 100) s; no server package fetched or built")
    }

    /// Packages that a student's first check has no business with.
    private func heavy(_ kit: String) throws -> [String] {
        let checkouts = (try? Files.list("\(kit)/.build/labs/checkouts")) ?? []
        let cluster =
            Files.exists("\(kit)/Sources/Cluster/.build") ? ["Sources/Cluster/.build"] : []
        return checkouts.filter { $0 != "swift-argument-parser" } + cluster
    }

    func line(_ name: String, _ goal: String, _ measured: String) -> String {
        name.padded(52) + goal.padded(8) + measured
    }
}

/// `study bench-loop [clean] [NN …]`.
func benchLoop(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words)
    let bench = BenchLoop(kit: kit, screen: Screen())
    let wantsClean = arguments.words.isEmpty || arguments.words.contains("clean")
    let labs = arguments.words.filter { $0 != "clean" }
    bench.screen.say(bench.line("FIGURE", "GOAL", "MEASURED"))
    for lab in arguments.words.isEmpty ? try kit.labs.map(kit.lab) : try labs.map(kit.lab) {
        do { if let line = try bench.loop(lab) { bench.screen.say(line) } } catch let error
            as StudyError
        {
            bench.screen.say("lab \(lab.number): \(error)")
        }
    }
    if wantsClean { bench.screen.say(try bench.clean()) }
    return true
}
