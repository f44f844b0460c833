import Grading
import JSON
import Linux

/// `lab list`, `lab start`, `lab hint`, `lab progress`: where one stands and what comes next.
struct Overview {
    let kit: Kit
    let screen: Screen

    /// A lab that can be done: its card can be read.
    struct Entry {
        let lab: Lab
        let card: LabCard
        let earned: Int
        /// The first step that has not passed and whose needs have.
        let next: LabCard.Step?
    }

    static func entries(_ kit: Kit, _ progress: Progress) throws -> [Entry] {
        try kit.labs.map(kit.lab).map { lab in
            let card = try lab.card()
            return Entry(
                lab: lab, card: card, earned: progress.earned(in: card),
                next: card.steps.first { step in
                    !progress.hasPassed(step.number) && step.kind != .essay
                        && step.needs.allSatisfy(progress.hasPassed)
                })
        }
    }

    /// The lab whose next step brings most of the course's points for the time, by the cards.
    static func mostForTheTime(_ entries: [Entry]) -> Entry? {
        func worth(_ entry: Entry) -> Double {
            Double(entry.card.weight) / Double(max(1, entry.card.minutes))
        }
        // The first among equals: labs are in the order in which they build on each other.
        return entries.filter { $0.next != nil }.reduce(nil) { best, entry in
            best.map { worth($0) >= worth(entry) ? $0 : entry } ?? entry
        }
    }

    func list() throws {
        let entries = try Self.entries(kit, Progress(kit))
        let widest = entries.map(\.card.title.count).max() ?? 0
        screen.say(
            screen.bold("LAB  " + "".padded(widest) + "   POINTS   STEPS   MINUTES   WORTH"))
        let progress = Progress(kit)
        for entry in entries {
            let passed = entry.card.steps.count { progress.hasPassed($0.number) }
            let points = "\(entry.earned)/\(entry.card.points)".leftPadded(7)
            let line =
                "\(entry.card.number)   \(entry.card.title.padded(widest))  \(points)  "
                + "\(passed)/\(entry.card.steps.count)".leftPadded(6)
                + "\(entry.card.minutes)".leftPadded(10) + "\(entry.card.weight) %".leftPadded(8)
            screen.say(entry.earned >= entry.card.points ? screen.green(line) : line)
        }
        let weight = entries.map(\.card.weight).reduce(0, +)
        let share = entries.map {
            Double($0.card.weight * $0.earned) / Double(max(1, $0.card.points))
        }
        .reduce(0, +)
        screen.say()
        screen.say("\(tenths(share)) of \(weight) points of the course")
        guard let best = Self.mostForTheTime(entries), let step = best.next else {
            return screen.say("All of it is done.")
        }
        let gain = Double(best.card.weight * step.points) / Double(max(1, best.card.points))
        let minutes = max(1, best.card.minutes * step.points / max(1, best.card.points))
        screen.say(
            "Earns most for the time: \(step.number), \(tenths(gain)) of the course in about \(counted(minutes, "minute"))"
        )
        screen.say(indented: 2, step.title)
        screen.say("\(kit.command) start \(best.card.number) says what to read and open")
    }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    // MARK: start

