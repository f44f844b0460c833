import Grading
import JSON
import Linux
import PartPipe

/// `lab replay`: one run of a step again, drawn in the terminal and as a page, or played to the part under a
/// debugger.
struct Replay {
    let kit: Kit
    let screen: Screen
    let lab: Lab
    let home: CheckCommand.Home

    /// One run, named by what decides everything in it.
    struct RunName {
        /// Nil for all simulated steps.
        var step: String?
        var seed: Int?
        var size: Int?
    }

    func draw(_ run: RunName) throws {
        let program = try part(debuggable: false)
        let (reports, folder) = try judge(run, program)
        // What fails is what one wants to see; else the first that drew something.
        guard
            let report = reports.first(where: { $0.verdict == .fail })
                ?? reports.first(where: { $0.timeline != nil }) ?? reports.first
        else {
            throw StudyError(
                "lab \(lab.number) has no step to replay; name one: \(kit.command) replay \(lab.number).1"
            )
        }
        var name = "step \(report.step)"
        if let seed = run.seed { name += ", seed \(seed)" }
        if let size = run.size ?? report.size { name += ", size \(size)" }
        let conversation = Self.conversation("\(folder)/\(report.step)-first.transcript")
        let timeline = report.timeline ?? conversation
        screen.say(screen.bold("Lab \(lab.number), \(name)"))
        screen.say()
        for line in timeline.description.split(separator: "\n") {
            let shown = String(line.prefix(max(screen.width, 160)))
            screen.say(line.hasSuffix("<-- here") ? screen.red(String(line)) : shown)
        }
        screen.say()
        screen.say(
            "\(report.verdict.rawValue)" + (report.message.isEmpty ? "" : ": \(report.message)"))
        if run.seed != nil, report.verdict == .pass {
            screen.say(
                "  this run holds; what the step's tables say, `\(kit.command) check \(report.step)` tells"
            )
        }
        if let expected = report.expected { screen.say("  expected  \(expected)") }
        if let seen = report.seen { screen.say("  seen      \(seen)") }
        if let idea = report.idea { screen.say(indented: 2, "idea      \(idea)") }
        let page =
            "\(kit.scratch)/replays/\(report.step)" + (run.seed.map { "-seed-\($0)" } ?? "")
            + ".html"
        try Files.makeDirectories("\(kit.scratch)/replays")
        let notes = [
            (
                "verdict",
                report.verdict.rawValue + (report.message.isEmpty ? "" : ": \(report.message)")
            ),
            ("expected", report.expected), ("seen", report.seen), ("idea", report.idea),
        ].compactMap { label, text in text.map { (label: label, text: ReportText.harmless($0)) } }
        let title = "Drydock lab \(lab.number): \(name)"
        try Files.write(timeline.html(title: title, notes: notes), to: page)
        screen.say()
        screen.say("as a page:  \(page)")
        if report.verdict != .pass, run.step != nil {
            screen.say("in a debugger:  the same command with --debug")
        }
        Ownership.giveBack([kit.scratch], kit)
    }

    private func part(debuggable: Bool) throws -> String {
        try Ground(kit: kit, screen: screen).make(lab)
        screen.moving("compiling")
        do {
            return try PartBuilder(kit).build(
                lab, sources: home.sources(lab),
                as: (debuggable ? "debug/" : "") + home.program(lab),
                debuggable: debuggable)
        } catch let errors as CompilerErrors {
            ReportText(screen, kit, lab, try lab.card(), home).show(errors.complaints)
            throw StudyError("it does not compile, so there is nothing to replay")
        }
    }

