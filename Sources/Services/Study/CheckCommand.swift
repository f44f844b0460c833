import Grading
import JSON
import Linux

/// `lab check`: builds the part, has it judged, says what holds and what to do next.
public struct CheckCommand {
    let kit: Kit
    let screen: Screen

    public init(_ kit: Kit, _ screen: Screen) { (self.kit, self.screen) = (kit, screen) }

    /// Whose files are judged.
    public enum Home: Hashable, Sendable {
        case mine, reference
        /// Another folder with the lab's files: somebody's hand-in. Nothing of it is recorded.
        case folder(String)

        var word: String {
            switch self {
            case .mine: "mine"
            case .reference: "reference"
            case .folder: "folder"
            }
        }
        func sources(_ lab: Lab) -> String {
            switch self {
            case .mine: lab.home
            case .reference: lab.solution
            case .folder(let path): path
            }
        }
        /// What the part's program is called below the scratch directory. A hand-in shares its place with no other check.
        func program(_ lab: Lab) -> String {
            switch self {
            case .mine: "mine/\(lab.number)"
            case .reference: "\(lab.number)/reference"
            case .folder: "folder/\(lab.number)-\(getpid())"
            }
        }
        /// Where the conversations of a check are kept, likewise.
        func logs(_ lab: Lab) -> String {
            if case .folder = self { return "logs/\(lab.number)-\(getpid())" }
            return "logs/\(lab.number)"
        }
    }

    public struct Wishes: Sendable {
        /// Empty for all.
        public var steps: [String] = []
        public var home = Home.mine
        public var isLive = false
        public var seed: Int?
        public var seedCount: Int?
        /// Whether what is shown has to fit on a small screen.
        public var isCompact = false
        public init() {}
    }

    /// - Returns: the report; everything in it has been shown.
    public func run(_ lab: Lab, _ wishes: Wishes) throws -> Report {
        let card = try lab.card()
        for step in wishes.steps where card.step(step) == nil {
            let known = card.steps.map(\.number).joined(separator: ", ")
            throw StudyError("lab \(lab.number) has no step \(step); its steps are \(known)")
        }
        defer { Ownership.giveBack([kit.scratch], kit) }
        if case .folder = wishes.home { return try checked(lab, card, wishes) }
        try Files.makeDirectories("\(kit.scratch)/parts")
        let turn = try Turn.take("\(kit.scratch)/parts/\(wishes.home.word)-\(lab.number).lock") {
            screen.say("another check of lab \(lab.number) is at work; waiting for it")
        }
        let report = try checked(lab, card, wishes)
        turn.end()
        return report
    }

    private func checked(_ lab: Lab, _ card: LabCard, _ wishes: Wishes) throws -> Report {
        let home = wishes.home
        let wish = try self.wish(lab, wishes)
        try Ground(kit: kit, screen: screen).make(lab)
        let began = Clock.monotonicMilliseconds()
        var report = Report(
            card: card, folder: "Labs/\(lab.folder)", part: home.word, isLive: wishes.isLive,
            kit: kit.version)
        var text = ReportText(screen, kit, lab, card, home, isCompact: wishes.isCompact)
        text.head()
        defer { clearAway(lab, home, report) }
        do {
            screen.moving("compiling")
            let program = try PartBuilder(kit).build(
                lab, sources: home.sources(lab), as: home.program(lab))
            try judge(lab, card, program, wish, home) { step in
                report.take(step)
                text.show(step, earned: report.earned(step))
            }
        } catch let errors as CompilerErrors {
            report.complaints = errors.complaints
            let first =
                errors.complaints.first.map { " (\($0.file):\($0.line): \($0.message))" } ?? ""
            report.steps = all(card, wishes, .fail, "the part does not compile\(first)")
            text.show(errors.complaints)
        } catch let refused as HandIn.Refused {
            report.steps = all(card, wishes, .fail, "there is nothing to judge: \(refused)")
            text.show(nothingToJudge: "\(refused)")
        } catch let fault as MachineFault {
            report.steps = all(card, wishes, .environment, "\(fault)")
            text.show(nothingToJudge: "\(fault)")
        }
        report.milliseconds = Clock.monotonicMilliseconds() - began
        screen.clearMoving()
        if home == .mine { try record(lab, card, report) }
        if Interruption.came { throw Interrupted() }
        text.close(report, Progress(kit))
        return report
    }