    func start(_ lab: Lab) throws {
        let card = try lab.card()
        let progress = Progress(kit)
        screen.say(
            screen.bold("Lab \(card.number) \(card.title)") + ", about \(duration(card.minutes))")
        screen.say(indented: 2, card.summary)
        screen.say()
        if which("lab") != "\(kit.root)/Labs/lab" {
            screen.say("Paste  \(kit.pasteLine)")
            screen.say(
                indented: 7,
                "once in each terminal: the handouts say lab, and $DRYDOCK for this tree")
        }
        screen.say("Read   Labs/\(lab.folder)/README.md")
        let files = try Files.list(lab.home).filter { $0.hasSuffix(".swift") }
        for (index, file) in files.enumerated() {
            let steps = card.steps.filter { $0.file == file }.map(\.number)
            let what = steps.isEmpty ? "nothing to write" : steps.joined(separator: ", ")
            screen.say(
                "\(index == 0 ? "Open  " : "      ") Labs/\(lab.folder)/\(file)  "
                    + screen.dim(what))
        }
        let contract = "Sources/Contracts/\(lab.folder)"
        let contracts = try Files.list("\(kit.root)/\(contract)").filter { $0 != "Pipe.swift" }
        for (index, file) in contracts.enumerated() {
            screen.say(
                "\(index == 0 ? "What is asked " : "              ") \(contract)/\(file)")
        }
        if Files.exists("\(kit.root)/Docs/SwiftPrimer.md") {
            screen.say("New to Swift?  Docs/SwiftPrimer.md, two pages")
        }
        screen.say()
        for step in card.steps {
            let mark = progress.hasPassed(step.number) ? screen.green("pass") : "    "
            let pieces = Screen.wrap(step.title, screen.width - 20)
            screen.say(
                "  \(mark)  \(step.number.padded(5)) \("\(step.points)".leftPadded(3))  \(pieces[0])"
            )
            for piece in pieces.dropFirst() {
                screen.say(String(repeating: " ", count: 18) + piece)
            }
        }
        screen.say()
        screen.say(
            "Then   \(kit.command) check \(card.number)    or, again on each save:  \(kit.command) watch \(card.number)"
        )
        try Progress.update(kit) { $0.noteStart(lab) }
        try askPredictions(lab, progress)
    }