    private func judge(_ run: RunName, _ program: String) throws -> ([StepReport], folder: String) {
        let card = try lab.card()
        var wish = Checker.Wish()
        wish.steps =
            run.step.map { [$0] } ?? card.steps.filter { $0.kind == .simulated }.map(\.number)
        // Only what was asked for is looked at: what it needs has been judged before.
        wish.passed = card.steps.map(\.number).filter { !wish.steps.contains($0) }
        (wish.seed, wish.size, wish.shows) = (run.seed, run.size, true)
        if run.seed != nil { (wish.seedCount, wish.runsOnly) = (1, true) }
        let folder = "\(kit.scratch)/logs/\(lab.number)-replay"
        try Files.makeDirectories(folder)
        wish.logs = folder
        if card.steps.contains(where: { wish.steps.contains($0.number) && $0.kind == .open }) {
            wish.reference = try Variants(kit).build(.reference, of: lab)
            wish.mutants = try Variants(kit).folderOfMutants(of: lab)
        }
        var reports: [StepReport] = []
        screen.moving("judging")
        try Checker(kit).check(lab, part: program, wish) { reports.append($0) }
        screen.clearMoving()
        return (reports, folder)
    }

    /// Questions and answers as a timeline, for checks that draw none of their own.
    static func conversation(_ path: String) -> Timeline {
        var timeline = Timeline(lanes: ["judge", "part"], unit: "")
        let lines = ((try? Files.readText(path)) ?? "").split(separator: "\n")
        for (index, line) in lines.enumerated() {
            let isPart = line.hasPrefix("< ")
            let text = ReportText.harmless(String(brief(line.dropFirst(2)).prefix(400)))
            timeline.add(index + 1, isPart ? 2 : 1, (isPart ? "answers " : "asks ") + text)
        }
        return timeline
    }

    /// A line of the pipe without what only the pipe needs.
    private static func brief(_ line: Substring) -> String {
        guard let json = try? JSON(parsing: Array(line.utf8)) else { return String(line) }
        if let name = json["ask"]?.string { return "\(name) \(json["input"]?.text ?? "")" }
        if let answer = json["answer"] { return answer.text }
        if let step = json["unfinished"]?.string { return "step \(step) is not written yet" }
        if let error = json["threw"]?.string { return "an error: \(error)" }
        return json.text
    }

    // MARK: under a debugger

    /// Has the step judged once with its conversation written down, then plays the judge's side of it to the same
    /// part under a debugger, stopped where the step's hole begins.
    func debug(_ run: RunName) throws {
        guard let step = run.step else {
            throw StudyError(
                "a debugger looks at one step: \(kit.command) replay \(lab.number).1 --debug")
        }
        let debugger = try Debugger.find()
        let program = try part(debuggable: true)
        let (reports, folder) = try judge(run, program)
        let transcript = "\(folder)/\(step)-first.transcript"
        let lines = try Files.readText(transcript).split(separator: "\n").map(String.init)
        guard let report = reports.first, !lines.isEmpty else {
            throw StudyError("step \(step) asks the part nothing that could be played again")
        }
        let card = try lab.card()
        let sources = home.sources(lab)
        let places =
            try card.step(step)?.file.map { file in
                Holes(try Files.readText("\(sources)/\(file)")).firstLines(of: step).map {
                    "\(file):\($0)"
                }
            } ?? []
        screen.say(
            "\(step) is a \(report.verdict.rawValue)"
                + (report.message.isEmpty ? "" : ": \(report.message)"))
        screen.say(
            "The judge's side of it, \(counted(lines.count { $0.hasPrefix("> ") }, "line")), is played to your part under \(debugger.name):"
        )
        screen.say(
            indented: 2,
            "it stops at \(places.joined(separator: " and ")); then `next`, `step`, `print NAME`, `bt`, `continue`, `quit`"
        )
        screen.say(indented: 2, "the whole conversation: \(transcript)")
        // A debugger may show little of Swift's values: those that went over the pipe are known.
        if let asked = lines.lastIndex(where: { $0.hasPrefix("> ") && $0.contains("\"ask\"") }) {
            screen.say(indented: 2, "the last question: " + Self.brief(lines[asked].dropFirst(2)))
            if let answer = lines[asked...].last(where: { $0.hasPrefix("< ") }) {
                screen.say(
                    indented: 2,
                    "its answer: " + ReportText.harmless(Self.brief(answer.dropFirst(2))))
            }
        }
        screen.say()
        let ends = try SocketPair()
        let child = try Child.spawn(
            debugger.path, debugger.arguments(program, breakpoints: places),
            descriptors: [0: 0, 1: 1, 2: 2, 3: ends.theirs.raw])
        let differences = try Player(lines: lines).play(over: ends.intoOurs().release(), child)
        screen.say()
        screen.say(
            differences == 0
                ? "Every answer was the same as in the run that was judged."
                : "\(counted(differences, "answer")) came out otherwise than in the run that was judged, or not at all."
        )
    }
}

