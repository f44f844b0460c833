import Grading
import Linux
import Study

/// What the kit proves about a lab: the solution passes, every emptied hole is noticed by its own step, and
/// every mutant dies by the step and with the message that its header names.
public struct Proof {
    let kit: Kit
    let screen: Screen

    public init(_ kit: Kit, _ screen: Screen) { (self.kit, self.screen) = (kit, screen) }

    public struct Outcome: Sendable {
        public var held = 0
        /// What this machine can't run, one line each.
        public var skipped: [String] = []
        public var broken: [String] = []

        mutating func add(_ other: Outcome) {
            held += other.held
            skipped += other.skipped
            broken += other.broken
        }

        /// Takes in what a proof printed.
        mutating func read(_ text: String) {
            for line in text.split(separator: "\n") {
                if line.hasPrefix("  holds") { held += 1 }
                if line.hasPrefix("  skipped") { skipped.append(String(line)) }
                if line.hasPrefix("  BROKEN") { broken.append(String(line)) }
            }
        }
    }

    /// - Parameter only: the name of one mutant, or of one step whose hole is emptied; nil for all.
    public func run(_ lab: Lab, only: String? = nil) throws -> Outcome {
        var outcome = Outcome()
        try Ground(kit: kit, screen: screen).make(lab)
        let card = try lab.card()
        if only == nil {
            for line in try LabRules(lab: lab, card: card).lines() {
                screen.say(line)
                outcome.read(line)
            }
        }
        let mutants = try Variants(kit).mutants(of: lab).map(\.name)
        // What only a person or a running cluster can tell about is not looked at here.
        let steps = card.steps.filter {
            $0.file != nil && $0.kind != .essay && $0.kind != .cluster
        }
        var variants = steps.map { Variants.Variant.emptied($0.number) }
        for step in steps where step.kind == .open {
            variants += [.weak(step.number), .few(step.number), .grumpy(step.number)]
        }
        variants += mutants.map { .mutant($0) }
        if let only {
            variants = variants.filter {
                $0.name.split(separator: "/").last.map(String.init) == only
            }
            guard !variants.isEmpty else {
                throw StudyError("lab \(lab.number) has neither a mutant nor a hole \(only)")
            }
        } else {
            variants.insert(contentsOf: [.reference, .starter], at: 0)
        }
        // In a clone where nothing was built yet, it isn't there.
        try Files.makeDirectories("\(kit.scratch)/parts")
        let turn = try Turn.take("\(kit.scratch)/parts/\(lab.number).proof.lock") {
            screen.say("another proof of lab \(lab.number) is at work; waiting for it")
        }
        // The open step is judged with all of them, so they come first.
        let built = Set([.reference] + variants + mutants.map { .mutant($0) }).sorted {
            $0.name < $1.name
        }
        var unbuilt: [Variants.Variant: String] = [:]
        try Jobs(kit: kit).run(built.map { ["build-variant", lab.number, $0.name] }) {
            index, ending, text in
            screen.moving("lab \(lab.number): \(index + 1) of \(built.count) variants built")
            if !ending.succeeded { unbuilt[built[index]] = text }
        }
        if let text = unbuilt[.reference] { unbuilt = [.reference: text] }
        let folder = try Variants(kit).linkMutants(
            of: lab, mutants.filter { unbuilt[.mutant($0)] == nil })
        let judged = unbuilt[.reference] == nil ? variants.filter { unbuilt[$0] == nil } : []
        for (variant, text) in unbuilt.sorted(by: { $0.key.name < $1.key.name }) {
            let line =
                "  BROKEN  \(variant.name) does not build: \(text.split(separator: "\n").first ?? "")"
            screen.say(line)
            outcome.read(line)
        }
        try Jobs(kit: kit).run(judged.map { ["judge-variant", lab.number, $0.name, folder] }) {
            index, ending, text in
            screen.clearMoving()
            screen.emit(text)
            outcome.read(text)
            if !ending.succeeded {
                outcome.broken.append("  BROKEN  \(judged[index].name): \(ending)")
            }
        }
        turn.end()
        return outcome
    }