    private func duration(_ minutes: Int) -> String {
        minutes < 120
            ? counted(minutes, "minute")
            : "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min")
    }

    /// The handout asks for predictions before its commands. Here they can be written down; nobody grades them.
    private func askPredictions(_ lab: Lab, _ progress: Progress) throws {
        let questions = Self.predictions((try? Files.readText("\(lab.home)/README.md")) ?? "")
        let answered = Set(progress.predictions(lab).compactMap { $0["question"]?.string })
        let open = questions.filter { !answered.contains($0) }
        guard !open.isEmpty else { return }
        screen.say()
        screen.say(
            "The handout asks for \(counted(open.count, "prediction")). Guess before you look: nobody grades it."
        )
        guard screen.isTerminal, isatty(0) == 1 else {
            for question in open { screen.say(indented: 2, "? \(question)") }
            return
        }
        screen.say(screen.dim("Enter alone skips one; Ctrl-D ends."))
        for question in open {
            screen.say(indented: 2, "? \(question)")
            screen.emit("  > ")
            guard let answer = readLine() else {
                screen.say()
                return
            }
            if !answer.isEmpty {
                try Progress.update(kit) { $0.notePrediction(lab, question, answer) }
            }
        }
    }

    /// The questions that a handout marks as predictions: what follows `*Predict*` or `**Predict:**` in a paragraph,
    /// after the paragraph's own heading (`**Names.**`). What stands between the two may answer an earlier question.
    static func predictions(_ handout: String) -> [String] {
        paragraphs(handout).compactMap { text in
            guard let mark = text.firstRange(of: "*Predict") else { return nil }
            let question = text[mark.upperBound...].drop { "*:., ".contains($0) }
            let hasHeading = text.hasPrefix("**") && !text.hasPrefix("**Predict")
            let heading = hasHeading ? text.dropFirst(2).prefix { $0 != "*" } : ""
            if heading.last == "." { return "\(heading.dropLast()): \(question)" }
            let sentence = question.prefix(1).uppercased() + question.dropFirst()
            return heading.isEmpty ? sentence : "\(heading) \(sentence)"
        }
    }

    /// A handout's paragraphs, each in one line, without its blocks of commands.
    private static func paragraphs(_ handout: String) -> [String] {
        var found = [""]
        var isFenced = false
        for line in handout.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop { $0 == " " || $0 == ">" || $0 == "-" }
            let isFence = text.hasPrefix("```")
            if isFence { isFenced.toggle() }
            if isFence || isFenced || text.isEmpty {
                found.append("")
            } else {
                found[found.count - 1] += (found[found.count - 1].isEmpty ? "" : " ") + text
            }
        }
        return found.filter { !$0.isEmpty }
    }

    // MARK: hint

    static let levels = ["a question", "the concept", "the place to look", "nearly the code"]

    func hint(_ lab: Lab, _ number: String, again: Bool) throws {
        guard let step = try lab.card().step(number) else {
            throw StudyError("lab \(lab.number) has no step \(number)")
        }
        guard !step.hints.isEmpty else { return screen.say("Step \(number) has no hints.") }
        let taken = Progress(kit).hintsTaken(number)
        screen.say(screen.bold("Step \(number)"))
        screen.say(indented: 2, step.title)
        if again || taken >= step.hints.count {
            for level in 0..<min(taken, step.hints.count) { show(step, level) }
            if taken == 0 { screen.say("No hint of it has been taken yet.") }
        } else {
            show(step, taken)
            try Progress.update(kit) { $0.noteHint(number, level: taken + 1) }
        }
        let left = Self.levels.indices.filter {
            $0 >= min(step.hints.count, again ? taken : taken + 1) && $0 < step.hints.count
        }
        screen.say()
        screen.say(
            left.isEmpty
                ? "That was the last one. \(kit.command) diff \(number) compares yours with the reference."
                : "\(left.count) left: " + left.map { Self.levels[$0] }.joined(separator: ", ")
                    + ". \(kit.command) hint \(number) shows the next.")
    }

    private func show(_ step: LabCard.Step, _ level: Int) {
        let name = Self.levels.indices.contains(level) ? Self.levels[level] : "more"
        screen.say()
        screen.say(screen.dim("hint \(level + 1) of \(step.hints.count), \(name):"))
        screen.say(indented: 2, step.hints[level])
    }

    // MARK: progress

    /// One lab's steps, or all labs', as they stand.
    func progress(_ labs: [Lab]) throws {
        let progress = Progress(kit)
        for lab in labs {
            let card = try lab.card()
            let predictions = progress.predictions(lab).count
            screen.say(
                screen.bold("\(card.number) \(card.title)")
                    + "  \(progress.earned(in: card)) of \(card.points) points"
                    + (predictions == 0 ? "" : ", \(counted(predictions, "prediction"))"))
            for step in card.steps {
                guard let entry = progress.step(step.number) else { continue }
                let passed =
                    entry["passed"]?.string.map { "passed \($0.prefix(10))" } ?? "not passed"
                let last = entry["last"]?.string ?? ""
                var words = [passed.padded(17), counted(entry["attempts"]?.int ?? 0, "check")]
                if let hints = entry["hints"]?.int { words.append(counted(hints, "hint")) }
                if entry["passed"] != nil, !last.isEmpty, last != "pass" {
                    words.append(screen.yellow("now: \(last)"))
                }
                screen.say(
                    "  \(step.number.padded(5)) \("\(progress.earned(step.number))/\(step.points)".leftPadded(6))  \(words.joined(separator: ", "))"
                )
            }
        }
    }

    /// For machines: the progress file with the cards' titles and points beside what was earned.
    func progressJSON(_ labs: [Lab]) throws -> JSON {
        let progress = Progress(kit)
        let entries = try labs.map { lab -> JSON in
            let card = try lab.card()
            let known = progress.tree.at("labs", lab.number)
            return [
                "number": .string(card.number), "title": .string(card.title),
                "weight": JSON(card.weight), "earned": JSON(progress.earned(in: card)),
                "points": JSON(card.points), "started": known?["started"] ?? .null,
                "steps": .array(
                    card.steps.map { step in
                        let entry = progress.step(step.number)
                        return [
                            "step": .string(step.number), "points": JSON(step.points),
                            "earned": JSON(progress.earned(step.number)),
                            "passed": entry?["passed"] ?? .null, "last": entry?["last"] ?? .null,
                            "attempts": entry?["attempts"] ?? 0, "hints": entry?["hints"] ?? 0,
                        ]
                    }),
                "predictions": known?["predictions"] ?? .array([]),
            ]
        }
        return ["schema": .string(Progress.schema), "labs": .array(entries)]
    }
}