/// A debugger that this machine has.
struct Debugger {
    let name: String
    let path: String

    /// The toolchain's own first: it knows Swift's types. It may be there and not start.
    static func find() throws -> Debugger {
        for name in ["lldb", "gdb"] {
            guard let path = which(name),
                let result = try? capture(
                    path, [path, "--batch", name == "gdb" ? "-ex" : "-o", "quit"]),
                result.ending.succeeded
            else { continue }
            return Debugger(name: name, path: path)
        }
        throw StudyError(
            "no debugger that starts: apt-get install gdb (the toolchain's lldb needs its own Python)"
        )
    }

    func arguments(_ program: String, breakpoints: [String]) -> [String] {
        if name == "gdb" {
            let settings = [
                "set breakpoint pending on", "set print thread-events off",
                "set disable-randomization off",
            ]
            let commands = settings + breakpoints.map { "break \($0)" } + ["run"]
            // Where debugging information of the toolchain's own modules is missing, gdb complains a page long.
            return [path, "-q", "-iex", "set complaints 0"] + commands.flatMap { ["-ex", $0] } + [
                "--args", program,
            ]
        }
        let commands = breakpoints.map { place in
            let pieces = place.split(separator: ":")
            return "breakpoint set --file \(pieces[0]) --line \(pieces[1])"
        }
        return [path] + (commands + ["run"]).flatMap { ["-o", $0] } + ["--", program]
    }
}

/// The judge's side of a recorded conversation: what it said is said again, what the part answers is compared.
struct Player {
    let lines: [String]

    /// - Returns: how many answers were not those recorded.
    func play(over socket: Int32, _ child: Child) throws -> Int {
        clinux_ignore_sigpipe()
        var differences = 0
        var pending: [UInt8] = []
        var isOpen = true
        for line in lines {
            let text = String(line.dropFirst(2))
            if line.hasPrefix("> ") {
                let bytes = Array("\(text)\n".utf8)
                isOpen = isOpen && write(socket, bytes, bytes.count) == bytes.count
            } else {
                let answer = isOpen ? next(from: socket, &pending, child) : nil
                isOpen = answer != nil
                if answer != text { differences += 1 }
            }
        }
        // The part ends when nothing more can come; the debugger when its user says so.
        close(socket)
        while kill(child.pid, 0) == 0, !Self.isZombie(child.pid) { usleep(50_000) }
        try child.wait()
        return differences
    }

    /// The next line; nil when the debugger or the part is gone. A person at a breakpoint may take all day.
    private func next(from socket: Int32, _ pending: inout [UInt8], _ child: Child) -> String? {
        while true {
            if let newline = pending.firstIndex(of: 10) {
                defer { pending.removeSubrange(...newline) }
                return String(decoding: pending[..<newline], as: UTF8.self)
            }
            var polled = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
            guard poll(&polled, 1, 500) > 0 else {
                if kill(child.pid, 0) != 0 || Self.isZombie(child.pid) { return nil }
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let got = read(socket, &buffer, buffer.count)
            guard got > 0 else { return nil }
            pending += buffer[..<got]
        }
    }

    private static func isZombie(_ pid: pid_t) -> Bool {
        let text = (try? Files.readText("/proc/\(pid)/stat")) ?? ""
        return text.split(separator: ")").last?.split(separator: " ").first == "Z"
    }
}
