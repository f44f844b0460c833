import Grading
import Linux

/// A check as a person reads it: a list of what holds, what doesn't and why, and what is still to do.
package struct ReportText {
    let screen: Screen
    let kit: Kit
    let lab: Lab
    let card: LabCard
    let home: CheckCommand.Home
    /// Whether all of it has to fit on a small screen: a line a step, those that are skipped in one, and the first
    /// failure below them, where it is read.
    let isCompact: Bool
    private var shownFailures = 0
    private var kept: [StepReport] = []
    private var skipped: [StepReport] = []

    init(
        _ screen: Screen, _ kit: Kit, _ lab: Lab, _ card: LabCard, _ home: CheckCommand.Home,
        isCompact: Bool = false
    ) {
        (self.screen, self.kit, self.lab, self.card, self.home) = (screen, kit, lab, card, home)
        self.isCompact = isCompact
    }

    /// A file of the part, as its reader would open it.
    private func place(_ file: String) -> String {
        switch home {
        case .mine: "Labs/\(lab.folder)/\(file)"
        case .reference: "Solutions/\(lab.folder)/\(file)"
        case .folder(let path): "\(path)/\(file)"
        }
    }

    func head() {
        let whose =
            switch home {
            case .mine: "your part"
            case .reference: "the reference"
            case .folder(let path): "the part in \(path)"
            }
        screen.say(screen.bold("Lab \(card.number) \(card.title)") + ", \(whose)")
        screen.say()
    }

    private func word(_ verdict: Verdict) -> String {
        let word = verdict.rawValue.padded(4)
        return switch verdict {
        case .pass: screen.green(word)
        case .fail, .error: screen.bold(screen.red(word))
        case .unstable: screen.yellow(word)
        case .todo: screen.bold(word)
        case .skip, .environment: screen.dim(word)
        }
    }

    /// One step, as soon as it is judged.
    mutating func show(_ report: StepReport, earned: Int) {
        guard let step = card.step(report.step) else { return }
        if isCompact, report.verdict == .skip { return skipped.append(report) }
        let points =
            report.verdict == .environment ? "  -  " : "\(earned)/\(step.points)".leftPadded(5)
        // A long word pushes its own line right and nobody else's.
        let plain = "  \(report.verdict.rawValue.padded(4))  \(step.number.padded(5)) \(points)  "
        let pieces = Screen.wrap(step.title, max(20, screen.width - plain.count))
        screen.say(
            "  \(word(report.verdict))  \(step.number.padded(5)) \(points)  \(pieces[0])")
        for piece in pieces.dropFirst() where !isCompact {
            screen.say(String(repeating: " ", count: plain.count) + piece)
        }
        switch report.verdict {
        case .todo: break
        // A pass has words only where this machine could not try all of it.
        case .pass where report.message.isEmpty:
            if let note = report.note { screen.say(indented: 8, note) }
        case .pass, .skip, .environment: screen.say(indented: 8, report.message)
        case .fail, .unstable, .error: if isCompact { kept.append(report) } else { explain(report) }
        }
    }

    /// What was held back for the end.
    private mutating func showKept() {
        if let first = skipped.first {
            screen.say(
                "  "
                    + screen.dim(
                        "skip  \(skipped.map(\.step).joined(separator: ", ")): \(first.message)"))
        }
        guard let first = kept.first else { return }
        screen.say()
        screen.say("  \(word(first.verdict))  " + screen.bold(first.step))
        explain(first)
    }

    private mutating func explain(_ report: StepReport) {
        shownFailures += 1
        screen.say(indented: 8, report.message)
        labelled("expected", report.expected)
        labelled("seen", report.seen)
        if let idea = report.idea {
            screen.say(indented: 8, screen.yellow("idea") + "      \(idea)")
        }
        // The first failure is the one to work on: the others keep their drawings for `lab replay`.
        if shownFailures == 1, let timeline = report.timeline { draw(timeline) }
        if let seed = report.seed {
            let size = report.size.map { " --size \($0)" } ?? ""
            let command = "\(kit.command) replay \(report.step) --seed \(seed)\(size)"
            screen.say(indented: 8, "again     " + screen.bold(command))
        }
        if report.message.hasPrefix("the part's program killed"), home == .mine {
            let command = "\(kit.command) replay \(report.step) --debug"
            screen.say(indented: 8, "where     " + screen.bold(command))
        }
        if let printed = report.printed {
            screen.say(indented: 8, "your part printed:")
            let lines = printed.split(separator: "\n").suffix(8).map { Self.harmless(String($0)) }
            screen.say(indented: 10, lines.joined(separator: "\n"))
        }
        if let logs = report.logs {
            screen.say(
                indented: 8, "both conversations are kept:\n  " + logs.joined(separator: "\n  "))
        }
        screen.say()
    }

    private func labelled(_ label: String, _ value: String?) {
        guard let value else { return }
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { Screen.wrap(String($0), screen.width - 18) }
        for (index, line) in lines.enumerated() {
            screen.say("        " + (index == 0 ? label : "").padded(10) + line)
        }
    }

    private func draw(_ timeline: Timeline) {
        guard !timeline.events.isEmpty else { return }
        for line in timeline.text(last: 12).split(separator: "\n") {
            let text = "        " + line
            screen.say(line.hasSuffix("<-- here") ? screen.red(text) : screen.dim(text))
        }
    }

    /// Control characters could move the cursor or change colours: they are shown by their number.
    package static func harmless(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isControl = scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F
            if isControl {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    /// What the compiler says, with what it usually means. A few are enough: the rest often follow from them.
    func show(_ complaints: [Complaint]) {
        screen.say("  " + screen.bold(screen.red("does not compile")))
        for complaint in complaints.prefix(3) {
            screen.say()
            screen.say(
                "  "
                    + screen.bold(
                        "\(place(complaint.file)):\(complaint.line):\(complaint.column)"
                    ))
            if let source = complaint.source {
                let margin = source.prefix { $0 == " " }.count
                screen.say("      " + source.dropFirst(margin))
                let column = max(0, complaint.column - 1 - margin)
                screen.say("      " + String(repeating: " ", count: column) + screen.red("^"))
            }
            screen.say(indented: 4, complaint.message)
            if let meaning = complaint.meaning {
                screen.say(indented: 4, screen.yellow("means") + " \(meaning)")
            }
        }
        let more = complaints.count - 3
        if more > 0 { screen.say("\n  and \(more) more, which may well go away with these") }
    }

    /// Why no step could be looked at.
    func show(nothingToJudge reason: String) {
        screen.say("  " + screen.bold(screen.red("nothing to judge")))
        screen.say()
        screen.say(indented: 4, reason)
    }

    /// The sum, and what to do next.
    mutating func close(_ report: Report, _ progress: Progress) {
        showKept()
        let passing = report.steps.count { $0.verdict == .pass }
        let counts =
            "\(passing) of \(counted(report.steps.count, "step")) \(passing == 1 ? "holds" : "hold")"
        let seconds = "\(report.milliseconds / 1000).\(report.milliseconds % 1000 / 100) s"
        screen.say()
        screen.say("\(counts), \(report.earned) of \(report.possible) points, in \(seconds)")
        let left = report.steps.filter { $0.verdict == .environment }.count
        if left > 0 {
            screen.say(
                "\(counted(left, "step")) can't run on this machine, and \(left == 1 ? "does" : "do") not count"
            )
        }
        if home == .mine { next(report, progress) }
    }

    private func next(_ report: Report, _ progress: Progress) {
        if !report.complaints.isEmpty {
            screen.say(
                "Mend that first; `\(kit.command) watch \(card.number)` checks again each time you save."
            )
            return
        }
        let open = report.steps.first { [.fail, .unstable, .todo].contains($0.verdict) }?.step
        // Asked for a single step, the judge says which other one comes before it.
        let earlier = report.steps.first { $0.verdict == .skip }.flatMap { skipped in
            card.steps.first { skipped.message == "step \($0.number) comes first" }?.number
        }
        guard let number = open ?? earlier, let step = card.step(number) else {
            if report.allPass,
                report.steps.count
                    >= card.steps.count(where: { $0.kind != .cluster && $0.kind != .essay })
            {
                screen.say(
                    "Well done. Now let the cluster run on it: \(kit.command) up --mine \(card.number)"
                )
            }
            return
        }
        var line = "Next: \(step.number)"
        if let file = step.file {
            let place = self.line(of: step, in: file, report)
            line += ", Labs/\(lab.folder)/\(file)" + (place.map { ":\($0)" } ?? "")
        }
        screen.say(line)
        let taken = progress.hintsTaken(step.number)
        if taken < step.hints.count {
            screen.say(
                "Stuck? \(kit.command) hint \(step.number) (\(taken == 0 ? "none" : "\(taken)") of \(step.hints.count) taken)"
            )
        }
    }

    private func line(of step: LabCard.Step, in file: String, _ report: Report) -> Int? {
        let asked = report.steps.first { $0.step == step.number }?.question
        let text = try? Files.readText("\(lab.home)/\(file)")
        return text.flatMap { Holes($0).place(of: step.number, asked: asked) }
    }
}
