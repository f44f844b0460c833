import Grading
import Linux

/// `lab try`: the concept's own program with the student's part in it.
struct TryCommand {
    let kit: Kit
    let screen: Screen
    let lab: Lab
    let home: CheckCommand.Home

    /// The labs whose concept has a light program of its own; the others' judges show something.
    private static let programs = ["01": "namespaces", "02": "cgroups", "03": "overlay"]

    /// What of the reference, tried, is the answer to a step: the lab, the first word, the step.
    private static let answers = [(lab: "01", word: "plan", step: "01.4")]

    /// - Throws: `StudyError` where the answer to a step that has not passed would be shown, and nobody said yes to it.
    func askBeforeAnAnswerIsShown(_ words: [String], sure: Bool) throws {
        let shown = Self.answers.first { $0.lab == lab.number && $0.word == words.first }
        guard home == .reference, !sure, let step = shown?.step, !Progress(kit).hasPassed(step)
        else { return }
        screen.say("Step \(step) has not passed yet, and this shows the answer.")
        guard screen.asks("Show it all the same?") else {
            throw StudyError(
                "not shown; \(kit.command) try --reference --yes \(lab.number) \(words[0]) shows it without asking"
            )
        }
    }

    /// Becomes the program.
    func run(_ arguments: [String]) throws -> Never {
        let ground = Ground(kit: kit, screen: screen)
        try ground.make(lab)
        let part = try self.part()
        let path: String
        var words: [String]
        if let name = Self.programs[lab.number] {
            path = try ground.program(name)
            words = [name] + arguments
            if home == .mine { setenv("DRYDOCK_PART_\(lab.number)", part, 1) }
        } else {
            path = "\(kit.built)/check-\(lab.number)"
            words = ["check-\(lab.number)", "--part", part, "--lab", lab.home, "--try"] + arguments
        }
        screen.clearMoving()
        Ownership.giveBack([kit.scratch], kit)
        var pointers = words.map { strdup($0) } as [UnsafeMutablePointer<CChar>?] + [nil]
        execv(path, &pointers)
        throw SystemError("start \(path)", .current)
    }

    private func part() throws -> String {
        screen.moving("compiling")
        do {
            return try PartBuilder(kit).build(
                lab, sources: home.sources(lab), as: home.program(lab))
        } catch let errors as CompilerErrors {
            ReportText(screen, kit, lab, try lab.card(), home).show(errors.complaints)
            throw StudyError("it does not compile, so there is nothing to try")
        }
    }
}