    /// Of a hand-in nothing stays but the conversations that its report speaks of.
    private func clearAway(_ lab: Lab, _ home: Home, _ report: Report) {
        guard case .folder = home else { return }
        try? Files.removeTree("\(kit.scratch)/parts/\(home.program(lab))")
        if !report.steps.contains(where: { $0.logs != nil }) {
            try? Files.removeTree("\(kit.scratch)/\(home.logs(lab))")
        }
    }

    private func wish(_ lab: Lab, _ wishes: Wishes) throws -> Checker.Wish {
        var wish = Checker.Wish()
        wish.steps = wishes.steps
        (wish.seed, wish.seedCount) = (wishes.seed, wishes.seedCount)
        let logs = "\(kit.scratch)/\(wishes.home.logs(lab))"
        try Files.makeDirectories(logs)
        wish.logs = logs
        if wishes.isLive {
            wish.live = try kit.kubeconfig()
            // The kubectl that the launcher fetched counts where the machine has none.
            let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
            setenv("PATH", "\(path):\(kit.state)/tools", 1)
        }
        return wish
    }

    /// The open step's judge needs known wrong parts, seconds of compiling: so it comes last, and only where
    /// the student has written tests.
    private func judge(
        _ lab: Lab, _ card: LabCard, _ program: String, _ wish: Checker.Wish, _ home: Home,
        _ show: (StepReport) -> Void
    ) throws {
        let asked = wish.steps.isEmpty ? card.steps.map(\.number) : wish.steps
        let open = card.steps.filter { $0.kind == .open && asked.contains($0.number) }.map(\.number)
        let checker = Checker(kit)
        var passed: [String] = []
        func report(_ step: StepReport) {
            passed.removeAll { $0 == step.step }
            if step.verdict == .pass { passed.append(step.step) }
            show(step)
            if step.step != asked.last { screen.moving("judging") }
        }
        var first = wish
        first.steps = asked.filter { !open.contains($0) }
        if !first.steps.isEmpty {
            screen.moving("judging")
            try checker.check(lab, part: program, first, report)
        }
        guard !open.isEmpty, !Interruption.came else { return }
        let written = open.filter { hasTests(home.sources(lab), card, $0) }
        for step in open where !written.contains(step) {
            show(StepReport(step, .todo, "not written yet"))
        }
        guard !written.isEmpty else { return }
        var second = wish
        (second.steps, second.passed) = (written, passed)
        let variants = Variants(kit)
        screen.moving("compiling the parts that your tests should catch")
        second.reference = try variants.build(.reference, of: lab)
        second.mutants = try variants.folderOfMutants(of: lab) { done, all in
            screen.moving("compiling parts that your tests should catch: \(done) of \(all)")
        }
        try checker.check(lab, part: program, second, report)
    }

    /// Whether the hole of an open step holds anything but remarks and the starter's line. What stands around it is no
    /// answer to it.
    private func hasTests(_ folder: String, _ card: LabCard, _ step: String) -> Bool {
        guard let file = card.step(step)?.file, let text = try? Files.readText("\(folder)/\(file)")
        else {
            return false
        }
        return Holes(text).contents(of: step).joined().contains { line in
            let code = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            return !code.isEmpty && !code.hasPrefix("//") && !code.hasPrefix("throw Unfinished(")
        }
    }

    /// One verdict on every step that was asked for.
    private func all(
        _ card: LabCard, _ wishes: Wishes, _ verdict: Verdict, _ message: String
    ) -> [StepReport] {
        card.steps.filter { step in
            step.kind != .essay && (step.kind != .cluster || wishes.isLive)
                && (wishes.steps.isEmpty || wishes.steps.contains(step.number))
        }.map { StepReport($0.number, verdict, message) }
    }

    private func record(_ lab: Lab, _ card: LabCard, _ report: Report) throws {
        try Progress.update(kit) { progress in
            for step in report.steps { progress.note(step, earned: report.earned(step)) }
            try progress.keepFiles(lab, card, report.steps)
        }
    }
}
