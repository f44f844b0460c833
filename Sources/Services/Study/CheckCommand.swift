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
        /// What the part's program is called below the scratch directory.
        func program(_ lab: Lab) -> String {
            self == .reference ? "\(lab.number)/reference" : "\(word)/\(lab.number)"
        }
    }

    public struct Wishes: Sendable {
        /// Empty for all.
        public var steps: [String] = []
        public var home = Home.mine
        public var isLive = false
        public var seed: Int?
        public var seedCount: Int?
        public init() {}
    }

    /// - Returns: the report; everything in it has been shown.
    public func run(_ lab: Lab, _ wishes: Wishes) throws -> Report {
        let card = try lab.card()
        for step in wishes.steps where card.step(step) == nil {
            let known = card.steps.map(\.number).joined(separator: ", ")
            throw StudyError("lab \(lab.number) has no step \(step); its steps are \(known)")
        }
        let home = wishes.home
        let wish = try self.wish(lab, wishes)
        try Files.makeDirectories("\(kit.scratch)/parts")
        let turn = try Turn.take("\(kit.scratch)/parts/\(home.word)-\(lab.number).lock") {
            screen.say("another check of lab \(lab.number) is at work; waiting for it")
        }
        defer { Ownership.giveBack([kit.scratch], kit) }
        try Ground(kit: kit, screen: screen).make(lab)
        let began = Clock.monotonicMilliseconds()
        var report = Report(
            card: card, folder: "Labs/\(lab.folder)", part: home.word, isLive: wishes.isLive)
        var text = ReportText(screen, kit, lab, card, home)
        text.head()
        do {
            screen.moving("compiling")
            let program = try PartBuilder(kit).build(
                lab, sources: home.sources(lab), as: home.program(lab))
            try judge(lab, card, program, wish, home) { step in
                report.steps.append(step)
                text.show(step, earned: report.earned(step))
            }
        } catch let errors as PartBuilder.CompilerErrors {
            report.complaints = errors.complaints
            report.steps = doesNotCompile(card, wishes, errors.complaints)
            text.show(errors.complaints)
        }
        report.milliseconds = Clock.monotonicMilliseconds() - began
        screen.clearMoving()
        if home == .mine { try record(lab, card, report) }
        turn.end()
        if Interruption.came { throw Interrupted() }
        text.close(report, Progress(kit))
        return report
    }

    private func wish(_ lab: Lab, _ wishes: Wishes) throws -> Checker.Wish {
        var wish = Checker.Wish()
        wish.steps = wishes.steps
        (wish.seed, wish.seedCount) = (wishes.seed, wishes.seedCount)
        let logs = "\(kit.scratch)/logs/\(lab.number)"
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
        var second = wish
        (second.steps, second.passed) = (open, passed)
        if hasTests(home.sources(lab), card, open) {
            let variants = Variants(kit)
            screen.moving("compiling the parts that your tests should catch")
            second.reference = try variants.build(.reference, of: lab)
            second.mutants = try variants.folderOfMutants(of: lab) { done, all in
                screen.moving("compiling parts that your tests should catch: \(done) of \(all)")
            }
        } else {
            // The judge looks at neither before the part says that the tests are not written.
            (second.reference, second.mutants) = (program, second.logs)
        }
        try checker.check(lab, part: program, second, report)
    }

    /// Whether the hole of an open step holds anything but the starter's line.
    private func hasTests(_ folder: String, _ card: LabCard, _ open: [String]) -> Bool {
        open.contains { step in
            guard let file = card.step(step)?.file,
                let text = try? Files.readText("\(folder)/\(file)")
            else { return true }
            return Holes(text).contents(of: step).joined()
                .contains { !$0.contains("Unfinished(") && $0.contains { $0 != " " } }
        }
    }

    /// Code that does not compile fails every step that was asked for.
    private func doesNotCompile(
        _ card: LabCard, _ wishes: Wishes, _ complaints: [Complaint]
    ) -> [StepReport] {
        let first = complaints.first.map { " (\($0.file):\($0.line): \($0.message))" } ?? ""
        return card.steps.filter { step in
            step.kind != .essay && (step.kind != .cluster || wishes.isLive)
                && (wishes.steps.isEmpty || wishes.steps.contains(step.number))
        }.map { StepReport($0.number, .fail, "the part does not compile\(first)") }
    }

    private func record(_ lab: Lab, _ card: LabCard, _ report: Report) throws {
        try Progress.update(kit) { progress in
            for step in report.steps { progress.note(step, earned: report.earned(step)) }
            try progress.keepFiles(lab, card, report.steps)
        }
    }
}