    /// Judges one variant, which is built, and says what holds; a process of its own.
    func judge(_ variant: Variants.Variant, of lab: Lab, mutants: String) throws {
        var wish = Checker.Wish()
        wish.reference = try Variants(kit).build(.reference, of: lab)
        wish.mutants = mutants
        let program = try Variants(kit).build(variant, of: lab)
        switch variant {
        case .reference:
            for report in try reports(lab, program, wish) { sayOfSolution(report, try lab.card()) }
        case .starter: sayOfStarter(try reports(lab, program, wish))
        case .emptied(let step):
            wish.steps = [step]
            let report = try reports(lab, program, wish).first
            // What a check itself has against a part comes with an idea; a crash or a late answer has none.
            let isTheChecksOwn = report?.verdict == .fail && report?.idea != nil
            say(
                "hole \(step) emptied", report?.verdict == .todo || isTheChecksOwn, report,
                "is a \(report?.verdict.rawValue ?? "")")
        case .weak(let step):
            try refused(
                lab, program, wish, step, "that find nothing wrong", "the tests catch at least half"
            )
        case .few(let step):
            try refused(
                lab, program, wish, step, "that find too little", "the tests catch at least half")
        case .grumpy(let step):
            try refused(
                lab, program, wish, step, "that complain about everything",
                "the tests pass on the reference")
        case .mutant(let name):
            guard let mutant = try Variants(kit).mutants(of: lab).first(where: { $0.name == name })
            else {
                throw StudyError("no mutant \(name)")
            }
            wish.steps = [mutant.step]
            let report = try reports(lab, program, wish).first
            let killed =
                report?.verdict == .fail && report?.message.contains(mutant.message) == true
            say("mutant \(name)", killed, report, "dies by \(mutant.step)")
        }
    }

    private func refused(
        _ lab: Lab, _ program: String, _ wish: Checker.Wish, _ step: String, _ kind: String,
        _ message: String
    ) throws {
        var wish = wish
        wish.steps = [step]
        let report = try reports(lab, program, wish).first
        let isRefused = report?.verdict == .fail && report?.message.hasPrefix(message) == true
        say("tests of \(step) \(kind)", isRefused, report, "are refused")
    }

    /// Every step of an untouched starter reads as work to do, and nothing in it crashes, fails or passes.
    private func sayOfStarter(_ reports: [StepReport]) {
        let fine: Set<Verdict> = [.todo, .skip, .environment]
        let wrong = reports.first { !fine.contains($0.verdict) }
        say(
            "the starter" + (wrong.map { " at \($0.step)" } ?? ""),
            wrong == nil && !reports.isEmpty,
            wrong, "compiles without a warning, and its \(reports.count) steps are to do")
    }

    /// How many of the mutants the reference's own tests have to catch.
    static let shareLeast = 0.8

    private func sayOfSolution(_ report: StepReport, _ card: LabCard) {
        let isOpen = card.step(report.step)?.kind == .open
        let enough = !isOpen || report.share >= Self.shareLeast
        let share =
            isOpen
            ? " (its tests catch \(Int((report.share * 100).rounded())) % of the mutants)" : ""
        say(
            "the solution at \(report.step)", report.verdict == .pass && enough, report,
            "passes\(share)")
        if report.verdict == .pass, !report.message.isEmpty {
            screen.say("  skipped the solution at \(report.step), \(report.message)")
        }
    }

    private func say(_ what: String, _ holds: Bool, _ report: StepReport?, _ fine: String) {
        if let report, report.verdict == .environment {
            return screen.say("  skipped \(what): \(report.message)")
        }
        guard holds else {
            let saw =
                report.map { "\($0.verdict.rawValue) (share \($0.share)): \($0.message)" }
                ?? "no verdict"
            let details = [
                report?.expected.map { "expected \($0)" }, report?.seen.map { "seen \($0)" },
            ]
            .compactMap { $0 }.joined(separator: "; ")
            return screen.say(
                "  BROKEN  \(what): \(saw)" + (details.isEmpty ? "" : " [\(details)]"))
        }
        screen.say("  holds   \(what) \(fine)")
    }

    private func reports(_ lab: Lab, _ program: String, _ wish: Checker.Wish) throws -> [StepReport]
    {
        var reports: [StepReport] = []
        try Checker(kit).check(lab, part: program, wish) { reports.append($0) }
        return reports
    }
}
